using Beffroi.Identity.Oidc.Parties;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Oidc.Tokens;

/// <summary>Reads what the claims of a person are made of.</summary>
internal static class SubjectReader
{
    /// <summary>None if the account is shut, or the service is not for the person.</summary>
    internal static async Task<SubjectFacts?> FindAsync(
        IdentityDb db, RelyingParty party, Guid person, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var account = await db.People.AsNoTracking()
            .Where(row => row.Id == person && row.DisabledAt == null)
            .Select(row => new { row.Name, row.Email, row.EmailConfirmed, row.SecurityStamp })
            .SingleOrDefaultAsync(cancellationToken);
        if (account is null) return null;

        var chosen = await db.PartyMembers.Where(row => row.PartyId == party.Id).Select(row => row.MemberId)
            .ToListAsync(cancellationToken);
        var held = await HeldAsync(db, person, now, cancellationToken);
        var bodies = Admission.Of(party, chosen.ToHashSet(), held.Select(each => (each.Role, each.Body)));
        return bodies.Count == 0
            ? null
            : new SubjectFacts(
                person, account.Name, account.Email!, account.EmailConfirmed, StampHashOf(account.SecurityStamp),
                bodies);
    }

    internal static byte[] StampHashOf(string? stamp) => Secret.HashOf(stamp ?? "");

    /// <summary>The roles held now, the oldest first, with the body each is for; of everybody if
    /// <paramref name="person"/> is none.</summary>
    internal static async Task<List<(Guid Person, Access.Role Role, Organization Body)>> HeldAsync(
        IdentityDb db, Guid? person, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await (
            from held in db.HeldRoles
            where (person == null || held.PersonId == person)
                && held.From <= now && (held.Until == null || held.Until > now)
            join member in db.Members on held.MemberId equals (MemberId?)member.Id into members
            from member in members.DefaultIfEmpty()
            orderby held.From, held.Id
            select new
            {
                held.PersonId,
                held.Role,
                held.MemberId,
                Name = (string?)member.Name,
                Siret = (Siret?)member.Siret,
            }).ToListAsync(cancellationToken);
        var own = await db.Operators.AsNoTracking().SingleAsync(cancellationToken);
        return rows.ConvertAll(row => (
            row.PersonId, row.Role,
            row.MemberId is null
                ? new Organization(null, own.Name ?? "", own.Siret, [])
                : new Organization(row.MemberId, row.Name ?? "", row.Siret, [])));
    }
}
