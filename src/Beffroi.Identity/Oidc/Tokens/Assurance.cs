namespace Beffroi.Identity.Oidc.Tokens;

/// <summary>How surely a session's person was recognised, for services that ask.</summary>
internal static class Assurance
{
    /// <summary>ProConnect's words for identity providers: one proof, or two. Its third level needs a key that is known
    /// to be in hardware, which a browser does not tell.</summary>
    internal const string One = "eidas1";

    internal const string Two = "eidas2";

    internal static IReadOnlyList<string> All { get; } = [One, Two];

    /// <param name="methods">RFC 8176's names parted by spaces, as the session keeps them.</param>
    internal static string LevelOf(string methods) => NamesOf(methods).Contains("mfa") ? Two : One;

    /// <summary>The methods, with <c>mfa</c> where they are two. A passkey's session says so itself; one proof that a
    /// provider names stays one.</summary>
    internal static IReadOnlyList<string> NamesOf(string methods)
    {
        var names = methods.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
        var isTwofold = names.Contains("pwd") && names.Contains("otp");
        if (isTwofold && !names.Contains("mfa")) names.Add("mfa");
        return names;
    }
}
