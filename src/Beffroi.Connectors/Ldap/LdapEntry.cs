using Beffroi.Identity.Provisioning;

namespace Beffroi.Connectors.Ldap;

/// <summary>How a person stands in a directory: as <c>inetOrgPerson</c> (RFC 2798), in <c>ou=people</c> while they may
/// come, in <c>ou=former</c> without name to sign in, mail address, member and roles once they may no more.</summary>
internal static class LdapEntry
{
    /// <summary>Holds our id of the person: only an entry that has it is ours.</summary>
    internal const string OwnIdName = "employeeNumber";

    internal const string UserName = "uid";
    internal const string BranchName = "ou";
    internal const string People = "people";
    internal const string Former = "former";

    internal static string OwnId(OutgoingAccount account) => account.Person.ToString("D");

    internal static string Branch(LdapAddress address, bool isActive) =>
        LdapNames.Below(LdapNames.Step(BranchName, isActive ? People : Former), address.BaseName);

    /// <summary>Who comes is found by the name they sign in with. Who came is not: the name may be somebody else's by
    /// then, so the entry is called by what is theirs alone.</summary>
    internal static string Step(OutgoingAccount account) => account.IsActive
        ? LdapNames.Step(UserName, account.UserName)
        : LdapNames.Step(OwnIdName, OwnId(account));

    internal static IReadOnlyList<LdapAttribute> ForBranch(bool isActive) =>
    [
        new("objectClass", "top", "organizationalUnit"),
        new(BranchName, isActive ? People : Former),
    ];

    /// <summary>All of a new entry.</summary>
    internal static IEnumerable<LdapAttribute> ForNew(OutgoingAccount account) =>
    [
        new("objectClass", "top", "person", "organizationalPerson", "inetOrgPerson"),
        new(OwnIdName, OwnId(account)),
        .. ForKnown(account),
    ];

    /// <summary>What is ours to change in an entry that is there; the rest is the directory's.</summary>
    internal static IEnumerable<LdapAttribute> ForKnown(OutgoingAccount account) =>
    [
        account.IsActive ? new(UserName, account.UserName) : new(UserName),
        new("cn", account.Name),
        new("sn", account.Name), // 'person' demands a last name, and the portal does not ask for one apart.
        new("displayName", account.Name),
        account.IsActive ? new("mail", account.UserName) : new("mail"),
        account is { IsActive: true, Organization: { } member } ? new("o", member) : new("o"),
        new("employeeType", account.IsActive ? account.Roles : []),
    ];
}
