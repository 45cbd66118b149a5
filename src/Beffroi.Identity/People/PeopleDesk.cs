using System.Security.Cryptography;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.People;

/// <summary>What is said of a new account.</summary>
/// <param name="Member">The member the role is for; none for a role of the operator.</param>
public sealed record NewPerson(string Email, string Name, Role Role, MemberId? Member);

/// <summary>What came of adding an account.</summary>
public abstract record AddedPerson
{
    private AddedPerson()
    {
    }

    /// <summary>Added, or an account that was there and has the role now too.</summary>
    public sealed record Done(PersonId Id, bool IsNew) : AddedPerson;

    /// <summary>Not added.</summary>
    /// <param name="Faults">Codes of what is wrong, such as <c>TooShort</c> of a password.</param>
    public sealed record Refused(IReadOnlyList<string> Faults) : AddedPerson;
}

/// <summary>Accounts and their roles. Lives as long as a request.</summary>
public sealed class PeopleDesk
{
    private readonly UserManager<Person> _accounts;
    private readonly IdentityDb _db;
    private readonly ActJournal _journal;
    private readonly TimeProvider _time;

    internal PeopleDesk(UserManager<Person> accounts, IdentityDb db, ActJournal journal, TimeProvider time) =>
        (_accounts, _db, _journal, _time) = (accounts, db, journal, time);

    /// <summary>Adds an account with a password, or gives a role to the one that has this address; its name and
    /// password then stay as they are.</summary>
    public async Task<AddedPerson> AddAsync(
        Caller caller, NewPerson person, string password, CancellationToken cancellationToken)
    {
        DemandMayGive(caller, person.Role, person.Member);
        await using var transaction = await _db.Database.BeginTransactionAsync(cancellationToken);
        var found = await _accounts.FindByEmailAsync(person.Email.Trim());
        var account = found ?? new Person
        {
            Id = PersonId.New().Value,
            Name = person.Name.Trim(),
            UserName = person.Email.Trim(),
            Email = person.Email.Trim(),
            EmailConfirmed = true,
            CreatedAt = _time.GetUtcNow(),
        };
        if (found is null)
        {
            var created = await _accounts.CreateAsync(account, password);
            if (!created.Succeeded) return new AddedPerson.Refused([.. created.Errors.Select(error => error.Code)]);
        }
        await GiveAsync(account, person.Role, person.Member, cancellationToken);
        await _journal.AppendAsync(
            _db,
            PrivilegedAct.Of(
                caller, found is null ? Acts.PersonAdded : Acts.RoleGiven, person.Member,
                ("person", account.Id.ToString("D")), ("role", person.Role.ToString())),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new AddedPerson.Done(account.PersonId, IsNew: found is null);
    }

    /// <summary>Nobody gives a role of the operator without being allowed to, nor a role for another member.</summary>
    private static void DemandMayGive(Caller caller, Role role, MemberId? member)
    {
        if (Rights.IsOperators(role) != (member is null))
            throw new ArgumentException($"{role} {(member is null ? "needs a" : "takes no")} member.", nameof(role));

        if (member is null) caller.Demand(Permission.ManageStaff);
        else caller.Demand(Permission.ManagePeople, member);
    }

    private async Task GiveAsync(Person person, Role role, MemberId? member, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var holds = await _db.HeldRoles.AnyAsync(
            row => row.PersonId == person.Id && row.Role == role && row.MemberId == member
                && (row.Until == null || row.Until > now),
            cancellationToken);
        if (holds) return;

        _db.HeldRoles.Add(new HeldRole
        {
            Id = new Guid(RandomNumberGenerator.GetBytes(16)),
            PersonId = person.Id,
            MemberId = member,
            Role = role,
            From = now,
        });
    }
}
