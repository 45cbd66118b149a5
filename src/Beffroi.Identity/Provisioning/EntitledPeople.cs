using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.Oidc.Tokens;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Provisioning;

/// <summary>What a service should have: an active account for whoever may sign in there, by the rule that admits them,
/// and a shut one for whoever had one and may no more.</summary>
internal static class EntitledPeople
{
    /// <param name="known">Who has an account there already.</param>
    internal static async Task<IReadOnlyList<OutgoingAccount>> ListAsync(
        IdentityDb db, RelyingParty party, IReadOnlyCollection<Guid> known, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var chosen = (await db.PartyMembers.Where(row => row.PartyId == party.Id).Select(row => row.MemberId)
            .ToListAsync(cancellationToken)).ToHashSet();
        var held = (await SubjectReader.HeldAsync(db, person: null, now, cancellationToken))
            .ToLookup(row => row.Person, row => (row.Role, row.Body));
        var admitted = held.Select(person => (person.Key, Bodies: Admission.Of(party, chosen, person)))
            .Where(person => person.Bodies.Count > 0).ToDictionary(person => person.Key, person => person.Bodies);
        var ids = admitted.Keys.Union(known).ToList();
        var people = await db.People.AsNoTracking().Where(row => ids.Contains(row.Id)).OrderBy(row => row.Id)
            .Select(row => new { row.Id, row.Name, row.Email, row.DisabledAt }).ToListAsync(cancellationToken);
        return
        [
            .. from person in people
               let bodies = person.DisabledAt is null ? admitted.GetValueOrDefault(person.Id) : null
               where bodies is not null || known.Contains(person.Id)
               select new OutgoingAccount(
                   person.Id, person.Email!, person.Name, bodies is not null, bodies?[0].Name,
                   bodies is null ? [] : SubjectFacts.RolesOf(bodies)),
        ];
    }
}
