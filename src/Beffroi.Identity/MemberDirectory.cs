using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Beffroi.Identity;

/// <summary>The operator and its members. May be used from many threads at once.</summary>
public sealed class MemberDirectory
{
    private readonly IDbContextFactory<IdentityDb> _contexts;
    private readonly ScopedContexts<IdentityDb> _scoped;
    private readonly TimeProvider _time;

    internal MemberDirectory(
        IDbContextFactory<IdentityDb> contexts, ScopedContexts<IdentityDb> scoped, TimeProvider time) =>
        (_contexts, _scoped, _time) = (contexts, scoped, time);

    /// <summary>Gives the platform's one operator its name, also when it has one already.</summary>
    public async Task<OperatorId> NameOperatorAsync(string name, Siret siret, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var found = await db.Operators.SingleAsync(cancellationToken);
        found.Rename(name, siret);
        await db.SaveChangesAsync(cancellationToken);
        return found.Id;
    }

    /// <summary>The platform's one operator.</summary>
    public async Task<OperatorSummary> GetOperatorAsync(CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var found = await db.Operators.AsNoTracking().SingleAsync(cancellationToken);
        return new OperatorSummary(found.Id, found.Name, found.Siret);
    }

    /// <summary>Puts a member back under the id it had; one that is there stays as it is.</summary>
    public async Task RestoreMemberAsync(
        MemberSummary member, DateTimeOffset createdAt, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        if (await db.Members.AnyAsync(row => row.Id == member.Id, cancellationToken)) return;

        db.Members.Add(new Member
        {
            Id = member.Id,
            OperatorId = await db.Operators.Select(row => row.Id).SingleAsync(cancellationToken),
            Name = member.Name,
            Siret = member.Siret,
            Population = member.Population,
            Level = checked((short)member.Level),
            CreatedAt = createdAt,
        });
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Adds a member, or finds the one that has this SIRET already; its other data then stay as they
    /// are.</summary>
    /// <returns>The member, and whether it was added now.</returns>
    public async Task<(MemberSummary Member, bool IsNew)> AddMemberAsync(
        NewMember member, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(member.Name);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var added = new Member
        {
            Id = MemberId.New(),
            OperatorId = await db.Operators.Select(row => row.Id).SingleAsync(cancellationToken),
            Name = member.Name,
            Siret = member.Siret,
            Population = member.Population,
            Level = checked((short)member.Level),
            CreatedAt = _time.GetUtcNow(),
        };
        db.Members.Add(added);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return (Summary(added), IsNew: true);
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.UniqueViolation,
            ConstraintName: MemberMap.SiretKey,
        })
        {
            var found = await db.Members.AsNoTracking()
                .SingleAsync(row => row.Siret == member.Siret, cancellationToken);
            return (Summary(found), IsNew: false);
        }
    }

    /// <summary>The member of that id, if there is one.</summary>
    public async Task<MemberSummary?> FindMemberAsync(MemberId id, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var found = await db.Members.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
        return found is null ? null : Summary(found);
    }

    /// <summary>All members by name, for commands and jobs; pages ask for those that their caller sees.</summary>
    public async Task<IReadOnlyList<MemberSummary>> ListMembersAsync(CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var found = await db.Members.AsNoTracking().OrderBy(row => row.Name).ToListAsync(cancellationToken);
        return [.. found.Select(Summary)];
    }

    /// <summary>The names of the members that the caller sees at all, for pages that have their ids.</summary>
    public async Task<IReadOnlyDictionary<MemberId, string>> NamesAsync(
        Caller caller, CancellationToken cancellationToken)
    {
        await using var db = await _scoped.OpenAsync(caller.Scope, cancellationToken);
        return await db.Members.ToDictionaryAsync(row => row.Id, row => row.Name, cancellationToken);
    }

    private static MemberSummary Summary(Member row) => new(row.Id, row.Name, row.Siret, row.Population, row.Level);
}
