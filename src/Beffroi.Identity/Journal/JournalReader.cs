using System.Text.Json;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Journal;

/// <summary>An entry of the journal as people read it.</summary>
public sealed record JournalLine(
    long Number, DateTimeOffset At, string Actor, string Act, MemberId? Member, string? Origin,
    IReadOnlyDictionary<string, string> Detail);

/// <summary>Which entries are wanted; what is not given does not matter.</summary>
/// <param name="Before">Only entries with a smaller number: the next page.</param>
public sealed record JournalFilter(
    MemberId? Member = null, string? Act = null, string? Actor = null, DateTimeOffset? From = null,
    DateTimeOffset? Until = null, long? Before = null);

/// <summary>Reads the journal of privileged acts, and verifies all of it.</summary>
public sealed class JournalReader
{
    private const int PageRows = 1000;

    private readonly IDbContextFactory<IdentityDb> _contexts;
    private readonly ScopedContexts<IdentityDb> _scoped;

    internal JournalReader(IDbContextFactory<IdentityDb> contexts, ScopedContexts<IdentityDb> scoped) =>
        (_contexts, _scoped) = (contexts, scoped);

    /// <summary>The newest entries that the caller may see, newest first.</summary>
    /// <param name="countMax">How many.</param>
    public async Task<IReadOnlyList<JournalLine>> ReadAsync(
        Caller caller, JournalFilter filter, int countMax, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ReadJournal);
        await using var db = await _scoped.OpenAsync(ReadableScope(caller), cancellationToken);
        var rows = await Wanted(db.Journal.AsNoTracking(), filter).OrderByDescending(row => row.Id).Take(countMax)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(LineOf)];
    }

    /// <summary>All entries that the caller may see, oldest first, for an export; read page by page.</summary>
    public async IAsyncEnumerable<JournalLine> ExportAsync(
        Caller caller, JournalFilter filter,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ReadJournal);
        await using var db = await _scoped.OpenAsync(ReadableScope(caller), cancellationToken);
        for (var after = 0L; ;)
        {
            var page = await Wanted(db.Journal.AsNoTracking(), filter).Where(row => row.Id > after)
                .OrderBy(row => row.Id).Take(PageRows).ToListAsync(cancellationToken);
            foreach (var row in page) yield return LineOf(row);
            if (page.Count < PageRows) yield break;
            after = page[^1].Id;
        }
    }

    /// <summary>The number of the first entry that was changed or taken out after it was written; none while all are
    /// sound.</summary>
    public async Task<long?> FindBrokenAsync(CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var (previousId, previousHash) = (0L, new byte[32]);
        while (true)
        {
            var page = await db.Journal.AsNoTracking().Where(row => row.Id > previousId)
                .OrderBy(row => row.Id).Take(PageRows).ToListAsync(cancellationToken);
            foreach (var entry in page)
            {
                if (!Follows(entry, previousId, previousHash)) return previousId + 1;
                (previousId, previousHash) = (entry.Id, entry.Hash);
            }
            if (page.Count < PageRows) return null;
        }
    }

    /// <summary>Only the members whose journal the caller may read, not all those that the caller sees.</summary>
    private static AccessScope ReadableScope(Caller caller) => caller.IsStaff
        ? AccessScope.Platform
        : AccessScope.Of(caller.Scope.Members.Where(member => caller.Can(Permission.ReadJournal, member)));

    private static bool Follows(JournalEntry entry, long previousId, byte[] previousHash) =>
        entry.Id == previousId + 1 && entry.PreviousHash.AsSpan().SequenceEqual(previousHash)
        && entry.Hash.AsSpan().SequenceEqual(EntryHash.Of(entry));

    private static IQueryable<JournalEntry> Wanted(IQueryable<JournalEntry> rows, JournalFilter filter)
    {
        if (filter.Member is { } member) rows = rows.Where(row => row.MemberId == member);
        if (filter.Act is { } act) rows = rows.Where(row => row.Act == act);
        if (filter.Actor is { } actor) rows = rows.Where(row => row.Actor == actor);
        if (filter.From is { } from) rows = rows.Where(row => row.At >= from);
        if (filter.Until is { } until) rows = rows.Where(row => row.At < until);
        if (filter.Before is { } before) rows = rows.Where(row => row.Id < before);
        return rows;
    }

    private static JournalLine LineOf(JournalEntry row)
    {
        using var detail = JsonDocument.Parse(row.Detail);
        return new JournalLine(
            row.Id, row.At, row.Actor, row.Act, row.MemberId, row.Origin,
            detail.RootElement.EnumerateObject().ToDictionary(each => each.Name, each => each.Value.ToString()));
    }
}
