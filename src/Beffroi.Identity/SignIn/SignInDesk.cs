using System.Security.Cryptography;
using Beffroi.Identity.Account;
using Beffroi.Identity.Journal;
using Beffroi.Identity.People;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;

namespace Beffroi.Identity.SignIn;

/// <summary>Admits people: password, then a code where the account has a second factor; passkeys alone.</summary>
/// <remarks>Lives as long as a request. An unknown address costs as much time as a wrong password, and answers the
/// same.</remarks>
public sealed class SignInDesk
{
    private static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(5);

    private readonly UserManager<Person> _accounts;
    private readonly IdentityDb _db;
    private readonly SessionBook _sessions;
    private readonly AttemptLimit _attempts;
    private readonly ActJournal _journal;
    private readonly ITimeLimitedDataProtector _states;
    private readonly IPasswordHasher<Person> _hasher;
    private readonly IPasskeyHandler<Person> _handler;
    private readonly PasskeyStates _passkeyStates;
    private readonly TimeProvider _time;

    internal SignInDesk(
        UserManager<Person> accounts, IdentityDb db, SessionBook sessions, AttemptLimit attempts, ActJournal journal,
        IDataProtectionProvider protection, IPasswordHasher<Person> hasher, IPasskeyHandler<Person> handler,
        PasskeyStates passkeyStates, TimeProvider time)
    {
        (_accounts, _db, _sessions, _attempts) = (accounts, db, sessions, attempts);
        (_journal, _hasher, _handler, _passkeyStates, _time) = (journal, hasher, handler, passkeyStates, time);
        _states = protection.CreateProtector("beffroi sign-in: second step v1").ToTimeLimitedDataProtector();
    }

    /// <summary>The first step.</summary>
    public async Task<SignInOutcome> TryPasswordAsync(
        string email, string password, Visitor visitor, CancellationToken cancellationToken)
    {
        if (!_attempts.Allows(visitor.Origin)) return new SignInOutcome.Refused(SignInRefusal.TooManyAttempts);

        var person = await _accounts.FindByEmailAsync(email.Trim());
        if (person is null or { DisabledAt: not null } or { PasswordHash: null })
        {
            _hasher.VerifyHashedPassword(Nobody.Person, Nobody.PasswordHash(_hasher), password);
            _attempts.CountFailure(visitor.Origin);
            return new SignInOutcome.Refused(SignInRefusal.WrongCredentials);
        }
        if (await _accounts.IsLockedOutAsync(person)) return LockedOut(person);
        if (!await _accounts.CheckPasswordAsync(person, password))
            return await CountFailureAsync(person, visitor, SignInRefusal.WrongCredentials, cancellationToken);

        if (person.TwoFactorEnabled) return WantCode(person);

        return await AdmitAsync(person, "pwd", visitor, cancellationToken);
    }

    /// <summary>The second step: a code of the authenticator, or a recovery code, which is then used up.</summary>
    public async Task<SignInOutcome> TryCodeAsync(
        string state, string code, Visitor visitor, CancellationToken cancellationToken)
    {
        if (!_attempts.Allows(visitor.Origin)) return new SignInOutcome.Refused(SignInRefusal.TooManyAttempts);
        if (await FindAsync(state) is not { } person) return new SignInOutcome.Refused(SignInRefusal.Expired);
        if (await _accounts.IsLockedOutAsync(person)) return LockedOut(person);

        var digits = code.Replace(" ", "", StringComparison.Ordinal);
        var isRight = digits.Length == 6 && digits.All(char.IsAsciiDigit)
            ? await IsFreshCodeAsync(person, digits)
            : (await _accounts.RedeemTwoFactorRecoveryCodeAsync(person, digits.ToUpperInvariant())).Succeeded;
        return isRight
            ? await AdmitAsync(person, "pwd otp", visitor, cancellationToken)
            : await CountFailureAsync(person, visitor, SignInRefusal.WrongCode, cancellationToken);
    }

    /// <summary>Asks the browser for a passkey, of whomever it has one.</summary>
    public async Task<PasskeyChallenge> AskPasskeyAsync(HttpContext http)
    {
        var made = await _handler.MakeRequestOptionsAsync(user: null, http);
        return new PasskeyChallenge(made.RequestOptionsJson, _passkeyStates.Seal(made.AssertionState!, person: null));
    }

