using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Mail;
using Beffroi.Identity.People;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Account;

/// <summary>Writes down what was done to an account, and tells its owner by mail, in the caller's
/// transaction.</summary>
internal sealed class AccountActs(
    IdentityDb db, ActJournal journal, MailOutbox outbox, IPeopleLetters letters, TimeProvider time)
{
    /// <summary>An act on one's own account.</summary>
    internal async Task NoteAsync(
        Caller caller, Person person, string act, CancellationToken cancellationToken,
        params IEnumerable<(string Name, string Value)> detail) =>
        await journal.AppendAsync(
            db, PrivilegedAct.Of(caller, act, await MemberOfAsync(db, person.Id, cancellationToken), detail),
            cancellationToken);

    /// <summary>Tells the owner of an account what changed: who did not do it themselves must learn of it.</summary>
    internal void TellOwner(Caller caller, Person person, AccountChange change) =>
        Send(person, new PeopleLetter.AccountChanged(person.Name, change, time.GetUtcNow(), caller.Origin), null);

    internal void Send(Person person, PeopleLetter letter, MemberId? member) =>
        outbox.Add(db, letters.Write(letter, person.Email!), member); // An account always has an address.

    /// <summary>Under which member an act on an account is written: the first that gave it a role.</summary>
    internal static Task<MemberId?> MemberOfAsync(IdentityDb db, Guid person, CancellationToken cancellationToken) =>
        db.HeldRoles.Where(row => row.PersonId == person && row.MemberId != null)
            .OrderBy(row => row.From).Select(row => row.MemberId).FirstOrDefaultAsync(cancellationToken);
}
