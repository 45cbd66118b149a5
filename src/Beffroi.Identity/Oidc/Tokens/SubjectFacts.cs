using System.Text.Json.Nodes;
using Beffroi.Identity.Access;
using Beffroi.Identity.Oidc.Parties;

namespace Beffroi.Identity.Oidc.Tokens;

/// <summary>What a service may be told of a person who is admitted to it.</summary>
/// <param name="Organizations">The bodies for which the person is admitted, that of the oldest role first.</param>
internal sealed record SubjectFacts(
    Guid PersonId, string Name, string Email, bool IsEmailVerified, byte[] StampHash,
    IReadOnlyList<Organization> Organizations)
{
    /// <summary>The claims that <paramref name="scopes"/> open, as identity tokens and the userinfo end point tell
    /// them.</summary>
    internal JsonObject ToClaims(IReadOnlyCollection<string> scopes)
    {
        var claims = new JsonObject { ["sub"] = SubjectOf(PersonId) };
        if (scopes.Contains(OidcScope.Profile)) (claims["name"], claims["preferred_username"]) = (Name, Email);
        if (scopes.Contains(OidcScope.Email)) (claims["email"], claims["email_verified"]) = (Email, IsEmailVerified);
        if (scopes.Contains(OidcScope.Siret)) AddOrganizations(claims);
        if (scopes.Contains(OidcScope.Roles)) claims["roles"] = NamesOf(Organizations.SelectMany(body => body.Roles));
        return claims;
    }

    /// <summary>The person's stable name for services: random, and the same at all of them, since the same accounts are
    /// provisioned at several.</summary>
    internal static string SubjectOf(Guid person) => person.ToString("D");

    /// <summary>ProConnect's names for the first body, and the list of all.</summary>
    private void AddOrganizations(JsonObject claims)
    {
        if (Organizations.Count == 0) return;
        var first = Organizations[0];
        if (first.Siret is { } siret) claims["siret"] = siret.Value;
        claims["organization_label"] = first.Name;
        if (first.Member is { } member) claims["member"] = member.ToString();
        claims["organizations"] = new JsonArray(
        [
            .. Organizations.Select(body => new JsonObject
            {
                ["siret"] = body.Siret?.Value,
                ["label"] = body.Name,
                ["member"] = body.Member?.ToString(),
                ["roles"] = NamesOf(body.Roles),
            }),
        ]);
    }

    /// <summary>The names for services of all roles for which somebody is admitted.</summary>
    internal static IReadOnlyList<string> RolesOf(IReadOnlyList<Organization> organizations) =>
        [.. organizations.SelectMany(body => body.Roles).Distinct().Select(NameOf)];

    private static JsonArray NamesOf(IEnumerable<Role> roles) =>
        new([.. roles.Distinct().Select(role => JsonValue.Create(NameOf(role)))]);

    /// <summary>Part of the contract with services: a role's name here never changes.</summary>
    private static string NameOf(Role role) => role switch
    {
        Role.Direction => "direction",
        Role.Operations => "operations",
        Role.Support => "support",
        Role.Accounting => "accounting",
        Role.DataProtection => "data-protection",
        Role.Executive => "executive",
        Role.Referent => "referent",
        Role.FunctionalAdministrator => "functional-administrator",
        Role.Agent => "agent",
        Role.Provider => "provider",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "A role without a name for services."),
    };
}
