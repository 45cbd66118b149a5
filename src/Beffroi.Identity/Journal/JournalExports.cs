using Beffroi.Identity.Access;
using Beffroi.Identity.Database;

namespace Beffroi.Identity.Journal;

/// <summary>Writes down that somebody took entries of the journal out: names and network addresses leave with
/// them.</summary>
public sealed class JournalExports
{
    private readonly ScopedContexts<IdentityDb> _scoped;
    private readonly ActJournal _journal;

    internal JournalExports(ScopedContexts<IdentityDb> scoped, ActJournal journal) =>
        (_scoped, _journal) = (scoped, journal);

    /// <summary>Notes one export, under its member where the filter names one, or the caller reads one only.</summary>
    public async Task NoteAsync(
        Caller caller, JournalFilter filter, string format, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ReadJournal);
        var scope = caller.ScopeOf(Permission.ReadJournal);
        var member = filter.Member ?? (scope.Members.Count > 0 ? scope.Members.First() : null as MemberId?);
        if (member is { } named && !scope.Contains(named)) return; // Nothing of it is seen, so nothing left.

        await using var db = await _scoped.OpenAsync(scope, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await _journal.AppendAsync(
            db, PrivilegedAct.Of(caller, Acts.JournalExported, member, ("format", format)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
