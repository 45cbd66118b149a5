using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Beffroi.Identity.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Beffroi.Identity.Provisioning;

/// <summary>Keeps the accounts at services as they should be. Each pass compares what should be there with what was
/// acknowledged: nothing needs to be told of a change, and none that happened meanwhile is lost.</summary>
internal sealed partial class AccountKeeper(
    IDbContextFactory<IdentityDb> contexts, Lazy<IKeyWrap> wrap, TimeProvider time, ILogger<AccountKeeper> logger)
{
    internal const string TokenPurpose = "account target token v1";

    // A pass holds its service's row, and the other services wait for it: it must end.
    private const int AccountsPerPassMax = 100;
    private static readonly TimeSpan PassMax = TimeSpan.FromMinutes(1);

    /// <summary>Goes through all services once.</summary>
    /// <returns>How many accounts were acknowledged.</returns>
    internal async Task<int> RunOnceAsync(IAccountTransport transport, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var services = await db.AccountTargets.Where(row => row.DisabledAt == null).Select(row => row.PartyId)
            .ToListAsync(cancellationToken);
        var sent = 0;
        foreach (var service in services)
        {
            try
            {
                sent += await ServeAsync(service, transport, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogServiceFailed(exception, service); // The others are served; the next pass tries this one again.
            }
        }
        return sent;
    }

    private async Task<int> ServeAsync(Guid service, IAccountTransport transport, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var target = await db.AccountTargets.FromSql(
            $"""
             select * from identity.account_targets where relying_party_id = {service} and disabled_at is null
             for update skip locked
             """).SingleOrDefaultAsync(cancellationToken);
        if (target is null) return 0; // Another server is at it.

        var sent = 0;
        var address = new AccountAddress(
            new Uri(target.Address), target.BindName,
            Encoding.UTF8.GetString(wrap.Value.Unwrap(target.SealedToken, TokenPurpose)));
        var started = time.GetTimestamp();
        foreach (var (row, account) in await ListDueAsync(db, service, cancellationToken))
        {
            if (time.GetElapsedTime(started) > PassMax) break;
            var refusal = await TrySendAsync(transport, address, row, account, cancellationToken);
            if (refusal is null) sent++;
            if (refusal == RefusalScope.Everything) break;
        }
        if (sent > 0) target.WorkedAt = time.GetUtcNow();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return sent;
    }

    private async Task<List<(ProvisionedAccount Row, OutgoingAccount Account)>> ListDueAsync(
        IdentityDb db, Guid service, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var party = await db.Parties.AsNoTracking().SingleAsync(row => row.Id == service, cancellationToken);
        var rows = await db.ProvisionedAccounts.Where(row => row.PartyId == service)
            .ToDictionaryAsync(row => row.PersonId, cancellationToken);
        var due = new List<(ProvisionedAccount, OutgoingAccount)>();
        foreach (var account in await EntitledPeople.ListAsync(db, party, rows.Keys, now, cancellationToken))
        {
            if (!rows.TryGetValue(account.Person, out var row))
            {
                row = new ProvisionedAccount { PartyId = service, PersonId = account.Person, NextAttemptAt = now };
                db.ProvisionedAccounts.Add(row);
            }
            var digest = DigestOf(account);
            if (!IsSame(row.SentDigest, digest) && !IsSame(row.RefusedDigest, digest) && row.NextAttemptAt <= now)
                due.Add((row, account));
        }
        return due.Count > AccountsPerPassMax ? due[..AccountsPerPassMax] : due;
    }

    private async Task<RefusalScope?> TrySendAsync(
        IAccountTransport transport, AccountAddress address, ProvisionedAccount row, OutgoingAccount account,
        CancellationToken cancellationToken)
    {
        try
        {
            row.RemoteId = await transport.PutAsync(address, row.RemoteId, account, cancellationToken);
            (row.SentDigest, row.RefusedDigest) = (DigestOf(account), null);
            (row.Attempts, row.LastError) = (0, null);
            return null;
        }
        catch (AccountRefusedException exception)
        {
            row.LastError = Readable(exception.Message);
            row.Attempts++;
            row.NextAttemptAt = time.GetUtcNow() + PauseAfter(row.Attempts);
            // One to be shut is tried again: it must not stay open because of one answer.
            if (exception.Scope == RefusalScope.ThisAccount && account.IsActive) row.RefusedDigest = DigestOf(account);
            LogNotSent(row.PartyId, row.PersonId, row.Attempts, row.LastError);
            return exception.Scope;
        }
    }

    /// <summary>A service's words as the database takes them: no NUL, and not for ever.</summary>
    private static string Readable(string message) =>
        string.Concat(message.Take(500).Select(each => char.IsControl(each) ? ' ' : each));

    private static byte[] DigestOf(OutgoingAccount account) =>
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(account));

    private static bool IsSame(byte[]? one, byte[] other) => one is not null && one.AsSpan().SequenceEqual(other);

    /// <summary>One minute, doubled each time, at most eight hours.</summary>
    private static TimeSpan PauseAfter(int attempts) => TimeSpan.FromMinutes(Math.Min(480, Math.Pow(2, attempts - 1)));

    [LoggerMessage(
        3213, LogLevel.Warning,
        "Service {Service} did not take the account of {Person} in attempt {Attempt}: {Reason}")]
    private partial void LogNotSent(Guid service, Guid person, int attempt, string reason);

    [LoggerMessage(3215, LogLevel.Warning, "Telling service {Service} of accounts failed; the next pass tries again")]
    private partial void LogServiceFailed(Exception exception, Guid service);
}
