using System.CommandLine;
using Beffroi.Agent.Backup;
using Beffroi.Protocol.Client;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Operations;

namespace Beffroi.Agent.Commands;

/// <summary>'beffroi diff': what changed from one snapshot to another.</summary>
internal sealed class DiffCommand : Command
{
    internal DiffCommand(AgentContext context)
        : base("diff", "Show what changed between two snapshots: + added, - removed, M content, U metadata only. "
            + "Exit codes: 0 done, 1 no such snapshot, 10 not enrolled, 11 server unreachable, 20 damage found.")
    {
        var older = new Argument<string>("SNAPSHOT1")
        {
            Description = "The one to compare from: an id, the start of one, or 'latest'.",
        };
        var newer = new Argument<string>("SNAPSHOT2") { Description = "The one to compare to." };
        var (json, key, packs) = (SharedOptions.Json(), SharedOptions.RecoveryKey(), SharedOptions.Packs());
        Arguments.Add(older);
        Arguments.Add(newer);
        Option[] options = [json, key, packs];
        foreach (var option in options) Options.Add(option);
        SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            context.Terminal, parsed.GetValue(json), async () =>
        {
            await using var access = await context.OpenSnapshotsAsync(
                parsed.GetValue(key), parsed.GetValue(packs), SessionPurpose.Restore, cancellationToken);
            var from = await access.OpenAsync(parsed.GetRequiredValue(older), cancellationToken);
            var to = await access.OpenAsync(parsed.GetRequiredValue(newer), cancellationToken);
            using var fromRecords = new RecordReader(from.Records, new BufferPool());
            using var toRecords = new RecordReader(to.Records, new BufferPool());
            var left = new CatalogueReader(fromRecords)
                .ReadAsync(from.Root, default, unreadable: null, cancellationToken);
            var right = new CatalogueReader(toRecords).ReadAsync(to.Root, default, unreadable: null, cancellationToken);
            await foreach (var (change, path) in CompareAsync(left, right))
                Show(context.Terminal, change, path, parsed.GetValue(json));
            return ExitCode.Done;
        }));
    }

    /// <summary>Merges two ordered lists of entries.</summary>
    internal static async IAsyncEnumerable<(char Change, EntryPath Path)> CompareAsync(
        IAsyncEnumerable<Entry> left, IAsyncEnumerable<Entry> right)
    {
        await using var older = left.GetAsyncEnumerator();
        await using var newer = right.GetAsyncEnumerator();
        var (hasOlder, hasNewer) = (await older.MoveNextAsync(), await newer.MoveNextAsync());
        while (hasOlder || hasNewer)
        {
            var order = !hasOlder ? 1 : !hasNewer ? -1 : older.Current.Path.CompareTo(newer.Current.Path);
            if (order < 0) yield return ('-', older.Current.Path);
            else if (order > 0) yield return ('+', newer.Current.Path);
            else if (Compare(older.Current, newer.Current) is { } change) yield return (change, newer.Current.Path);
            if (order <= 0) hasOlder = await older.MoveNextAsync();
            if (order >= 0) hasNewer = await newer.MoveNextAsync();
        }
    }

    private static char? Compare(Entry older, Entry newer)
    {
        var sameContent = older.Kind == newer.Kind && older.Bytes == newer.Bytes
            && older.LinkTarget.Span.SequenceEqual(newer.LinkTarget.Span)
            && SamePieces(older, newer) && older.Extents.SequenceEqual(newer.Extents);
        if (!sameContent) return 'M';
        var sameMetadata = older.Mode == newer.Mode && older.UserId == newer.UserId && older.GroupId == newer.GroupId
            && older.ModifiedNs == newer.ModifiedNs
            && SameAttributes(older.ExtendedAttributes, newer.ExtendedAttributes)
            && SameWindows(older.Windows, newer.Windows);
        return sameMetadata ? null : 'U';
    }

    /// <summary>A small file may lie in a record with its neighbours, and is in another one once one of them has
    /// changed: length and time decide.</summary>
    private static bool SamePieces(Entry older, Entry newer) =>
        older.Content.Pieces.SequenceEqual(newer.Content.Pieces)
            || (older.Kind == EntryKind.File && older.Bytes < FileReader.BundledBytesMax
                && older.ModifiedNs == newer.ModifiedNs);

    private static bool SameWindows(WindowsMetadata? older, WindowsMetadata? newer) =>
        older?.Attributes == newer?.Attributes && older?.CreatedNs == newer?.CreatedNs
            && SecurityOf(older).SequenceEqual(SecurityOf(newer))
            && StreamsOf(older).SequenceEqual(StreamsOf(newer));

    private static ReadOnlySpan<byte> SecurityOf(WindowsMetadata? metadata) =>
        metadata is null ? default : metadata.SecurityDescriptor.Span;

    private static IEnumerable<(string, long)> StreamsOf(WindowsMetadata? metadata) =>
        metadata?.Streams.Select(stream => (stream.Name, stream.Bytes)) ?? [];

    private static bool SameAttributes(
        IReadOnlyList<ExtendedAttribute> older, IReadOnlyList<ExtendedAttribute> newer) =>
            older.Count == newer.Count && older.Zip(newer).All(pair =>
                pair.First.Name.Span.SequenceEqual(pair.Second.Name.Span)
                && pair.First.Value.Span.SequenceEqual(pair.Second.Value.Span));

    private static void Show(Terminal terminal, char change, EntryPath path, bool json)
    {
        if (json)
            terminal.WriteJson(
                new DifferenceLine(change.ToString(), path.ToString(), EntryText.ExactPath(path)),
                CliJson.Default.DifferenceLine);
        else terminal.WriteLine($"{change} /{Terminal.Show(path)}");
    }
}
