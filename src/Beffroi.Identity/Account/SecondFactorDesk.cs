using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Mail;
using Beffroi.Identity.People;
using Microsoft.AspNetCore.Identity;

namespace Beffroi.Identity.Account;

/// <summary>What an authenticator application needs to know.</summary>
/// <param name="Key">To be typed, in groups of four.</param>
/// <param name="Uri">To be shown as a QR code.</param>
public sealed record SecondFactorSetup(string Key, string Uri);

/// <summary>What came of changing the second factor.</summary>
/// <param name="Fault">What was wrong; none if it was done.</param>
/// <param name="RecoveryCodes">New ones, to be shown now and never again.</param>
public sealed record SecondFactorOutcome(AccountFault? Fault, IReadOnlyList<string> RecoveryCodes);

/// <summary>The second factor of people's own accounts: codes by the clock (RFC 6238), and recovery codes for the day
/// the phone is lost. Lives as long as a request.</summary>
public sealed class SecondFactorDesk
{
    internal const int RecoveryCodesCount = 10;
    private const string Issuer = "Beffroi";

    private readonly UserManager<Person> _accounts;
    private readonly IdentityDb _db;
    private readonly AccountActs _acts;

    internal SecondFactorDesk(UserManager<Person> accounts, IdentityDb db, AccountActs acts) =>
        (_accounts, _db, _acts) = (accounts, db, acts);

    /// <summary>The key to put into an application, the same until it is confirmed or the factor taken off; none while
    /// a second factor is on.</summary>
    public async Task<SecondFactorSetup?> BeginAsync(Caller caller, CancellationToken cancellationToken)
    {
        var person = await OwnAccountDesk.PersonOfAsync(_accounts, caller);
        if (person.TwoFactorEnabled) return null;

        cancellationToken.ThrowIfCancellationRequested();
        var key = await _accounts.GetAuthenticatorKeyAsync(person);
        if (key is null)
        {
            await _accounts.ResetAuthenticatorKeyAsync(person);
            key = (await _accounts.GetAuthenticatorKeyAsync(person))!; // Just made.
        }
        var account = Uri.EscapeDataString($"{Issuer}:{person.Email}");
        return new SecondFactorSetup(
            string.Join(' ', key.ToLowerInvariant().Chunk(4).Select(group => new string(group))),
            $"otpauth://totp/{account}?secret={key}&issuer={Issuer}&digits=6");
    }

    /// <summary>Turns the second factor on, once a code proves that the application knows the key.</summary>
    public async Task<SecondFactorOutcome> ConfirmAsync(
        Caller caller, string code, CancellationToken cancellationToken)
    {
        var person = await OwnAccountDesk.PersonOfAsync(_accounts, caller);
        var digits = code.Replace(" ", "", StringComparison.Ordinal);
        if (person.TwoFactorEnabled || !await _accounts.VerifyTwoFactorTokenAsync(
            person, TokenOptions.DefaultAuthenticatorProvider, digits))
            return new SecondFactorOutcome(AccountFault.WrongCode, []);

        return await ChangeAsync(
            caller, person, Acts.SecondFactorOn, AccountChange.SecondFactorOn,
            () => _accounts.SetTwoFactorEnabledAsync(person, enabled: true), withCodes: true, cancellationToken);
    }

    /// <summary>Makes new recovery codes; the old ones are worth nothing then.</summary>
    public async Task<SecondFactorOutcome> RenewCodesAsync(
        Caller caller, string password, CancellationToken cancellationToken)
    {
        var person = await OwnAccountDesk.PersonOfAsync(_accounts, caller);
        if (!person.TwoFactorEnabled) return new SecondFactorOutcome(AccountFault.NotFound, []);
        if (await RefuseAsync(person, password) is { } fault) return new SecondFactorOutcome(fault, []);

        return await ChangeAsync(
            caller, person, Acts.RecoveryCodesRenewed, AccountChange.RecoveryCodesRenewed,
            () => _accounts.UpdateAsync(person), withCodes: true, cancellationToken);
    }

    /// <summary>Takes the second factor off; its key and recovery codes are worth nothing then.</summary>
    public async Task<AccountFault?> TurnOffAsync(Caller caller, string password, CancellationToken cancellationToken)
    {
        var person = await OwnAccountDesk.PersonOfAsync(_accounts, caller);
        if (await RefuseAsync(person, password) is { } fault) return fault;

        var outcome = await ChangeAsync(
            caller, person, Acts.SecondFactorOff, AccountChange.SecondFactorOff,
            () => ForgetAsync(_accounts, person), withCodes: false, cancellationToken);
        return outcome.Fault;
    }

    /// <summary>Forgets key and codes, so that a second factor set up later has new ones.</summary>
    internal static async Task<IdentityResult> ForgetAsync(UserManager<Person> accounts, Person person)
    {
        await accounts.ResetAuthenticatorKeyAsync(person);
        await accounts.GenerateNewTwoFactorRecoveryCodesAsync(person, 0);
        return await accounts.SetTwoFactorEnabledAsync(person, enabled: false);
    }

    /// <summary>Asks for the password again: who finds a computer unlocked must not take over the account. Counts as a
    /// sign-in does.</summary>
    private async Task<AccountFault?> RefuseAsync(Person person, string password)
    {
        if (await _accounts.IsLockedOutAsync(person)) return AccountFault.LockedOut;
        if (await _accounts.CheckPasswordAsync(person, password)) return null;

        await _accounts.AccessFailedAsync(person);
        return AccountFault.WrongPassword;
    }

    private async Task<SecondFactorOutcome> ChangeAsync(
        Caller caller, Person person, string act, AccountChange change, Func<Task<IdentityResult>> run, bool withCodes,
        CancellationToken cancellationToken)
    {
        await using var transaction = await _db.Database.BeginTransactionAsync(cancellationToken);
        var done = await run();
        if (!done.Succeeded) return new SecondFactorOutcome(AccountFaults.Of(done), []);

        var codes = withCodes
            ? await _accounts.GenerateNewTwoFactorRecoveryCodesAsync(person, RecoveryCodesCount)
            : [];
        _acts.TellOwner(caller, person, change);
        await _acts.NoteAsync(caller, person, act, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new SecondFactorOutcome(null, [.. codes ?? []]);
    }
}
