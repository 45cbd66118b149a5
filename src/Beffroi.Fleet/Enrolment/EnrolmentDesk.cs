using System.Text;
using Beffroi.Fleet.Devices;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Keys;
using Beffroi.Protocol;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Enrolment;

/// <summary>Hands out enrolment tokens, shows and revokes those that are open, and takes each of them back once. Any
/// thread.</summary>
public sealed class EnrolmentDesk
{
    // A town hall of 200 computers adds them in a few rounds; more open tokens than this are forgotten ones.
    private const int OpenMax = 50;

    private const int ListedMax = 200;

    private readonly ScopedContexts<FleetDb> _contexts;
    private readonly ActJournal _journal;
    private readonly IKeyWrap _wrap;
    private readonly EnrolmentTerms _terms;
    private readonly TimeProvider _time;

    internal EnrolmentDesk(
        ScopedContexts<FleetDb> contexts, ActJournal journal, IKeyWrap wrap, EnrolmentTerms terms,
        TimeProvider time) =>
        (_contexts, _journal, _wrap, _terms, _time) = (contexts, journal, wrap, terms, time);

    /// <summary>Whether machines must pin the server's own authority, because no public one vouches for it.</summary>
    public bool PinsAuthority => _terms.Authority is not null;

    /// <summary>Issues a token.</summary>
    /// <returns>null: no such member, or one without a vault.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManageDevices"/>.</exception>
    public async Task<TokenOutcome?> IssueAsync(
        Caller caller, NewToken wanted, CancellationToken cancellationToken)
    {
        if (!caller.Scope.Contains(wanted.Member)) return null;

        caller.Demand(Permission.ManageDevices, wanted.Member);
        if (wanted.DeviceName is { } name && !Device.IsName(name))
            return new TokenOutcome.Invalid(TokenFault.NameInvalid);

        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var vault = await db.Vaults.Where(row => row.MemberId == wanted.Member).Select(row => (VaultId?)row.Id)
            .SingleOrDefaultAsync(cancellationToken);
        if (vault is not { } own) return null;
        if (await FaultAsync(db, caller, own, wanted, cancellationToken) is { } fault)
            return new TokenOutcome.Invalid(fault);

        var token = EnrolmentToken.Create(_terms.Authority);
        var row = RowOf(caller, own, wanted, token);
        db.EnrolmentTokens.Add(row);
        await _journal.AppendAsync(
            db, ActOf(caller, "enrolment-token-issued", wanted.Member, row), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new TokenOutcome.Issued(row.Id, token.ToText(), row.ExpiresAt);
    }

    /// <summary>The tokens that wait for their machines, newest first, of all members for which the caller may add
    /// machines.</summary>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManageDevices"/>
    /// anywhere.</exception>
    public async Task<IReadOnlyList<EnrolmentTokenLine>> ListOpenAsync(
        Caller caller, CancellationToken cancellationToken)
    {
        var scope = PermittedScope.Of(caller, Permission.ManageDevices, member: null);
        await using var db = await _contexts.OpenAsync(scope, cancellationToken);
        var now = _time.GetUtcNow();
        var rows = from row in db.EnrolmentTokens.AsNoTracking()
                   join vault in db.Vaults on row.VaultId equals vault.Id
                   where row.UsedAt == null && row.RevokedAt == null && row.ExpiresAt > now
                   orderby row.CreatedAt descending
                   select new { Row = row, vault.MemberId };
        var found = await rows.Take(ListedMax).ToListAsync(cancellationToken);
        return [.. found.Select(each => LineOf(each.Row, each.MemberId, now))];
    }

    /// <summary>One token, with its text while it is open.</summary>
    /// <returns>null: there is none of that id.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManageDevices"/>.</exception>
    public async Task<EnrolmentTokenView?> FindAsync(Caller caller, TokenId id, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        if (await FindAsync(db, id, cancellationToken) is not (var row, var member)) return null;

        caller.Demand(Permission.ManageDevices, member);
        var line = LineOf(row, member, _time.GetUtcNow());
        var text = line.State == TokenState.Open && row.TextWrapped is { } wrapped
            ? Encoding.ASCII.GetString(_wrap.Unwrap(wrapped, PurposeOf(row.Id)))
            : null;
        return new EnrolmentTokenView(line, text);
    }

    /// <summary>Takes an open token back: no machine comes with it any more.</summary>
    /// <returns>How it stands now, ended another way perhaps; null: there is none of that id.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManageDevices"/>.</exception>
    public async Task<EnrolmentTokenLine?> RevokeAsync(
        Caller caller, TokenId id, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await FindAsync(db, id, cancellationToken) is not (var row, var member)) return null;

        caller.Demand(Permission.ManageDevices, member);
        var now = _time.GetUtcNow();
        var changed = await db.EnrolmentTokens
            .Where(each => each.Id == id && each.UsedAt == null && each.RevokedAt == null && each.ExpiresAt > now)
            .ExecuteUpdateAsync(
                each => each.SetProperty(token => token.RevokedAt, now)
                    .SetProperty(token => token.TextWrapped, (byte[]?)null),
                cancellationToken);
        if (changed == 1)
            await _journal.AppendAsync(db, ActOf(caller, "enrolment-token-revoked", member, row), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (await FindAsync(db, id, cancellationToken) is (var after, _)) row = after;
        return LineOf(row, member, now);
    }

    /// <summary>Whether a machine may still come with this token. For the download of installers, which needs no more
    /// than the id.</summary>
    public async Task<bool> IsOpenAsync(TokenId id, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(AccessScope.Platform, cancellationToken);
        var found = await FindAsync(db, id, cancellationToken);
        return found?.Row.StateAt(_time.GetUtcNow()) == TokenState.Open;
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
            .Where(row => row.TokenHash == secretHash && row.UsedAt == null && row.RevokedAt == null
                && row.ExpiresAt > now)
            .ExecuteUpdateAsync(
                row => row.SetProperty(token => token.UsedAt, now).SetProperty(token => token.UsedByDeviceId, device)
                    .SetProperty(token => token.TextWrapped, (byte[]?)null),
                cancellationToken);
        var found = await db.EnrolmentTokens.AsNoTracking()
            .SingleOrDefaultAsync(row => row.TokenHash == secretHash, cancellationToken);
        return taken == 1 && found is not null ? found : throw Refuse(found);
    }

    private async Task<TokenFault?> FaultAsync(
        FleetDb db, Caller caller, VaultId vault, NewToken wanted, CancellationToken cancellationToken)
    {
        if (wanted.Replaces is { } replaced
            && !await db.Devices.AnyAsync(row => row.Id == replaced && row.VaultId == vault, cancellationToken))
            return TokenFault.DeviceUnknown;

        if (caller.Person is null) return null; // A script on the server knows how many it needs.
        var now = _time.GetUtcNow();
        var open = await db.EnrolmentTokens.CountAsync(
            row => row.VaultId == vault && row.UsedAt == null && row.RevokedAt == null && row.ExpiresAt > now,
            cancellationToken);
        return open >= OpenMax ? TokenFault.TooMany : null;
    }

    private IssuedToken RowOf(Caller caller, VaultId vault, NewToken wanted, EnrolmentToken token)
    {
        var (id, now) = (TokenId.New(), _time.GetUtcNow());
        return new IssuedToken
        {
            Id = id,
            TokenHash = token.SecretHash,
            VaultId = vault,
            DeviceKind = wanted.Kind,
            DeviceName = wanted.DeviceName?.Trim(),
            ReplacesDeviceId = wanted.Replaces,
            TextWrapped = _wrap.Wrap(Encoding.ASCII.GetBytes(token.ToText()), PurposeOf(id)),
            IssuedBy = caller.Name,
            CreatedAt = now,
            ExpiresAt = now + _terms.Lifetime,
        };
    }

    private static async Task<(IssuedToken Row, MemberId Member)?> FindAsync(
        FleetDb db, TokenId id, CancellationToken cancellationToken)
    {
        var rows = from row in db.EnrolmentTokens.AsNoTracking()
                   join vault in db.Vaults on row.VaultId equals vault.Id
                   where row.Id == id
                   select new { Row = row, vault.MemberId };
        var found = await rows.SingleOrDefaultAsync(cancellationToken);
        return found is null ? null : (found.Row, found.MemberId);
    }

    private static EnrolmentTokenLine LineOf(IssuedToken row, MemberId member, DateTimeOffset now) => new(
        row.Id, member, row.DeviceKind, row.DeviceName, row.IssuedBy ?? "", row.CreatedAt, row.ExpiresAt,
        row.StateAt(now), row.UsedByDeviceId);

    private static string PurposeOf(TokenId id) => $"enrolment token {id}";

    private static PrivilegedAct ActOf(Caller caller, string act, MemberId member, IssuedToken row)
    {
        List<(string, string)> detail =
        [
            ("vault", row.VaultId.ToString()), ("token", row.TokenHash.ToString()),
            ("deviceKind", DeviceKindText.Of(row.DeviceKind)),
        ];
        if (row.DeviceName is { } name) detail.Add(("name", name));
        if (row.ReplacesDeviceId is { } replaced) detail.Add(("replaces", replaced.ToString()));
        return PrivilegedAct.Of(caller, act, member, detail);
    }

    private static VaultException Refuse(IssuedToken? found)
    {
        var (code, what) = found switch
        {
            null => (
                ErrorCode.TokenInvalid,
                "This server never issued this enrolment token; check the server's address."),
            { UsedAt: not null } => (ErrorCode.TokenUsed, "This enrolment token has been used; each works once."),
            { RevokedAt: { } at } => (
                ErrorCode.TokenInvalid, $"This enrolment token was revoked on {at:yyyy-MM-dd HH:mm} UTC."),
            _ => (ErrorCode.TokenExpired, $"This enrolment token expired on {found.ExpiresAt:yyyy-MM-dd HH:mm} UTC."),
        };
        return new VaultException(code, retryable: false, $"{what} Ask your administrator for a new token.");
    }
}
