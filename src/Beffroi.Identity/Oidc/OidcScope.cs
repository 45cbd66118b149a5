namespace Beffroi.Identity.Oidc;

/// <summary>What a service may ask to be told.</summary>
public static class OidcScope
{
    public const string OpenId = "openid";
    public const string Profile = "profile";
    public const string Email = "email";
    public const string Siret = "siret";
    public const string Roles = "roles";
    public const string OfflineAccess = "offline_access";

    /// <summary>All there are, in the order in which they are shown.</summary>
    public static IReadOnlyList<string> All { get; } = [OpenId, Profile, Email, Siret, Roles, OfflineAccess];

    /// <summary>Those of <paramref name="asked"/> that the service is registered for; unknown ones are left out, as
    /// OpenID Connect Core 1.0, §3.1.2.1, has it.</summary>
    internal static string[] Grant(string? asked, IEnumerable<string> registered)
    {
        var wanted = Split(asked);
        return [.. All.Where(scope => wanted.Contains(scope) && registered.Contains(scope))];
    }

    internal static string[] Split(string? scopes) =>
        (scopes ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
