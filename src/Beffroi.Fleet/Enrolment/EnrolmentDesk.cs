using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Vaults;
using Beffroi.Protocol;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Enrolment;

/// <summary>What is said of a new token.</summary>
/// <param name="Replaces">The lost machine whose place the new one takes; none for a new machine.</param>
/// <param name="Lifetime">How long the token waits to be used.</param>
public sealed record NewToken(VaultId Vault, DeviceKind Kind, DeviceId? Replaces, TimeSpan Lifetime);

/// <summary>Hands out enrolment tokens and takes each of them back once.</summary>
public sealed class EnrolmentDesk
{
    private readonly IDbContextFactory<FleetDb> _contexts;
    private readonly VaultJournal _journal;
    private readonly TimeProvider _time;

    internal EnrolmentDesk(IDbContextFactory<FleetDb> contexts, VaultJournal journal, TimeProvider time) =>
        (_contexts, _journal, _time) = (contexts, journal, time);

    /// <summary>Issues a token.</summary>
    /// <param name="authority">Fingerprint of the server's own certificate authority, if it uses one.</param>
    /// <param name="actor">Who asks, for the journal.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.NotFound"/>: the vault has no such machine to
    /// replace.</exception>
    public async Task<EnrolmentToken> IssueAsync(
        NewToken token, Digest256? authority, string actor, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(token.Lifetime, TimeSpan.Zero);
        var issued = EnrolmentToken.Create(authority);
        var now = _time.GetUtcNow();
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (token.Replaces is { } replaced) await DemandDeviceAsync(db, token.Vault, replaced, cancellationToken);
        db.EnrolmentTokens.Add(new IssuedToken
        {
            TokenHash = issued.SecretHash,
            VaultId = token.Vault,
            DeviceKind = token.Kind,
            ReplacesDeviceId = token.Replaces,
            CreatedAt = now,
            ExpiresAt = now + token.Lifetime,
        });
        await _journal.AppendAsync(db, Issued(token, issued, actor), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return issued;
    }

    /// <summary>Uses a token up, in the caller's transaction: of two enrolments at once, one waits for the other's
    /// commit and then finds the token used.</summary>
    /// <param name="db">A context with an open transaction, in which the caller also creates the machine.</param>
    /// <returns>What the token allows.</returns>
    /// <exception cref="VaultException"><see cref="ErrorCode.TokenInvalid"/>, <see cref="ErrorCode.TokenUsed"/> or
    /// <see cref="ErrorCode.TokenExpired"/>; retrying is useless.</exception>
    internal async Task<IssuedToken> TakeBackAsync(
        FleetDb db, Digest256 secretHash, DeviceId device, CancellationToken cancellationToken)
    {
        if (db.Database.CurrentTransaction is null)
            throw new InvalidOperationException("A token and its machine need one transaction.");

        var now = _time.GetUtcNow();
        var taken = await db.EnrolmentTokens
            .Where(row => row.TokenHash == secretHash && row.UsedAt == null && row.ExpiresAt > now)
            .ExecuteUpdateAsync(
                row => row.SetProperty(token => token.UsedAt, now).SetProperty(token => token.UsedByDeviceId, device),
                cancellationToken);
        var found = await db.EnrolmentTokens.AsNoTracking()
            .SingleOrDefaultAsync(row => row.TokenHash == secretHash, cancellationToken);
        return taken == 1 && found is not null ? found : throw Refuse(found);
    }

    private static async Task DemandDeviceAsync(
        FleetDb db, VaultId vault, DeviceId device, CancellationToken cancellationToken)
    {
        if (await db.Devices.AnyAsync(row => row.Id == device && row.VaultId == vault, cancellationToken)) return;

        throw new VaultException(
            ErrorCode.NotFound,
            retryable: false,
            $"This member has no device {device} to replace. 'beffroi-server admin list-devices' shows those it has.");
    }

    private static VaultAct Issued(NewToken token, EnrolmentToken issued, string actor) =>
        new(actor, "enrolment-token-issued", token.Vault, new Dictionary<string, string>
        {
            ["token"] = issued.SecretHash.ToString(),
            ["deviceKind"] = DeviceKindText.Of(token.Kind),
            ["replaces"] = token.Replaces?.ToString() ?? "",
        });

    private static VaultException Refuse(IssuedToken? found)
    {
        var (code, what) = found switch
        {
            null => (
                ErrorCode.TokenInvalid,
                "This server never issued this enrolment token; check the server's address."),
            { UsedAt: not null } => (ErrorCode.TokenUsed, "This enrolment token has been used; each works once."),
            _ => (ErrorCode.TokenExpired, $"This enrolment token expired on {found.ExpiresAt:yyyy-MM-dd HH:mm} UTC."),
        };
        return new VaultException(code, retryable: false, $"{what} Ask your administrator for a new token.");
    }
}
