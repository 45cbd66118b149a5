using Beffroi.Fleet.Browse.Archives;
using Beffroi.Fleet.Browse.Files;
using Beffroi.Identity.Access;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Fleet.Browse;

/// <summary>Contents of backups on their way to a person: one file, its preview, or a selection as an archive. May be
/// used from many threads at once.</summary>
/// <remarks>Takes the right to restore, and from outside the member a consent; each is journalled.</remarks>
public sealed class SnapshotDownloads
{
    // Images and PDF are read whole by the browser, which must not choke on a scan of gigabytes.
    private const long ShownBytesMax = 32 << 20;

    private readonly SnapshotGate _gate;
    private readonly TimeProvider _time;
    private readonly TimeZoneInfo _zone;

    internal SnapshotDownloads(SnapshotGate gate, TimeProvider time, TimeZoneInfo zone) =>
        (_gate, _time, _zone) = (gate, time, zone);

    /// <summary>Opens a file to be saved.</summary>
    /// <param name="cancellationToken">Of the whole request: it also ends reading ahead.</param>
    /// <returns>Not found if the entry is no file; damaged if its first part is. The caller disposes of the
    /// file.</returns>
    public async Task<Reading<StoredFile>> OpenFileAsync(
        Caller caller, SnapshotId snapshot, EntryId entry, CancellationToken cancellationToken)
    {
        var opened = await OpenAsync(caller, snapshot, entry, ReadingPurpose.File, cancellationToken);
        if (opened.Value is not { } found) return Reading<StoredFile>.Refused(opened.Outcome);
        return await found.TryStartAsync(1) is null
            ? await found.RefuseAsync<StoredFile>()
            : Reading<StoredFile>.Of(found.ToFile(DownloadHeaders.Saved(found.Name)));
    }

    /// <summary>Looks at the start of a file: text is decoded, an image or PDF is opened, anything else is not
    /// shown.</summary>
    /// <param name="cancellationToken">Of the whole request.</param>
    public async Task<Reading<FilePreview>> PreviewAsync(
        Caller caller, SnapshotId snapshot, EntryId entry, CancellationToken cancellationToken)
    {
        var opened = await OpenAsync(caller, snapshot, entry, ReadingPurpose.Preview, cancellationToken);
        if (opened.Value is not { } found) return Reading<FilePreview>.Refused(opened.Outcome);
        if (await found.TryStartAsync(ContentSniffer.TextBytesMax) is not { } start)
            return await found.RefuseAsync<FilePreview>();

        var type = ContentSniffer.Recognize(start);
        if (type is not (PreviewType.None or PreviewType.Text) && found.Content.Length <= ShownBytesMax)
        {
            var file = found.ToFile(DownloadHeaders.Shown(found.Name, type));
            return Reading<FilePreview>.Of(new FilePreview(type, Text: null, IsCut: false, file));
        }
        var isCut = found.Content.Length > start.Length;
        await found.Content.DisposeAsync();
        return Reading<FilePreview>.Of(type == PreviewType.Text
            ? new FilePreview(type, ContentSniffer.Decode(start, isCut), isCut, File: null)
            : new FilePreview(PreviewType.None, Text: null, IsCut: false, File: null));
    }

    /// <summary>Opens a selection to be saved as an archive.</summary>
    /// <param name="entries">Up to 1,000; folders with all that lies below them.</param>
    /// <param name="name">Name of the archive without its ending.</param>
    /// <param name="readme">The words of the report, should there be something to report.</param>
    /// <returns>Not found if one of the entries is not there. The caller disposes of the archive.</returns>
    public async Task<Reading<StoredArchive>> OpenArchiveAsync(
        Caller caller, SnapshotId snapshot, IReadOnlyList<EntryId> entries, ArchiveFormat format, string name,
        ArchiveReadme readme, CancellationToken cancellationToken)
    {
        var opened = await _gate.OpenAsync(
            caller, snapshot, ReadingPurpose.Archive, EntriesText.Of(entries), cancellationToken);
        if (opened.Value is not { } lease) return Reading<StoredArchive>.Refused(opened.Outcome);

        var reader = new SnapshotReader(lease);
        try
        {
            var selection = await Selection.FindAsync(reader, entries, cancellationToken);
            if (selection is null) return Reading<StoredArchive>.Refused(ReadingOutcome.NotFound);
            var archive = new StoredArchive(reader, selection, format, name, readme, _time, _zone);
            reader = null; // The archive's now.
            return Reading<StoredArchive>.Of(archive);
        }
        catch (VaultException exception) when (SnapshotBrowser.IsDamage(exception))
        {
            return Reading<StoredArchive>.Refused(ReadingOutcome.Damaged);
        }
        finally
        {
            reader?.Dispose();
        }
    }

    private async Task<Reading<FoundFile>> OpenAsync(
        Caller caller, SnapshotId snapshot, EntryId entry, ReadingPurpose purpose, CancellationToken cancellationToken)
    {
        var opened = await _gate.OpenAsync(caller, snapshot, purpose, entry.ToString(), cancellationToken);
        if (opened.Value is not { } lease) return Reading<FoundFile>.Refused(opened.Outcome);

        var reader = new SnapshotReader(lease);
        try
        {
            if (await reader.FindAsync(entry, cancellationToken) is not { Kind: EntryKind.File } file)
                return Reading<FoundFile>.Refused(ReadingOutcome.NotFound);
            var content = new StoredFileStream(reader, file, cancellationToken);
            reader = null; // The stream's now.
            return Reading<FoundFile>.Of(new FoundFile(file, content));
        }
        catch (VaultException exception) when (SnapshotBrowser.IsDamage(exception))
        {
            return Reading<FoundFile>.Refused(ReadingOutcome.Damaged);
        }
        finally
        {
            reader?.Dispose();
        }
    }

    private sealed record FoundFile(Entry Entry, StoredFileStream Content)
    {
        internal string Name => EntryName.Show(Entry.Path.Name.Span, out _);

        /// <summary>Reads the start, so that damage there is said before an answer begins.</summary>
        /// <returns>Null when it is damaged.</returns>
        internal async Task<byte[]?> TryStartAsync(int bytes)
        {
            var start = new byte[(int)Math.Min(bytes, Content.Length)];
            try
            {
                await Content.ReadExactlyAsync(start);
                Content.Position = 0;
                return start;
            }
            catch (VaultException exception) when (SnapshotBrowser.IsDamage(exception))
            {
                return null;
            }
        }

        internal async Task<Reading<T>> RefuseAsync<T>()
            where T : class
        {
            await Content.DisposeAsync();
            return Reading<T>.Refused(ReadingOutcome.Damaged);
        }

        internal StoredFile ToFile(DownloadHeaders headers) => new(
            Content, Name, Entry.Bytes, EntryLine.TimeOf(Entry), ContentTag.Of(Entry), headers);
    }
}
