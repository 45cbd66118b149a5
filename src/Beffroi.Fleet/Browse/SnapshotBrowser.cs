using System.Globalization;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Browse;

/// <summary>What the page <em>Restaurer</em> shows: snapshots by date, folders, a search by name, versions of a file,
/// totals of a selection. May be used from many threads at once.</summary>
/// <remarks>Listing snapshots takes the right to see backups. Everything else reads the encrypted catalogue: it takes
/// the right to restore, and from outside the member a consent; see docs/operations/restore.md.</remarks>
public sealed class SnapshotBrowser : IDisposable
{
    // Each takes a root key, and an entry in two journals.
    private const int VersionsLookedAtMax = 30;

    // A search is work for a processor; the others wait their turn, so that the night's backups do not.
    private readonly SemaphoreSlim _searches = new(2);

    private readonly ScopedContexts<FleetDb> _contexts;
    private readonly SnapshotGate _gate;
    private readonly SnapshotSessions _sessions;
    private readonly TimeProvider _time;

    internal SnapshotBrowser(
        ScopedContexts<FleetDb> contexts, SnapshotGate gate, SnapshotSessions sessions, TimeProvider time) =>
        (_contexts, _gate, _sessions, _time) = (contexts, gate, sessions, time);

    /// <summary>The snapshots of a device, newest first.</summary>
    /// <returns><see langword="null"/> if the caller sees no such device.</returns>
    public async Task<SnapshotPage?> ListSnapshotsAsync(
        Caller caller, SnapshotQuery query, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        var members = from device in db.Devices
                      join vault in db.Vaults on device.VaultId equals vault.Id
                      where device.Id == query.Device
                      select (Identity.MemberId?)vault.MemberId;
        if (await members.SingleOrDefaultAsync(cancellationToken) is not { } member) return null;
        caller.Demand(Permission.SeeBackups, member);

        var countMax = Math.Clamp(query.CountMax, 1, SnapshotQuery.CountLimit);
        var rows = await db.Snapshots.AsNoTracking()
            .Where(row => row.DeviceId == query.Device
                && (query.From == null || row.ReceivedAt >= query.From)
                && (query.Until == null || row.ReceivedAt < query.Until)
                && (query.BeforeSequence == null || row.Sequence < query.BeforeSequence))
            .OrderByDescending(row => row.Sequence).Take(countMax + 1).ToListAsync(cancellationToken);
        var page = rows.Take(countMax).Select(SnapshotLine.Of).ToList();
        return new SnapshotPage(page, rows.Count > countMax ? page[^1].Sequence : null);
    }

    /// <summary>A page of a folder.</summary>
    /// <param name="cursor">The <see cref="FolderPage.Next"/> of the page before; none for the first.</param>
    public Task<Reading<FolderPage>> ListFolderAsync(
        Caller caller, SnapshotId snapshot, EntryId folder, string? cursor, int countMax,
        CancellationToken cancellationToken) => ReadAsync(
        caller, snapshot, ReadingPurpose.Browse, folder.ToString(),
        async reader =>
        {
            if (await PathOfFolderAsync(reader, folder, cancellationToken) is not { } path) return null;
            var above = await AboveAsync(reader, path, cancellationToken);
            var listing = new FolderListing(reader, path, Math.Clamp(countMax, 1, FolderPage.CountMax));
            return await listing.ReadAsync(
                FolderCursor.TryParse(cursor, out var from) ? from : null, above, cancellationToken);
        },
        cancellationToken);

    /// <summary>Searches names below a folder, without regard to case and accents.</summary>
    /// <param name="from">The <see cref="SearchPage.Next"/> of the page before; none to start.</param>
    public async Task<Reading<SearchPage>> SearchAsync(
        Caller caller, SnapshotId snapshot, EntryId folder, string text, EntryId? from,
        CancellationToken cancellationToken)
    {
        var wanted = text.Trim();
        if (wanted.Length is 0 or > NameSearch.TextCharactersMax)
            return Reading<SearchPage>.Of(new SearchPage([], Next: null, Searched: 0, Gaps: 0));

        await _searches.WaitAsync(cancellationToken);
        try
        {
            return await ReadAsync(
                caller, snapshot, ReadingPurpose.Search, folder.ToString(),
                async reader =>
                {
                    if (await PathOfFolderAsync(reader, folder, cancellationToken) is not { } path) return null;
                    return await new NameSearch(reader, wanted, _time)
                        .RunAsync(path, from?.Number ?? 0, cancellationToken);
                },
                cancellationToken);
        }
        finally
        {
            _searches.Release();
        }
    }

    /// <summary>The versions of an entry's path in its device's snapshots.</summary>
    /// <param name="beforeSequence">The <see cref="VersionPage.NextBeforeSequence"/> of the page before; none for the
    /// newest.</param>
    public async Task<Reading<VersionPage>> ListVersionsAsync(
        Caller caller, SnapshotId snapshot, EntryId entry, long? beforeSequence, CancellationToken cancellationToken)
    {
        var (path, device) = (default(EntryPath), default(DeviceId));
        var named = await ReadAsync(
            caller, snapshot, ReadingPurpose.Versions, entry.ToString(),
            async reader =>
            {
                if (await reader.FindAsync(entry, cancellationToken) is not { } found) return null;
                (path, device) = (found.Path, reader.Lease.Line.Device);
                return found;
            },
            cancellationToken);
        if (named.Outcome != ReadingOutcome.Done) return Reading<VersionPage>.Refused(named.Outcome);

        var query = new SnapshotQuery(device, BeforeSequence: beforeSequence, CountMax: VersionsLookedAtMax);
        var page = await ListSnapshotsAsync(caller, query, cancellationToken);
        return page is null
            ? Reading<VersionPage>.Refused(ReadingOutcome.NotFound)
            : Reading<VersionPage>.Of(await LookAsync(caller, page, path, cancellationToken));
    }

