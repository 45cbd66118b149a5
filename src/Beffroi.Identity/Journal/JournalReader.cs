using System.Text.Json;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Journal;

/// <summary>An entry of the journal as people read it.</summary>
public sealed record JournalLine(
    long Number, DateTimeOffset At, string Actor, string Act, MemberId? Member, string? Origin,
    IReadOnlyDictionary<string, string> Detail)
{
    /// <summary>Name of the person who did it, if it was one who still has an account.</summary>
    public string? ActorName { get; init; }

    /// <summary>Name of the person to whom it was done.</summary>
    public string? PersonName { get; init; }

    /// <summary>Name of the member.</summary>
    public string? MemberName { get; init; }
}

/// <summary>Which entries are wanted; what is not given does not matter.</summary>
/// <param name="Person">Who did it, or to whom it was done.</param>
/// <param name="Before">Only entries with a smaller number: the next page.</param>
/// <param name="After">Only entries with a greater number, the nearest ones: the page before.</param>
public sealed record JournalFilter(
    MemberId? Member = null, string? Act = null, string? Actor = null, DateTimeOffset? From = null,
    DateTimeOffset? Until = null, long? Before = null, PersonId? Person = null, long? After = null);

/// <summary>A page of the journal, newest entry first.</summary>
public sealed record JournalPage(IReadOnlyList<JournalLine> Lines, bool HasNewer, bool HasOlder);

/// <summary>Reads the journal of privileged acts, and verifies all of it.</summary>
public sealed class JournalReader
{
    private const int PageRows = 1000;
    private const string PersonPrefix = "person:";

    private readonly IDbContextFactory<IdentityDb> _contexts;
    private readonly ScopedContexts<IdentityDb> _scoped;

    internal JournalReader(IDbContextFactory<IdentityDb> contexts, ScopedContexts<IdentityDb> scoped) =>
        (_contexts, _scoped) = (contexts, scoped);

    /// <summary>The newest entries that the caller may see, newest first.</summary>
    /// <param name="countMax">How many.</param>
    public async Task<IReadOnlyList<JournalLine>> ReadAsync(
        Caller caller, JournalFilter filter, int countMax, CancellationToken cancellationToken) =>
        (await ReadPageAsync(caller, filter, countMax, cancellationToken)).Lines;

    /// <summary>A page of the entries that the caller may see, by their numbers: the page stays the same while others
    /// write.</summary>
    /// <param name="countMax">How many.</param>
    public async Task<JournalPage> ReadPageAsync(
        Caller caller, JournalFilter filter, int countMax, CancellationToken cancellationToken)
    {
        await using var db = await OpenAsync(caller, cancellationToken);
        var wanted = Wanted(db.Journal.AsNoTracking(), filter);
        var isBackwards = filter.After is not null;
        var ordered = isBackwards ? wanted.OrderBy(row => row.Id) : wanted.OrderByDescending(row => row.Id);
        var rows = await ordered.Take(countMax + 1).ToListAsync(cancellationToken);
        var hasMore = rows.Count > countMax;
        if (hasMore) rows.RemoveAt(countMax);
        if (isBackwards) rows.Reverse();
        return new JournalPage(
            await LinesOfAsync(db, rows, cancellationToken),
            HasNewer: isBackwards ? hasMore : filter.Before is not null, HasOlder: isBackwards || hasMore);
    }

    /// <summary>All entries that the caller may see, oldest first, for an export; read page by page. That they were
    /// taken out is itself an entry.</summary>
    public async IAsyncEnumerable<JournalLine> ExportAsync(
        Caller caller, JournalFilter filter,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var db = await OpenAsync(caller, cancellationToken);
        for (var after = 0L; ;)
        {
            var page = await Wanted(db.Journal.AsNoTracking(), filter).Where(row => row.Id > after)
                .OrderBy(row => row.Id).Take(PageRows).ToListAsync(cancellationToken);
            foreach (var line in await LinesOfAsync(db, page, cancellationToken)) yield return line;
            if (page.Count < PageRows) yield break;
            after = page[^1].Id;
        }
    }

    /// <summary>Whose address this is, if they do or did something for a member whose journal the caller
    /// reads.</summary>
    public async Task<PersonId?> FindPersonAsync(Caller caller, string email, CancellationToken cancellationToken)
    {
        await using var db = await OpenAsync(caller, cancellationToken);
        await using var people = await _contexts.CreateDbContextAsync(cancellationToken);
        var address = email.Trim().ToUpperInvariant();
        var found = await people.People.Where(row => row.NormalizedEmail == address).Select(row => (Guid?)row.Id)
            .SingleOrDefaultAsync(cancellationToken);
        if (found is not { } id) return null;

        var isSeen = db.Scope.IsPlatform
            || await db.HeldRoles.AnyAsync(row => row.PersonId == id, cancellationToken);
        return isSeen ? new PersonId(id) : null;
    }

