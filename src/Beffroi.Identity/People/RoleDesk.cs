using System.Net.Mail;
using System.Security.Cryptography;
using Beffroi.Identity.Access;
using Beffroi.Identity.Account;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Mail;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Beffroi.Identity.People;

/// <summary>A role to be given.</summary>
/// <param name="Member">None for a role of the operator.</param>
/// <param name="From">From when on; none for now.</param>
/// <param name="Until">Until when; none for as long as nobody ends it.</param>
public sealed record RoleWanted(
    Role Role, MemberId? Member, DateTimeOffset? From = null, DateTimeOffset? Until = null);

/// <summary>What came of an invitation.</summary>
/// <param name="Fault">What was wrong; none if it was done.</param>
/// <param name="IsNew">Whether the person had no account yet, and was mailed a link.</param>
public sealed record InviteOutcome(PeopleFault? Fault, PersonId Person = default, bool IsNew = false);

/// <summary>Who holds which role, given by those who may: invites people, gives roles, ends them. Lives as long as a
/// request.</summary>
public sealed class RoleDesk
{
    private readonly UserManager<Person> _accounts;
    private readonly IdentityDb _db;
    private readonly PeopleReach _reach;
    private readonly AccountActs _acts;
    private readonly ActJournal _journal;
    private readonly OneTimeLinks _links;
    private readonly TimeProvider _time;

    internal RoleDesk(
        UserManager<Person> accounts, IdentityDb db, PeopleReach reach, AccountActs acts, ActJournal journal,
        OneTimeLinks links, TimeProvider time)
    {
        (_accounts, _db, _reach, _acts) = (accounts, db, reach, acts);
        (_journal, _links, _time) = (journal, links, time);
    }

