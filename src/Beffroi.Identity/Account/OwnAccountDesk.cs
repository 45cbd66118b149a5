using System.Linq.Expressions;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Mail;
using Beffroi.Identity.People;
using Beffroi.Identity.SignIn;
using Microsoft.AspNetCore.Identity;

namespace Beffroi.Identity.Account;

/// <summary>What people change of their own account: name, password, sessions. Lives as long as a request.</summary>
public sealed class OwnAccountDesk
{
    private readonly UserManager<Person> _accounts;
    private readonly IdentityDb _db;
    private readonly SessionBook _sessions;
    private readonly AccountActs _acts;

    internal OwnAccountDesk(
        UserManager<Person> accounts, IdentityDb db, SessionBook sessions, AccountActs acts) =>
        (_accounts, _db, _sessions, _acts) = (accounts, db, sessions, acts);

    /// <summary>The caller's account.</summary>
    public async Task<OwnAccount> GetAsync(Caller caller, CancellationToken cancellationToken)
    {
        var person = await PersonOfAsync(_accounts, caller);
        cancellationToken.ThrowIfCancellationRequested();
        return new OwnAccount(
            person.Name, person.Email!, person.TwoFactorEnabled, await _accounts.CountRecoveryCodesAsync(person));
    }

    /// <summary>Changes how the person is called.</summary>
    /// <returns>What is wrong; none if it was done.</returns>
    public async Task<AccountFault?> RenameAsync(Caller caller, string name, CancellationToken cancellationToken)
    {
        var wanted = name.Trim();
        if (wanted.Length is 0 or > Person.NameCharactersMax) return AccountFault.NameMissing;

        var person = await PersonOfAsync(_accounts, caller);
        await using var transaction = await _db.Database.BeginTransactionAsync(cancellationToken);
        var before = person.Name;
        person.Name = wanted;
        var saved = await _accounts.UpdateAsync(person);
        if (!saved.Succeeded) return AccountFaults.Of(saved);

        await _acts.NoteAsync(caller, person, Acts.NameChanged, cancellationToken, ("from", before), ("to", wanted));
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>Changes the password, and ends every session but the one that asks.</summary>
    /// <returns>What is wrong; none if it was done.</returns>
    public async Task<AccountFault?> ChangePasswordAsync(
        Caller caller, string current, string wanted, Guid session, CancellationToken cancellationToken)
    {
        var person = await PersonOfAsync(_accounts, caller);
        if (await _accounts.IsLockedOutAsync(person)) return AccountFault.LockedOut;

        await using var transaction = await _db.Database.BeginTransactionAsync(cancellationToken);
        var changed = await _accounts.ChangePasswordAsync(person, current, wanted);
        if (!changed.Succeeded)
        {
            var fault = AccountFaults.Of(changed);
            if (fault == AccountFault.WrongPassword) await _accounts.AccessFailedAsync(person);
            await transaction.CommitAsync(cancellationToken); // The count of wrong passwords stays.
            return fault;
        }
        await _sessions.EndAsync(_db, person.Id, one => one.Id != session, cancellationToken);
        await _acts.NoteAsync(caller, person, Acts.PasswordChanged, cancellationToken);
        _acts.TellOwner(caller, person, AccountChange.PasswordChanged);
        await _db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>The browsers where the caller is signed in, the latest seen first.</summary>
    public Task<IReadOnlyList<SessionSummary>> ListSessionsAsync(Caller caller, CancellationToken cancellationToken) =>
        _sessions.ListAsync(IdOf(caller), cancellationToken);

    /// <summary>Ends one session of the caller.</summary>
    /// <returns><see cref="AccountFault.NotFound"/> if it is none of theirs or has ended.</returns>
    public async Task<AccountFault?> EndSessionAsync(
        Caller caller, Guid session, CancellationToken cancellationToken) =>
        await EndAsync(caller, one => one.Id == session, cancellationToken) == 0 ? AccountFault.NotFound : null;

    /// <summary>Ends every session of the caller but the one that asks.</summary>
    public Task EndOtherSessionsAsync(Caller caller, Guid session, CancellationToken cancellationToken) =>
        EndAsync(caller, one => one.Id != session, cancellationToken);

    /// <summary>The account of the caller, who is a person: commands and jobs have none.</summary>
    internal static async Task<Person> PersonOfAsync(UserManager<Person> accounts, Caller caller) =>
        await accounts.FindByIdAsync(IdOf(caller).ToString("D"))
            ?? throw new InvalidOperationException($"{caller.Actor} is signed in, but has no account.");

    private static Guid IdOf(Caller caller) => caller.Person?.Value
        ?? throw new InvalidOperationException($"{caller.Actor} is no person, and has no account of its own.");

    private async Task<int> EndAsync(
        Caller caller, Expression<Func<SignInSession, bool>> which, CancellationToken cancellationToken)
    {
        var person = await PersonOfAsync(_accounts, caller);
        await using var transaction = await _db.Database.BeginTransactionAsync(cancellationToken);
        var ended = await _sessions.EndAsync(_db, person.Id, which, cancellationToken);
        if (ended > 0)
            await _acts.NoteAsync(caller, person, Acts.SessionsEnded, cancellationToken, ("count", $"{ended}"));
        await transaction.CommitAsync(cancellationToken);
        return ended;
    }
}
