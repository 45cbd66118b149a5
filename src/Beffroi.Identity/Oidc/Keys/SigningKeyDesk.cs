using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Oidc.Keys;

/// <summary>What an administrator does about the keys; they follow each other without.</summary>
public sealed class SigningKeyDesk
{
    /// <summary>How long a server that runs may go on with the keys it has read.</summary>
    public static TimeSpan KnownFor => SigningKeys.ReadAgainAfter;

    private readonly IDbContextFactory<IdentityDb> _contexts;
    private readonly SigningKeys _keys;
    private readonly ActJournal _journal;

    internal SigningKeyDesk(IDbContextFactory<IdentityDb> contexts, SigningKeys keys, ActJournal journal) =>
        (_contexts, _keys, _journal) = (contexts, keys, journal);

    /// <summary>After a theft: no token that was signed until now is good any more at a service that fetches the list
    /// of keys again.</summary>
    public async Task ReplaceAllAsync(Caller caller, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManagePlatform);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await _keys.ReplaceAllAsync(db, cancellationToken);
        await _journal.AppendAsync(
            db, PrivilegedAct.Of(caller, Acts.SigningKeysReplaced, member: null), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
