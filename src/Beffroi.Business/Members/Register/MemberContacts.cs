using System.Globalization;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Business.Members.Register;

/// <summary>Whom to call at a member.</summary>
public sealed record ReferentContact(string Name, string? Phone, string? Mail);

/// <summary>Whom the operator knows at a member, and which roles they hold since when. Read with the file
/// (<see cref="MemberRegister"/>).</summary>
/// <remarks>Roles here are what the charters ask for. What somebody may do in the portal is Identity's.</remarks>
public sealed class MemberContacts
{
    private readonly MemberTurns _turns;

    internal MemberContacts(MemberTurns turns) => _turns = turns;

    /// <summary>For each of these members the référent of today, the one who has held that role longest.</summary>
    public async Task<IReadOnlyDictionary<MemberId, ReferentContact>> ListReferentsAsync(
        Caller caller, IReadOnlyCollection<MemberId> members, CancellationToken cancellationToken)
    {
        await using var db = await _turns.ReadAsync(caller, cancellationToken);
        var today = _turns.Time.Today();
        var found = await (
            from role in db.HeldRoles
            join contact in db.Contacts on role.ContactId equals contact.Id
            where members.Contains(role.MemberId) && role.Role == ContactRole.Referent && role.From <= today
                && (role.Until == null || role.Until >= today)
            select new { role.MemberId, role.From, contact.Name, contact.Phone, contact.Mail })
            .ToListAsync(cancellationToken);
        return found.GroupBy(each => each.MemberId).ToDictionary(
            group => group.Key, group => group.OrderBy(each => each.From)
                .Select(each => new ReferentContact(each.Name, each.Phone, each.Mail)).First());
    }

    /// <summary>Adds a contact, or replaces the data of the one that is named.</summary>
    /// <param name="seen">Revision of what the form showed; none to replace whatever is there.</param>
    public async Task<SaveResult<ContactId>> SaveAsync(
        Caller caller, MemberId member, ContactId? id, ContactDraft draft, string? seen,
        CancellationToken cancellationToken)
    {
        await using var turn = await _turns.OpenDetailsAsync(caller, member, cancellationToken);
        if (turn is null) return new SaveResult<ContactId>.NotFound();

        var tidied = draft.Tidied();
        var check = tidied.Check();
        if (!check.IsRight) return new SaveResult<ContactId>.Invalid(check.Mistakes);

        var contact = id is null
            ? turn.Db.Contacts.Add(new Contact { Id = ContactId.New(), MemberId = member }).Entity
            : await FindAsync(turn, id.Value, cancellationToken);
        if (contact is null) return new SaveResult<ContactId>.NotFound();
        if (id is not null && !Revision.IsStill(seen, contact.ToDraft())) return new SaveResult<ContactId>.Outdated();

        contact.Describe(tidied);
        await turn.EndAsync("contact-saved", [("contact", contact.Id.Value.ToString())], cancellationToken);
        return new SaveResult<ContactId>.Saved(contact.Id);
    }

    /// <summary>Forgets a contact with all roles, as data protection asks for. The member's own people remove those who
    /// hold and held none.</summary>
    public async Task<SaveResult<ContactId>> RemoveAsync(
        Caller caller, MemberId member, ContactId id, CancellationToken cancellationToken)
    {
        await using var turn = await _turns.OpenDetailsAsync(caller, member, cancellationToken);
        if (turn is null || await FindAsync(turn, id, cancellationToken) is not { } contact)
            return new SaveResult<ContactId>.NotFound();
        if (!caller.IsStaff && contact.Roles.Count > 0)
            return new SaveResult<ContactId>.Refused(SaveRefusal.HoldsRoles);

        turn.Db.Contacts.Remove(contact);
        return await LoseAsync(turn, contact, "contact-removed", [], cancellationToken);
    }

    /// <summary>Gives a role from a day on.</summary>
    public async Task<SaveResult<ContactId>> GiveRoleAsync(
        Caller caller, MemberId member, ContactId id, ContactRole role, DateOnly from,
        CancellationToken cancellationToken)
    {
        await using var turn = await _turns.OpenAsync(caller, member, cancellationToken);
        if (turn is null || await FindAsync(turn, id, cancellationToken) is not { } contact)
            return new SaveResult<ContactId>.NotFound();
        if (contact.Roles.Exists(held => held.Role == role && (held.Until is null || held.Until >= from)))
            return new SaveResult<ContactId>.Refused(SaveRefusal.RoleHeld);

        contact.Roles.Add(new HeldRole { MemberId = member, ContactId = id, Role = role, From = from });
        await turn.EndAsync(
            "contact-role-given", [("contact", id.Value.ToString()), .. Detail(role, from)], cancellationToken);
        return new SaveResult<ContactId>.Saved(id);
    }

    /// <summary>Ends a role; it is held on that day for the last time.</summary>
    public async Task<SaveResult<ContactId>> EndRoleAsync(
        Caller caller, MemberId member, ContactId id, ContactRole role, DateOnly until,
        CancellationToken cancellationToken)
    {
        await using var turn = await _turns.OpenAsync(caller, member, cancellationToken);
        if (turn is null || await FindAsync(turn, id, cancellationToken) is not { } contact)
            return new SaveResult<ContactId>.NotFound();

        var held = contact.Roles.SingleOrDefault(each => each.Role == role && each.Until is null);
        if (held is null) return new SaveResult<ContactId>.Refused(SaveRefusal.RoleNotHeld);
        if (until < held.From)
            return new SaveResult<ContactId>.Invalid([new FieldMistake(nameof(until), FieldError.OutOfRange)]);

        held.End(until);
        return await LoseAsync(turn, contact, "contact-role-ended", Detail(role, until), cancellationToken);
    }

    /// <summary>Writes the change unless it leaves a member with an effective admission without a référent who stays
    /// (an end in the future counts too: nobody would notice the day).</summary>
    private async Task<SaveResult<ContactId>> LoseAsync(
        MemberTurn turn, Contact contact, string act, IEnumerable<(string Name, string Value)> detail,
        CancellationToken cancellationToken)
    {
        var wasEffective = turn.File.Standing == MemberStanding.Effective;
        await turn.Db.SaveChangesAsync(cancellationToken);
        if (wasEffective && !await HasReferentAsync(turn, _turns.Time.Today(), cancellationToken))
            return new SaveResult<ContactId>.Refused(SaveRefusal.LastReferent); // The transaction rolls back.

        await turn.EndAsync(act, [("contact", contact.Id.Value.ToString()), .. detail], cancellationToken);
        return new SaveResult<ContactId>.Saved(contact.Id);
    }

    private static Task<bool> HasReferentAsync(
        MemberTurn turn, DateOnly today, CancellationToken cancellationToken) => turn.Db.HeldRoles.AnyAsync(
        row => row.MemberId == turn.File.MemberId && row.Role == ContactRole.Referent
            && row.From <= today && row.Until == null,
        cancellationToken);

    private static Task<Contact?> FindAsync(MemberTurn turn, ContactId id, CancellationToken cancellationToken) =>
        turn.Db.Contacts.Include(row => row.Roles).SingleOrDefaultAsync(
            row => row.Id == id && row.MemberId == turn.File.MemberId, cancellationToken);

    private static (string Name, string Value)[] Detail(ContactRole role, DateOnly day) =>
        [("role", CodeWord.Of(role)), ("day", day.ToString("O", CultureInfo.InvariantCulture))];
}
