using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Mail;
using Beffroi.Identity.People;
using Beffroi.Identity.SignIn;
using Microsoft.AspNetCore.Identity;

namespace Beffroi.Identity.Account;

/// <summary>What a one-time link leads to.</summary>
/// <param name="Fault">Why it leads nowhere; none if a password may be chosen.</param>
public sealed record LinkReading(AccountFault? Fault, string Name, string Email);

/// <summary>Passwords chosen by a link in a mail: after an invitation, or when one was forgotten. Lives as long as a
/// request.</summary>
public sealed class PasswordLinkDesk
{
    // Longer than the work takes: the time of the answer does not tell whether an address is known.
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan MailPause = TimeSpan.FromMinutes(2); // Nobody's mailbox is to be flooded.

    private readonly UserManager<Person> _accounts;
    private readonly IdentityDb _db;
    private readonly SessionBook _sessions;
    private readonly AttemptLimit _attempts;
    private readonly AccountActs _acts;
    private readonly OneTimeLinks _links;
    private readonly TimeProvider _time;

    internal PasswordLinkDesk(
        UserManager<Person> accounts, IdentityDb db, SessionBook sessions, AttemptLimit attempts, AccountActs acts,
        OneTimeLinks links, TimeProvider time)
    {
        (_accounts, _db, _sessions, _attempts) = (accounts, db, sessions, attempts);
        (_acts, _links, _time) = (acts, links, time);
    }

    /// <summary>Mails a link to the account of this address, if there is one that may have it. Answers nothing, and in
    /// the same time whatever it did.</summary>
    public async Task AskAsync(string email, Visitor visitor, CancellationToken cancellationToken)
    {
        var answerDue = Task.Delay(AnswerTime, _time, cancellationToken);
        if (_attempts.Allows(visitor.Origin))
        {
            _attempts.CountFailure(visitor.Origin); // Bounds how many addresses somebody can try.
            var person = await _accounts.FindByEmailAsync(email.Trim());
            if (person is { DisabledAt: null, EmailConfirmed: true })
                await SendResetAsync(person, visitor, cancellationToken);
        }
        await answerDue;
    }

    /// <summary>Whose password a link would set; uses nothing up.</summary>
    public async Task<LinkReading> ReadAsync(string token, LinkPurpose purpose, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (fault, person) = await FindAsync(token, purpose);
        return new LinkReading(fault, person?.Name ?? "", person?.Email ?? "");
    }

    /// <summary>Sets the password, ends every session, and uses the link up, with all others of this account.</summary>
    /// <returns>What is wrong; none if it was done.</returns>
    public async Task<AccountFault?> UseAsync(
        string token, LinkPurpose purpose, string password, Visitor visitor, CancellationToken cancellationToken)
    {
        var (fault, person) = await FindAsync(token, purpose);
        if (fault is not null || person is null) return fault ?? AccountFault.LinkSpent;

        foreach (var rules in _accounts.PasswordValidators)
        {
            var judged = await rules.ValidateAsync(_accounts, person, password);
            if (!judged.Succeeded) return AccountFaults.Of(judged);
        }
        await using var transaction = await _db.Database.BeginTransactionAsync(cancellationToken);
        person.PasswordHash = _accounts.PasswordHasher.HashPassword(person, password);
        person.EmailConfirmed = true; // Who has the link reads this address.
        (person.LockoutEnd, person.AccessFailedCount) = (null, 0);
        var saved = await _accounts.UpdateSecurityStampAsync(person);
        if (!saved.Succeeded) return AccountFaults.Of(saved);

        await _sessions.EndAsync(_db, person.Id, _ => true, cancellationToken);
        var owner = Caller.Of(person.PersonId, person.Name, visitor.Origin, []);
        if (purpose == LinkPurpose.PasswordReset) _acts.TellOwner(owner, person, AccountChange.PasswordChanged);
        await _acts.NoteAsync(
            owner, person, purpose == LinkPurpose.Invitation ? Acts.InvitationAccepted : Acts.PasswordReset,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    private async Task SendResetAsync(Person person, Visitor visitor, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        if (await AccountNotes.ReadMomentAsync(_accounts, person, AccountNotes.ResetAsked) is { } last
            && now - last < MailPause)
            return;

        await using var transaction = await _db.Database.BeginTransactionAsync(cancellationToken);
        await AccountNotes.WriteMomentAsync(_accounts, person, AccountNotes.ResetAsked, now);
        var (token, until) = _links.Make(person, LinkPurpose.PasswordReset);
        _acts.Send(person, new PeopleLetter.PasswordReset(person.Name, token, until), member: null);
        await _acts.NoteAsync(
            Caller.Of(person.PersonId, person.Name, visitor.Origin, []), person, Acts.PasswordForgotten,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<(AccountFault? Fault, Person? Person)> FindAsync(string token, LinkPurpose purpose)
    {
        if (_links.Read(token, purpose) is not { } said) return (AccountFault.LinkSpent, null);
        if (said.Until <= _time.GetUtcNow()) return (AccountFault.LinkExpired, null);

        var person = await _accounts.FindByIdAsync(said.Person);
        return person is { DisabledAt: null } && person.SecurityStamp == said.Stamp
            ? (null, person)
            : (AccountFault.LinkSpent, null);
    }
}