    /// <summary>One entry, and where it lies.</summary>
    public Task<Reading<EntryPlace>> FindAsync(
        Caller caller, SnapshotId snapshot, EntryId entry, CancellationToken cancellationToken) => ReadAsync(
        caller, snapshot, ReadingPurpose.Browse, entry.ToString(),
        async reader => await reader.FindAsync(entry, cancellationToken) is { } found
            ? new EntryPlace(
                reader.Lease.Line, await AboveAsync(reader, found.Path.Parent, cancellationToken),
                EntryLine.Of(entry.Number, found))
            : null,
        cancellationToken);

    /// <summary>The names of a selection, and its paths as an order to a device writes them.</summary>
    public Task<Reading<SelectionNames>> NameAsync(
        Caller caller, SnapshotId snapshot, IReadOnlyList<EntryId> entries, CancellationToken cancellationToken) =>
        ReadAsync(
            caller, snapshot, ReadingPurpose.Browse, EntriesText.Of(entries),
            async reader => await Selection.FindAsync(reader, entries, cancellationToken) is { } selection
                ? SelectionNames.Of(selection)
                : null,
            cancellationToken);

    /// <summary>Counts what a selection holds.</summary>
    public Task<Reading<SelectionTotals>> CountAsync(
        Caller caller, SnapshotId snapshot, IReadOnlyList<EntryId> entries, CancellationToken cancellationToken) =>
        ReadAsync(
            caller, snapshot, ReadingPurpose.Browse, EntriesText.Of(entries),
            async reader => await Selection.FindAsync(reader, entries, cancellationToken) is { } selection
                ? await SelectionCount.RunAsync(reader, selection, _time, cancellationToken)
                : null,
            cancellationToken);

    /// <summary>Wipes the keys that the caller had opened: to be called when a person signs out. A download that is
    /// under way goes on.</summary>
    public void Forget(Caller caller) => _sessions.Forget(caller.Actor, shuts: false);

    /// <inheritdoc/>
    public void Dispose() => _searches.Dispose();

    private async Task<VersionPage> LookAsync(
        Caller caller, SnapshotPage page, EntryPath path, CancellationToken cancellationToken)
    {
        var (rows, unread) = (new VersionRows(), 0);
        foreach (var line in page.Snapshots)
        {
            var outcome = await ReadAsync(
                caller, line.Id, ReadingPurpose.Versions,
                line.Sequence.ToString(CultureInfo.InvariantCulture),
                async reader =>
                {
                    var found = await reader.Catalogue.FindNumberedAsync(reader.Root, path, cancellationToken);
                    rows.Add(line, found?.Number ?? 0, found?.Entry);
                    return line;
                },
                cancellationToken);
            if (outcome.Outcome != ReadingOutcome.Done) unread++;
        }
        return new VersionPage(rows.Versions, page.NextBeforeSequence, unread);
    }

    private async Task<Reading<T>> ReadAsync<T>(
        Caller caller, SnapshotId snapshot, ReadingPurpose purpose, string what, Func<SnapshotReader, Task<T?>> read,
        CancellationToken cancellationToken)
        where T : class
    {
        var opened = await _gate.OpenAsync(caller, snapshot, purpose, what, cancellationToken);
        if (opened.Value is not { } lease) return Reading<T>.Refused(opened.Outcome);
        using var reader = new SnapshotReader(lease);
        try
        {
            return Reading<T>.OrNotFound(await read(reader));
        }
        catch (VaultException exception) when (IsDamage(exception))
        {
            return Reading<T>.Refused(ReadingOutcome.Damaged);
        }
    }

    /// <summary>Whether the stored data is at fault, and not the store as a whole.</summary>
    internal static bool IsDamage(VaultException exception) => !exception.IsRetryable
        && exception.Code is >= ErrorCode.RecordMalformed and < ErrorCode.StoreFull;

    /// <summary>The folder's path, empty for the top; null when it is no folder.</summary>
    private static async ValueTask<EntryPath?> PathOfFolderAsync(
        SnapshotReader reader, EntryId folder, CancellationToken cancellationToken)
    {
        if (folder.IsTop) return default(EntryPath);
        return await reader.FindAsync(folder, cancellationToken) is { Kind: EntryKind.Directory } entry
            ? entry.Path
            : null;
    }

    private static async Task<IReadOnlyList<EntryLine>> AboveAsync(
        SnapshotReader reader, EntryPath path, CancellationToken cancellationToken)
    {
        var above = new List<EntryLine>();
        for (var folder = path; !folder.IsEmpty; folder = folder.Parent)
        {
            if (await reader.Catalogue.FindNumberedAsync(reader.Root, folder, cancellationToken) is { } found)
                above.Add(EntryLine.Of(found.Number, found.Entry));
        }
        above.Reverse();
        return above;
    }
}
