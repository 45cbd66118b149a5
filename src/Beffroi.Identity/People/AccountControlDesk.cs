using Beffroi.Identity.Access;
using Beffroi.Identity.Account;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Mail;
using Beffroi.Identity.SignIn;
using Microsoft.AspNetCore.Identity;

namespace Beffroi.Identity.People;

/// <summary>What who manages people does to whole accounts: shuts and opens them, ends their sessions, locks one that
/// fell into other hands. Lives as long as a request.</summary>
public sealed class AccountControlDesk
{
    private readonly UserManager<Person> _accounts;
    private readonly IdentityDb _db;
    private readonly PeopleReach _reach;
    private readonly SessionBook _sessions;
    private readonly AccountActs _acts;
    private readonly ActJournal _journal;
    private readonly OneTimeLinks _links;
    private readonly TimeProvider _time;

    internal AccountControlDesk(
        UserManager<Person> accounts, IdentityDb db, PeopleReach reach, SessionBook sessions, AccountActs acts,
        ActJournal journal, OneTimeLinks links, TimeProvider time)
    {
        (_accounts, _db, _reach, _sessions) = (accounts, db, reach, sessions);
        (_acts, _journal, _links, _time) = (acts, journal, links, time);
    }

    /// <summary>Shuts an account: its sessions end, and nobody signs in with it until it is opened again.</summary>
    public Task<PeopleFault?> DisableAsync(Caller caller, PersonId id, CancellationToken cancellationToken) =>
        ChangeAsync(caller, id, Acts.AccountDisabled, async (person, roles) =>
        {
            if (caller.Person == id) return PeopleFault.Oneself;
            foreach (var led in LedBy(roles))
                if (await _reach.IsLastReferentAsync(led, person.Id, cancellationToken))
                    return PeopleFault.LastReferent;

            person.DisabledAt = _time.GetUtcNow();
            await _sessions.EndAsync(_db, person.Id, _ => true, cancellationToken);
            return null;
        }, cancellationToken);

    /// <summary>Opens an account that was shut.</summary>
    public Task<PeopleFault?> EnableAsync(Caller caller, PersonId id, CancellationToken cancellationToken) =>
        ChangeAsync(caller, id, Acts.AccountEnabled, (person, _) =>
        {
            person.DisabledAt = null;
            return Task.FromResult<PeopleFault?>(null);
        }, cancellationToken);

    /// <summary>Ends every session of an account.</summary>
    public Task<PeopleFault?> EndSessionsAsync(Caller caller, PersonId id, CancellationToken cancellationToken) =>
        ChangeAsync(caller, id, Acts.SessionsEnded, async (person, _) =>
        {
            await _sessions.EndAsync(_db, person.Id, _ => true, cancellationToken);
            return null;
        }, cancellationToken);

    /// <summary>Takes off a second factor that its owner has lost, with all recovery codes.</summary>
    public Task<PeopleFault?> RemoveSecondFactorAsync(
        Caller caller, PersonId id, CancellationToken cancellationToken) =>
        ChangeAsync(caller, id, Acts.SecondFactorOff, async (person, _) =>
        {
            if (caller.Person == id) return PeopleFault.Oneself; // On one's own page, where the password is asked.
            await SecondFactorDesk.ForgetAsync(_accounts, person);
            _acts.TellOwner(caller, person, AccountChange.SecondFactorOff);
            return null;
        }, cancellationToken);

    /// <summary>Locks an account whose password or device is in other hands: its sessions end, password and passkeys
    /// are worth nothing, its owner gets a mail to choose a new password, and the référents learn of it. Anybody who
    /// manages people where the account serves may do it, wherever else it serves: harm done by waiting is worse than
    /// a provider's lost hour.</summary>
    public async Task<PeopleFault?> ReportCompromisedAsync(
        Caller caller, PersonId id, CancellationToken cancellationToken)
    {
        if (await _reach.FindAsync(caller, id, cancellationToken) is not { } person) return PeopleFault.NotFound;
        var roles = await _reach.RolesAsync(person.Id, cancellationToken);
        var isStaff = roles.Any(row => row.MemberId is null);
        if (isStaff && !caller.Can(Permission.ManageStaff)) return PeopleFault.RoleTooHigh;

        await using var transaction = await _db.Database.BeginTransactionAsync(cancellationToken);
        (person.PasswordHash, person.LockoutEnd) = (null, DateTimeOffset.MaxValue);
        foreach (var passkey in await _accounts.GetPasskeysAsync(person))
            await _accounts.RemovePasskeyAsync(person, passkey.CredentialId);
        var saved = await _accounts.UpdateSecurityStampAsync(person);
        if (!saved.Succeeded) return PeopleFault.Outdated;

        await _sessions.EndAsync(_db, person.Id, _ => true, cancellationToken);
        await TellOfCompromiseAsync(caller, person, roles, cancellationToken);
        await NoteAsync(caller, Acts.AccountCompromised, person, roles, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    private async Task TellOfCompromiseAsync(
        Caller caller, Person person, IReadOnlyList<HeldRole> roles, CancellationToken cancellationToken)
    {
        var (token, until) = _links.Make(person, LinkPurpose.PasswordReset);
        _acts.Send(person, new PeopleLetter.AccountLocked(person.Name, token, until), member: null);
        var members = roles.Select(row => row.MemberId).OfType<MemberId>().Distinct().ToList();
        var told = members.Count > 0
            ? await _reach.ReferentsAsync(members, cancellationToken)
            : await _reach.DirectionAsync(cancellationToken);
        foreach (var each in told.Where(each => each.Id != person.Id))
            _acts.Send(
                each, new PeopleLetter.CompromiseReported(each.Name, person.Name, caller.Name), member: null);
    }

    private async Task<PeopleFault?> ChangeAsync(
        Caller caller, PersonId id, string act,
        Func<Person, IReadOnlyList<HeldRole>, Task<PeopleFault?>> change, CancellationToken cancellationToken)
    {
        if (await _reach.FindAsync(caller, id, cancellationToken) is not { } person) return PeopleFault.NotFound;
        var roles = await _reach.RolesAsync(person.Id, cancellationToken);
        if (!PeopleReach.IsWhole(caller, roles))
            return roles.Any(row => !caller.ScopeOf(Permission.ManagePeople).IsPlatform
                && (row.MemberId is not { } member || !caller.ScopeOf(Permission.ManagePeople).Contains(member)))
                ? PeopleFault.SharedAccount
                : PeopleFault.RoleTooHigh;

        await using var transaction = await _db.Database.BeginTransactionAsync(cancellationToken);
        if (await change(person, roles) is { } fault) return fault;

        var saved = await _accounts.UpdateAsync(person);
        if (!saved.Succeeded) return PeopleFault.Outdated;

        await NoteAsync(caller, act, person, roles, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    private static IEnumerable<MemberId> LedBy(IReadOnlyList<HeldRole> roles) => roles
        .Where(row => row.Role == Role.Referent).Select(row => row.MemberId).OfType<MemberId>().Distinct();

    /// <summary>One entry for each member that the account serves, so that each can read it.</summary>
    private async Task NoteAsync(
        Caller caller, string act, Person person, IReadOnlyList<HeldRole> roles, CancellationToken cancellationToken)
    {
        foreach (var member in roles.Select(row => row.MemberId).Distinct().DefaultIfEmpty(null))
            await _journal.AppendAsync(
                _db, PrivilegedAct.Of(caller, act, member, ("person", $"{person.Id:D}")), cancellationToken);
    }
}
