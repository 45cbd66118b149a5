using Beffroi.Business.Members.Register;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.People;

namespace Beffroi.Portal.Watch;

/// <summary>Whom to call at a member.</summary>
public sealed record MemberContact(string Name, string? Phone, string? Mail);

/// <summary>Finds them: the register's référent, who has a phone, else the account that acts as référent.</summary>
internal sealed class MemberContactBook(MemberContacts register, Referents accounts)
{
    internal async Task<IReadOnlyDictionary<MemberId, MemberContact>> FindAsync(
        Caller caller, IReadOnlyCollection<MemberId> members, CancellationToken cancellationToken)
    {
        var found = (await accounts.ListAsync(members, cancellationToken)).ToDictionary(
            pair => pair.Key, pair => new MemberContact(pair.Value.Name, Phone: null, pair.Value.Email));
        if (!caller.Can(Permission.SeeMembers)) return found;

        foreach (var (member, known) in await register.ListReferentsAsync(caller, members, cancellationToken))
            found[member] = new MemberContact(
                known.Name, known.Phone, known.Mail ?? found.GetValueOrDefault(member)?.Mail);
        return found;
    }
}
