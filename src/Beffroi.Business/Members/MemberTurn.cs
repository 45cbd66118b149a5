using Beffroi.Business.Members.Register;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Beffroi.Business.Members;

/// <summary>Opens turns: see <see cref="MemberTurn"/>.</summary>
internal sealed class MemberTurns(ScopedContexts<BusinessDb> contexts, ActJournal journal, TimeProvider time)
{
    internal TimeProvider Time => time;

    /// <summary>A turn at the member, or <see langword="null"/> if the caller may change no member of that
    /// id.</summary>
    internal async Task<MemberTurn?> OpenAsync(Caller caller, MemberId member, CancellationToken cancellationToken)
    {
        var db = await contexts.OpenAsync(MemberAccess.DemandChange(caller), cancellationToken);
        return await StartAsync(caller, db, member, cancellationToken);
    }

    /// <summary>The same for what a member's own people keep up to date too.</summary>
    internal async Task<MemberTurn?> OpenDetailsAsync(
        Caller caller, MemberId member, CancellationToken cancellationToken)
    {
        var db = await contexts.OpenAsync(MemberAccess.DemandDetails(caller), cancellationToken);
        return await StartAsync(caller, db, member, cancellationToken);
    }

    /// <summary>A turn at the member to whom something belongs.</summary>
    internal async Task<MemberTurn?> OpenAsync(
        Caller caller, Func<BusinessDb, IQueryable<MemberId>> owner, CancellationToken cancellationToken)
    {
        var db = await contexts.OpenAsync(MemberAccess.DemandChange(caller), cancellationToken);
        var members = await owner(db).Take(1).ToListAsync(cancellationToken);
        if (members.Count > 0) return await StartAsync(caller, db, members[0], cancellationToken);

        await db.DisposeAsync();
        return null;
    }

    /// <summary>To read only.</summary>
    internal Task<BusinessDb> ReadAsync(Caller caller, CancellationToken cancellationToken) =>
        contexts.OpenAsync(MemberAccess.DemandSight(caller), cancellationToken);

    private async Task<MemberTurn?> StartAsync(
        Caller caller, BusinessDb db, MemberId member, CancellationToken cancellationToken)
    {
        var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var turn = new MemberTurn(caller, db, transaction, journal);
        if (await turn.LockAsync(member, time.GetUtcNow(), cancellationToken)) return turn;

        await turn.DisposeAsync();
        return null;
    }
}

/// <summary>One change of one member in one transaction, with its entry in the journal. Changes of a member take
/// turns (its file is locked), so that what a guard has looked at is still so when the change is written: two people
/// who each end the role of one of two référents do not leave none.</summary>
internal sealed class MemberTurn(
    Caller caller, BusinessDb db, IDbContextTransaction transaction, ActJournal journal) : IAsyncDisposable
{
    internal BusinessDb Db => db;
    internal MemberRow Member { get; private set; } = new();
    internal MemberFile File { get; private set; } = new() { MemberId = default };

    internal async Task<bool> LockAsync(MemberId member, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var isThere = await db.Members.AnyAsync(row => row.MemberId == member, cancellationToken);
        if (!isThere) return false;

        var standing = CodeWord.Of(MemberStanding.Known);
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into business.member_files (member_id, standing, changed_at)
            values ({member.Value}, {standing}, {now}) on conflict do nothing
            """,
            cancellationToken);
        File = await db.Files
            .FromSql($"select * from business.member_files where member_id = {member.Value} for update")
            .SingleAsync(cancellationToken);
        Member = await db.Members.AsNoTracking().SingleAsync(row => row.MemberId == member, cancellationToken);
        return true;
    }

    /// <summary>Saves everything and writes the act down.</summary>
    internal async Task EndAsync(
        string act, IEnumerable<(string Name, string Value)> detail, CancellationToken cancellationToken)
    {
        await journal.AppendAsync(
            db, PrivilegedAct.Of(caller, act, File.MemberId, detail), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await db.DisposeAsync();
    }
}
