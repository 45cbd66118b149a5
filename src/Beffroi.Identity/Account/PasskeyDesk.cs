using System.Buffers.Text;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Mail;
using Beffroi.Identity.People;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;

namespace Beffroi.Identity.Account;

/// <summary>A passkey of one's own.</summary>
/// <param name="Id">For forms.</param>
public sealed record OwnPasskey(string Id, string Name, DateTimeOffset CreatedAt);

/// <summary>What a browser is asked.</summary>
/// <param name="Options">JSON for <c>navigator.credentials</c>.</param>
/// <param name="State">To be sent back with its answer. Opaque, and good for a few minutes.</param>
public sealed record PasskeyChallenge(string Options, string State);

/// <summary>What a browser answers.</summary>
/// <param name="Credential">JSON that <c>navigator.credentials</c> made.</param>
public sealed record PasskeyAnswer(string Credential, string State);

/// <summary>Passkeys (WebAuthn): a proof that cannot be told to anybody, nor asked for by a false site. The device
/// checks who holds it, so a passkey signs in alone, without password and code. Lives as long as a request.</summary>
public sealed class PasskeyDesk
{
    internal const int PasskeysMax = 20;
    internal const int NameCharactersMax = 60;

    private readonly UserManager<Person> _accounts;
    private readonly IPasskeyHandler<Person> _handler;
    private readonly IdentityDb _db;
    private readonly AccountActs _acts;
    private readonly PasskeyStates _states;

    internal PasskeyDesk(
        UserManager<Person> accounts, IPasskeyHandler<Person> handler, IdentityDb db, AccountActs acts,
        PasskeyStates states) =>
        (_accounts, _handler, _db, _acts, _states) = (accounts, handler, db, acts, states);

    /// <summary>The caller's passkeys, the oldest first.</summary>
    public async Task<IReadOnlyList<OwnPasskey>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        var person = await OwnAccountDesk.PersonOfAsync(_accounts, caller);
        cancellationToken.ThrowIfCancellationRequested();
        return
        [
            .. (await _accounts.GetPasskeysAsync(person)).OrderBy(each => each.CreatedAt)
                .Select(each => new OwnPasskey(
                    Base64Url.EncodeToString(each.CredentialId), each.Name ?? "", each.CreatedAt)),
        ];
    }

    /// <summary>Asks the browser to make a passkey for the caller.</summary>
    public async Task<PasskeyChallenge> BeginAsync(
        Caller caller, HttpContext http, CancellationToken cancellationToken)
    {
        var person = await OwnAccountDesk.PersonOfAsync(_accounts, caller);
        cancellationToken.ThrowIfCancellationRequested();
        var entity = new PasskeyUserEntity { Id = $"{person.Id:D}", Name = person.Email!, DisplayName = person.Name };
        var made = await _handler.MakeCreationOptionsAsync(entity, http);
        return new PasskeyChallenge(made.CreationOptionsJson, _states.Seal(made.AttestationState!, person.Id));
    }

    /// <summary>Keeps a passkey that the browser made.</summary>
    /// <param name="name">As the person tells it from others.</param>
    public async Task<AccountFault?> AddAsync(
        Caller caller, PasskeyAnswer answer, string name, HttpContext http, CancellationToken cancellationToken)
    {
        var person = await OwnAccountDesk.PersonOfAsync(_accounts, caller);
        if (NameOf(name) is not { } label) return AccountFault.NameMissing;
        if (_states.Open(answer.State, person.Id) is not { } state) return AccountFault.LinkExpired;
        if ((await _accounts.GetPasskeysAsync(person)).Count >= PasskeysMax) return AccountFault.TooManyPasskeys;

        var attested = await _handler.PerformAttestationAsync(new PasskeyAttestationContext
        {
            HttpContext = http,
            CredentialJson = answer.Credential,
            AttestationState = state,
        });
        if (!attested.Succeeded || attested.UserEntity.Id != $"{person.Id:D}") return AccountFault.WrongPasskey;

        attested.Passkey.Name = label;
        return await SaveAsync(
            caller, person, attested.Passkey, Acts.PasskeyAdded, AccountChange.PasskeyAdded, cancellationToken);
    }

    /// <summary>Gives a passkey of the caller another name.</summary>
    public async Task<AccountFault?> RenameAsync(
        Caller caller, string id, string name, CancellationToken cancellationToken)
    {
        var person = await OwnAccountDesk.PersonOfAsync(_accounts, caller);
        if (NameOf(name) is not { } label) return AccountFault.NameMissing;
        if (await FindAsync(person, id) is not { } passkey) return AccountFault.NotFound;

        passkey.Name = label;
        return await SaveAsync(caller, person, passkey, Acts.PasskeyRenamed, change: null, cancellationToken);
    }

    /// <summary>Forgets a passkey of the caller: it signs nobody in any more.</summary>
    public async Task<AccountFault?> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var person = await OwnAccountDesk.PersonOfAsync(_accounts, caller);
        if (await FindAsync(person, id) is not { } passkey) return AccountFault.NotFound;

        await using var transaction = await _db.Database.BeginTransactionAsync(cancellationToken);
        await _accounts.RemovePasskeyAsync(person, passkey.CredentialId);
        _acts.TellOwner(caller, person, AccountChange.PasskeyRemoved);
        await _acts.NoteAsync(
            caller, person, Acts.PasskeyRemoved, cancellationToken, ("name", passkey.Name ?? ""));
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    private async Task<UserPasskeyInfo?> FindAsync(Person person, string id) =>
        Base64Url.IsValid(id) ? await _accounts.GetPasskeyAsync(person, Base64Url.DecodeFromChars(id)) : null;

    private async Task<AccountFault?> SaveAsync(
        Caller caller, Person person, UserPasskeyInfo passkey, string act, AccountChange? change,
        CancellationToken cancellationToken)
    {
        await using var transaction = await _db.Database.BeginTransactionAsync(cancellationToken);
        var saved = await _accounts.AddOrUpdatePasskeyAsync(person, passkey);
        if (!saved.Succeeded) return AccountFaults.Of(saved);

        if (change is { } told) _acts.TellOwner(caller, person, told);
        await _acts.NoteAsync(caller, person, act, cancellationToken, ("name", passkey.Name ?? ""));
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    private static string? NameOf(string name) =>
        name.Trim() is { Length: > 0 and <= NameCharactersMax } label ? label : null;
}