    /// <summary>The members whose journal the caller reads, by name.</summary>
    public async Task<IReadOnlyList<(MemberId Id, string Name)>> ListMembersAsync(
        Caller caller, CancellationToken cancellationToken)
    {
        await using var db = await OpenAsync(caller, cancellationToken);
        var rows = await db.Members.OrderBy(row => row.Name).Select(row => new { row.Id, row.Name })
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => (row.Id, row.Name))];
    }

    /// <summary>Verifies every entry, and that the remembered one is still there.</summary>
    /// <param name="remembered">Where the journal ended when it was last sound; none if nobody remembers.</param>
    public async Task<JournalCheck> CheckAsync(JournalHead? remembered, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        return await WalkAsync(db, JournalHead.Start, remembered, cancellationToken);
    }

    /// <summary>Verifies the remembered entry and those after it.</summary>
    public async Task<JournalCheck> FollowAsync(JournalHead remembered, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var hash = await db.Journal.Where(row => row.Id == remembered.Number).Select(row => row.Hash)
            .SingleOrDefaultAsync(cancellationToken);
        return remembered.Number == 0 || IsHash(hash, remembered)
            ? await WalkAsync(db, remembered, remembered: null, cancellationToken)
            : await WalkAsync(db, JournalHead.Start, remembered, cancellationToken); // Says where it begins.
    }

    private static async Task<JournalCheck> WalkAsync(
        IdentityDb db, JournalHead from, JournalHead? remembered, CancellationToken cancellationToken)
    {
        var head = from;
        while (true)
        {
            var page = await db.Journal.AsNoTracking().Where(row => row.Id > head.Number)
                .OrderBy(row => row.Id).Take(PageRows).ToListAsync(cancellationToken);
            foreach (var entry in page)
            {
                if (!Follows(entry, head)) return new JournalCheck(head.Number + 1, head);
                if (entry.Id == remembered?.Number && !IsHash(entry.Hash, remembered))
                    return new JournalCheck(entry.Id, head);
                head = new JournalHead(entry.Id, Convert.ToHexStringLower(entry.Hash));
            }
            if (page.Count == PageRows) continue;

            var isCut = remembered is not null && remembered.Number > head.Number;
            return new JournalCheck(isCut ? head.Number + 1 : null, head);
        }
    }

    private static bool IsHash(byte[]? hash, JournalHead head) =>
        hash is not null && Convert.ToHexStringLower(hash) == head.Hash;

    /// <summary>Only the members whose journal the caller may read, not all those that the caller sees.</summary>
    private Task<IdentityDb> OpenAsync(Caller caller, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ReadJournal);
        return _scoped.OpenAsync(caller.ScopeOf(Permission.ReadJournal), cancellationToken);
    }

    private async Task<IReadOnlyList<JournalLine>> LinesOfAsync(
        IdentityDb db, List<JournalEntry> rows, CancellationToken cancellationToken)
    {
        var lines = rows.ConvertAll(LineOf);
        var ids = lines.SelectMany(line => new[] { ActorOf(line), PersonOf(line) }).OfType<Guid>().ToHashSet();
        await using var people = await _contexts.CreateDbContextAsync(cancellationToken);
        var names = await people.People.Where(row => ids.Contains(row.Id))
            .ToDictionaryAsync(row => row.Id, row => row.Name, cancellationToken);
        var members = lines.Select(line => line.Member).OfType<MemberId>().ToHashSet();
        var memberNames = await db.Members.Where(row => members.Contains(row.Id))
            .ToDictionaryAsync(row => row.Id, row => row.Name, cancellationToken);
        return
        [
            .. lines.Select(line => line with
            {
                ActorName = ActorOf(line) is { } actor ? names.GetValueOrDefault(actor) : null,
                PersonName = PersonOf(line) is { } person ? names.GetValueOrDefault(person) : null,
                MemberName = line.Member is { } member ? memberNames.GetValueOrDefault(member) : null,
            }),
        ];
    }

    private static Guid? ActorOf(JournalLine line) =>
        line.Actor.StartsWith(PersonPrefix, StringComparison.Ordinal)
        && Guid.TryParse(line.Actor.AsSpan(PersonPrefix.Length), out var id) ? id : null;

    private static Guid? PersonOf(JournalLine line) =>
        Guid.TryParse(line.Detail.GetValueOrDefault("person"), out var id) ? id : null;

    private static bool Follows(JournalEntry entry, JournalHead head) =>
        entry.Id == head.Number + 1 && IsHash(entry.PreviousHash, head)
        && entry.Hash.AsSpan().SequenceEqual(EntryHash.Of(entry));

    private static IQueryable<JournalEntry> Wanted(IQueryable<JournalEntry> rows, JournalFilter filter)
    {
        if (filter.Member is { } member) rows = rows.Where(row => row.MemberId == member);
        if (filter.Act is { } act) rows = rows.Where(row => row.Act == act);
        if (filter.Actor is { } actor) rows = rows.Where(row => row.Actor == actor);
        if (filter.From is { } from) rows = rows.Where(row => row.At >= from);
        if (filter.Until is { } until) rows = rows.Where(row => row.At < until);
        if (filter.Before is { } before) rows = rows.Where(row => row.Id < before);
        if (filter.After is { } after) rows = rows.Where(row => row.Id > after);
        if (filter.Person is { } person)
        {
            var (did, had) = ($"{PersonPrefix}{person}", $$"""{"person":"{{person}}"}""");
            rows = rows.Where(row => row.Actor == did || EF.Functions.JsonContains(row.Detail, had));
        }
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
