namespace Beffroi.Portal.Account;

/// <summary>Where to go on after signing in: only within this portal, whatever the address says.</summary>
internal static class LocalAddress
{
    /// <summary>The address if it is a path of this site, else the home page.</summary>
    internal static string Of(string? wanted) => wanted is ['/', ..] && IsPath(wanted) ? wanted : "/";

    // Browsers read "//host" and "/\host" as another site, and drop control characters before they look.
    private static bool IsPath(string wanted) =>
        (wanted.Length == 1 || wanted[1] is not ('/' or '\\')) && !wanted.Any(char.IsControl);
}