    /// <summary>Mails a link by which somebody makes an account with this role. Who has an account gets the role at
    /// once, and a mail that says so.</summary>
    public async Task<InviteOutcome> InviteAsync(
        Caller caller, string email, string name, RoleWanted wanted, CancellationToken cancellationToken)
    {
        if (FaultOf(caller, wanted) is { } fault) return new InviteOutcome(fault);
        if (!IsAddress(email.Trim())) return new InviteOutcome(PeopleFault.BadEmail);
        if (name.Trim().Length is 0 or > Person.NameCharactersMax) return new InviteOutcome(PeopleFault.NameMissing);

        await using var transaction = await _db.Database.BeginTransactionAsync(cancellationToken);
        var found = await _accounts.FindByEmailAsync(email.Trim());
        var person = found ?? await MakeAsync(email.Trim(), name.Trim());
        if (person is null) return new InviteOutcome(PeopleFault.Outdated);
        if (await GiveAsync(caller, person, wanted, cancellationToken) is { } refused)
            return new InviteOutcome(refused);

        if (found is null)
            await NoteAsync(caller, Acts.PersonInvited, person, wanted.Role, wanted.Member, cancellationToken);
        await TellAsync(caller, person, wanted, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new InviteOutcome(null, person.PersonId, IsNew: found is null);
    }

    /// <summary>Mails a new link to somebody who has not used theirs; the old one is worth nothing then.</summary>
    public async Task<PeopleFault?> InviteAgainAsync(
        Caller caller, PersonId id, CancellationToken cancellationToken)
    {
        if (await _reach.FindAsync(caller, id, cancellationToken) is not { } person) return PeopleFault.NotFound;
        if (person is { EmailConfirmed: true } or { DisabledAt: not null }) return PeopleFault.NotInvited;

        var roles = await _reach.RolesAsync(person.Id, cancellationToken);
        var role = roles.FirstOrDefault(row => PeopleReach.MayGive(caller, row.Role, row.MemberId));
        if (role is null) return PeopleFault.RoleTooHigh;

        await using var transaction = await _db.Database.BeginTransactionAsync(cancellationToken);
        await _accounts.UpdateSecurityStampAsync(person);
        await SendInvitationAsync(caller, person, role.Role, role.MemberId, cancellationToken);
        await NoteAsync(caller, Acts.InvitationSentAgain, person, role.Role, role.MemberId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>Gives a person whom the caller manages a further role.</summary>
    public async Task<PeopleFault?> GiveAsync(
        Caller caller, PersonId id, RoleWanted wanted, CancellationToken cancellationToken)
    {
        if (await _reach.FindAsync(caller, id, cancellationToken) is not { } person) return PeopleFault.NotFound;
        if (FaultOf(caller, wanted) is { } fault) return fault;

        await using var transaction = await _db.Database.BeginTransactionAsync(cancellationToken);
        if (await GiveAsync(caller, person, wanted, cancellationToken) is { } refused) return refused;

        await TellAsync(caller, person, wanted, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>Ends a role now; what it allowed ends with the person's next request.</summary>
    public async Task<PeopleFault?> EndAsync(
        Caller caller, PersonId id, Guid role, CancellationToken cancellationToken)
    {
        if (await _reach.FindAsync(caller, id, cancellationToken) is not { } person) return PeopleFault.NotFound;

        await using var transaction = await _db.Database.BeginTransactionAsync(cancellationToken);
        var roles = await _reach.RolesAsync(person.Id, cancellationToken);
        var seen = caller.ScopeOf(Permission.ManagePeople);
        var held = roles.FirstOrDefault(row => row.Id == role
            && (row.MemberId is { } member ? seen.Contains(member) : seen.IsPlatform));
        if (held is null) return PeopleFault.NotFound;
        if (!PeopleReach.MayGive(caller, held.Role, held.MemberId)) return PeopleFault.RoleTooHigh;
        if (held is { Role: Role.Referent, MemberId: { } led }
            && await _reach.IsLastReferentAsync(led, person.Id, cancellationToken))
            return PeopleFault.LastReferent;
        if (held.MemberId is null && caller.Person == id) return PeopleFault.Oneself; // Somebody must manage the staff.

        held.End(_time.GetUtcNow());
        await NoteAsync(caller, Acts.RoleEnded, person, held.Role, held.MemberId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>What forbids this caller to give such a role to anybody.</summary>
    private PeopleFault? FaultOf(Caller caller, RoleWanted wanted)
    {
        caller.Demand(Permission.ManagePeople);
        if (wanted.Member is { } member && !caller.ScopeOf(Permission.ManagePeople).Contains(member))
            return PeopleFault.NotFound; // Another member, or none at all.
        if (!PeopleReach.MayGive(caller, wanted.Role, wanted.Member)) return PeopleFault.RoleTooHigh;

        var now = _time.GetUtcNow();
        return wanted.Until <= now || wanted.Until <= wanted.From ? PeopleFault.BadDates : null;
    }

    private async Task<PeopleFault?> GiveAsync(
        Caller caller, Person person, RoleWanted wanted, CancellationToken cancellationToken)
    {
        // Who gives themselves a role of a member would read its files without anybody's consent.
        if (caller.Person == person.PersonId) return PeopleFault.Oneself;
        if (wanted.Member is { } member && !await _db.Members.AnyAsync(row => row.Id == member, cancellationToken))
            return PeopleFault.NotFound;

        var roles = await _reach.RolesAsync(person.Id, cancellationToken);
        if (roles.Any(row => row.MemberId is null != wanted.Member is null)) return PeopleFault.StaffAndMember;
        if (roles.Any(row => row.Role == wanted.Role && row.MemberId == wanted.Member)) return PeopleFault.AlreadyHeld;

        _db.HeldRoles.Add(new HeldRole
        {
            Id = new Guid(RandomNumberGenerator.GetBytes(16)),
            PersonId = person.Id,
            MemberId = wanted.Member,
            Role = wanted.Role,
            From = wanted.From ?? _time.GetUtcNow(),
            Until = wanted.Until,
        });
        await NoteAsync(caller, Acts.RoleGiven, person, wanted.Role, wanted.Member, cancellationToken);
        return null;
    }

    private async Task<Person?> MakeAsync(string email, string name)
    {
        var person = new Person
        {
            Id = PersonId.New().Value,
            Name = name,
            UserName = email,
            Email = email,
            CreatedAt = _time.GetUtcNow(),
        };
        try
        {
            return (await _accounts.CreateAsync(person)).Succeeded ? person : null;
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.UniqueViolation,
        })
        {
            return null; // Somebody invited the same address at the same moment.
        }
    }

    /// <summary>Tells the person; and the member's référents, where the operator gave a role that opens its
    /// files.</summary>
    private async Task TellAsync(
        Caller caller, Person person, RoleWanted wanted, CancellationToken cancellationToken)
    {
        var member = await NameOfAsync(wanted.Member, cancellationToken);
        if (!person.EmailConfirmed)
            await SendInvitationAsync(caller, person, wanted.Role, wanted.Member, cancellationToken);
        else
            _acts.Send(
                person, new PeopleLetter.RoleGiven(person.Name, caller.Name, wanted.Role, member), wanted.Member);
        if (caller.IsStaff && wanted.Member is { } led && Rights.Of(wanted.Role).Contains(Permission.RestoreData))
        {
            foreach (var referent in await _reach.ReferentsAsync([led], cancellationToken))
            {
                if (referent.Id != person.Id)
                    _acts.Send(
                        referent,
                        new PeopleLetter.RoleGivenByOperator(
                            referent.Name, person.Name, caller.Name, wanted.Role, member!),
                        led);
            }
        }
        await _db.SaveChangesAsync(cancellationToken);
    }

    private async Task SendInvitationAsync(
        Caller caller, Person person, Role role, MemberId? member, CancellationToken cancellationToken)
    {
        await AccountNotes.WriteMomentAsync(_accounts, person, AccountNotes.Invited, _time.GetUtcNow());
        var (token, until) = _links.Make(person, LinkPurpose.Invitation);
        var name = await NameOfAsync(member, cancellationToken);
        _acts.Send(
            person, new PeopleLetter.Invitation(person.Name, caller.Name, role, name, token, until), member);
    }

    private async Task<string?> NameOfAsync(MemberId? member, CancellationToken cancellationToken) =>
        member is { } id
            ? await _db.Members.Where(row => row.Id == id).Select(row => row.Name).SingleAsync(cancellationToken)
            : null;

    private Task NoteAsync(
        Caller caller, string act, Person person, Role role, MemberId? member, CancellationToken cancellationToken) =>
        _journal.AppendAsync(
            _db,
            PrivilegedAct.Of(caller, act, member, ("person", $"{person.Id:D}"), ("role", role.ToString())),
            cancellationToken);

    private static bool IsAddress(string text) =>
        text.Length <= 256 && MailAddress.TryCreate(text, out var address) && address.Address == text
        && !text.Any(char.IsControl);
}
