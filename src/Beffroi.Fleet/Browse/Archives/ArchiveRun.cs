using System.Runtime.CompilerServices;
using System.Text;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Operations;

namespace Beffroi.Fleet.Browse.Archives;

/// <summary>Writes a selection into an archive, in the order of the catalogue.</summary>
/// <remarks>A damaged record costs its own files only: each is named in the report, and the rest goes on. Memory: two
/// windows of contents, one entry of the report for each thing left out, and for a zip its directory.</remarks>
internal sealed class ArchiveRun(
    SnapshotReader reader, Selection selection, IArchiveWriter writer, ArchiveTally tally)
{
    private readonly Dictionary<ulong, Member> _firstLinks = [];
    private readonly HashSet<EntryPath> _gaps = [];
    private Member? _open;

    internal async Task ExecuteAsync(
        ArchiveReadme readme, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var isNameTaken = false;
        await foreach (var step in new ReadAhead(reader.Source, reader.Pool)
            .ReadAsync(AskAsync(cancellationToken), cancellationToken))
        {
            if (step.Tag.IsStart)
            {
                await EndAsync(cancellationToken);
                isNameTaken |= Encoding.UTF8.GetString(step.Tag.Member.Name.Parts.Span) == readme.FileName;
                await BeginAsync(step.Tag.Member, cancellationToken);
            }
            else
            {
                await WriteAsync(step, cancellationToken);
            }
        }
        await EndAsync(cancellationToken);
        var text = tally.HasNotes ? Encoding.UTF8.GetBytes(readme.Write(tally.ToReport())) : null;
        var name = isNameTaken ? "_" + readme.FileName : readme.FileName;
        await writer.FinishAsync(text is null ? null : (name, text), now, cancellationToken);
    }

    /// <summary>Each entry, and right behind it the pieces of its content.</summary>
    private async IAsyncEnumerable<AskedPiece<Step>> AskAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (_, entry) in selection.ReadAsync(reader, NoteGap, cancellationToken))
        {
            var member = new Member(ArchiveName.Of(entry.Path, selection.Above), entry);
            if (writer.KeepsHardLinks && entry.HardLinkGroup != 0 && entry.Kind == EntryKind.File
                && !_firstLinks.TryAdd(entry.HardLinkGroup, member))
                member.LinkTo = _firstLinks[entry.HardLinkGroup];
            yield return new AskedPiece<Step>(new Step(member, IsStart: true), 0, Piece: null);
            if (entry.Kind != EntryKind.File || member.LinkTo is not null) continue;
            await foreach (var asked in AskContentAsync(member, cancellationToken)) yield return asked;
        }
    }

    private async IAsyncEnumerable<AskedPiece<Step>> AskContentAsync(
        Member member, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var step = new Step(member, IsStart: false);
        await using var pieces = reader.Catalogue.PiecesFromAsync(member.Entry.Content, 0, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            VaultException? failure = null;
            try
            {
                if (!await pieces.MoveNextAsync()) yield break;
            }
            catch (VaultException exception) when (SnapshotBrowser.IsDamage(exception))
            {
                failure = exception; // Its chunk list is damaged; the other files go on.
            }
            if (failure is not null)
            {
                yield return new AskedPiece<Step>(step with { ListFailure = failure }, 0, Piece: null);
                yield break;
            }
            yield return new AskedPiece<Step>(step, pieces.Current.Offset, pieces.Current.Piece);
        }
    }

    private async ValueTask BeginAsync(Member member, CancellationToken cancellationToken)
    {
        var entry = member.Entry;
        if (entry.Windows is { Streams.Count: > 0 and var streams })
            tally.Count(ArchiveNoteKind.Streams, streams);
        if (entry.Kind == EntryKind.File && member.LinkTo is null)
        {
            _open = member;
            return;
        }
        if (member.LinkTo is { Failure: { } failure }) NoteDamage(member, failure);
        else if (await writer.AddAsync(member.Name, entry, member.LinkTo?.Name, cancellationToken))
        {
            if (entry.Kind == EntryKind.File) tally.AddFile(entry.Bytes);
        }
        else NoteLeftOut(member);
    }

    private void NoteLeftOut(Member member)
    {
        var isLink = member.Entry.Kind == EntryKind.SymbolicLink;
        tally.Note(new ArchiveNote(
            isLink ? ArchiveNoteKind.Link : ArchiveNoteKind.Special, member.Name.Show(),
            isLink ? EntryName.Show(member.Entry.LinkTarget.Span, out _) : member.Entry.Kind.ToString()));
    }

    private async ValueTask WriteAsync(ReadPiece<Step> step, CancellationToken cancellationToken)
    {
        var member = step.Tag.Member;
        if (member.Failure is not null) return; // The file ended at its first damaged piece.
        if ((step.Tag.ListFailure ?? step.Failure) is { } failure)
        {
            member.Failure = failure;
            return;
        }
        foreach (var (fileOffset, start, length) in DataExtent.Place(
            member.Entry.Extents, step.Offset, step.Bytes.Length))
        {
            await FillAsync(member, fileOffset, cancellationToken);
            await PutAsync(member, step.Bytes.Slice(start, length), cancellationToken);
        }
    }

    private async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        if (_open is not { } member) return;
        _open = null;
        if (member.Failure is null)
        {
            await FillAsync(member, member.Entry.Bytes, cancellationToken);
            if (!member.IsBegun) await writer.BeginFileAsync(member.Name, member.Entry, cancellationToken);
            await writer.EndFileAsync(cancellationToken);
            tally.AddFile(member.Entry.Bytes);
            return;
        }
        if (member.IsBegun) await writer.EndFileAsync(cancellationToken);
        NoteDamage(member, member.Failure);
    }

    private void NoteDamage(Member member, VaultException failure)
    {
        var isCut = member.IsBegun;
        tally.Note(new ArchiveNote(
            isCut ? ArchiveNoteKind.Cut : ArchiveNoteKind.Damaged, member.Name.Show(), failure.CodeText,
            isCut ? member.Written : null));
    }

    private void NoteGap(EntryPath first, VaultException cause)
    {
        if (_gaps.Add(first))
            tally.Note(new ArchiveNote(
                ArchiveNoteKind.ListDamaged, EntryName.ShowPath(first), cause.CodeText));
    }

    /// <summary>Writes the hole up to a place.</summary>
    private async ValueTask FillAsync(Member member, long until, CancellationToken cancellationToken)
    {
        while (member.Written < until)
            await PutAsync(member, Zeros[..(int)Math.Min(Zeros.Length, until - member.Written)], cancellationToken);
    }

    private async ValueTask PutAsync(Member member, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (!member.IsBegun)
        {
            await writer.BeginFileAsync(member.Name, member.Entry, cancellationToken);
            member.IsBegun = true;
        }
        await writer.WriteAsync(bytes, cancellationToken);
        member.Written += bytes.Length;
    }

    private static readonly ReadOnlyMemory<byte> Zeros = new byte[64 << 10];

    private readonly record struct Step(Member Member, bool IsStart, VaultException? ListFailure = null);

    /// <summary>One entry on its way into the archive.</summary>
    private sealed class Member(ArchiveName name, Entry entry)
    {
        internal ArchiveName Name => name;
        internal Entry Entry => entry;
        internal Member? LinkTo { get; set; }
        internal VaultException? Failure { get; set; }
        internal bool IsBegun { get; set; }
        internal long Written { get; set; }
    }
}