    /// <summary>Signs in by a passkey alone.</summary>
    public async Task<SignInOutcome> TryPasskeyAsync(
        PasskeyAnswer answer, HttpContext http, Visitor visitor, CancellationToken cancellationToken)
    {
        if (!_attempts.Allows(visitor.Origin)) return new SignInOutcome.Refused(SignInRefusal.TooManyAttempts);
        if (_passkeyStates.Open(answer.State, person: null) is not { } state)
            return new SignInOutcome.Refused(SignInRefusal.PasskeyExpired);

        var proof = await _handler.PerformAssertionAsync(new PasskeyAssertionContext
        {
            HttpContext = http,
            CredentialJson = answer.Credential,
            AssertionState = state,
        });
        if (!proof.Succeeded)
        {
            _attempts.CountFailure(visitor.Origin);
            return new SignInOutcome.Refused(SignInRefusal.WrongPasskey);
        }
        await _accounts.AddOrUpdatePasskeyAsync(proof.User, proof.Passkey); // Its counter: a copied key falls behind.
        return await AdmitProvenAsync(proof.User, "pop mfa", visitor, cancellationToken);
    }

    /// <summary>Opens a session for somebody whose proof was checked elsewhere: a passkey, another provider. Wrong
    /// passwords of somebody else do not keep them out; an account that was shut or reported does.</summary>
    internal async Task<SignInOutcome> AdmitProvenAsync(
        Person person, string methods, Visitor visitor, CancellationToken cancellationToken) =>
        person is { DisabledAt: not null } or { IsReported: true }
            ? new SignInOutcome.Refused(SignInRefusal.WrongCredentials)
            : await AdmitAsync(person, methods, visitor, cancellationToken);

    /// <summary>The second step of somebody whose first was right.</summary>
    internal SignInOutcome.CodeWanted WantCode(Person person) =>
        new(_states.Protect($"{person.Id}|{person.SecurityStamp}", CodeLifetime));

    private async Task<Person?> FindAsync(string state)
    {
        try
        {
            var parts = _states.Unprotect(state).Split('|');
            var person = await _accounts.FindByIdAsync(parts[0]);
            return person is { DisabledAt: null } && person.SecurityStamp == parts[1] ? person : null;
        }
        catch (CryptographicException)
        {
            return null; // Too old, or not ours.
        }
    }

    /// <summary>Whether the code is right and has not been used: one that somebody read over a shoulder is worth
    /// nothing.</summary>
    private async Task<bool> IsFreshCodeAsync(Person person, string code)
    {
        const string Provider = "beffroi", LastCode = "last-code";
        if (await _accounts.GetAuthenticationTokenAsync(person, Provider, LastCode) == code) return false;
        if (!await _accounts.VerifyTwoFactorTokenAsync(person, TokenOptions.DefaultAuthenticatorProvider, code))
            return false;

        await _accounts.SetAuthenticationTokenAsync(person, Provider, LastCode, code);
        return true;
    }

    private async Task<SignInOutcome> AdmitAsync(
        Person person, string methods, Visitor visitor, CancellationToken cancellationToken)
    {
        await using var transaction = await _db.Database.BeginTransactionAsync(cancellationToken);
        await _accounts.ResetAccessFailedCountAsync(person);
        person.LastSignInAt = _time.GetUtcNow();
        var session = _sessions.Open(_db, person, methods, visitor);
        await NoteAsync(person, Acts.SignedIn, visitor, ("methods", methods), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new SignInOutcome.Admitted(session);
    }

    private async Task<SignInOutcome> CountFailureAsync(
        Person person, Visitor visitor, SignInRefusal reason, CancellationToken cancellationToken)
    {
        _attempts.CountFailure(visitor.Origin);
        await using var transaction = await _db.Database.BeginTransactionAsync(cancellationToken);
        await _accounts.AccessFailedAsync(person);
        var isLocked = await _accounts.IsLockedOutAsync(person);
        await NoteAsync(
            person, isLocked ? Acts.AccountLockedOut : Acts.SignInRefused, visitor, ("reason", reason.ToString()),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return isLocked ? LockedOut(person) : new SignInOutcome.Refused(reason);
    }

    private async Task NoteAsync(
        Person person, string act, Visitor visitor, (string Name, string Value) fact,
        CancellationToken cancellationToken)
    {
        var member = await AccountActs.MemberOfAsync(_db, person.Id, cancellationToken);
        await _journal.AppendAsync(
            _db,
            new PrivilegedAct($"person:{person.Id:D}", act, member, visitor.Origin,
                new Dictionary<string, string> { [fact.Name] = fact.Value }),
            cancellationToken);
    }

    private static SignInOutcome.Refused LockedOut(Person person) =>
        new(SignInRefusal.LockedOut, person.LockoutEnd);

    /// <summary>Somebody to check a password against when nobody has the address.</summary>
    private static class Nobody
    {
        private static string? _hash;

        internal static Person Person { get; } =
            new() { Id = Guid.Empty, Name = "", CreatedAt = DateTimeOffset.UnixEpoch };

        internal static string PasswordHash(IPasswordHasher<Person> hasher) =>
            _hash ??= hasher.HashPassword(Person, Convert.ToHexString(RandomNumberGenerator.GetBytes(16)));
    }
}
