namespace Beffroi.Identity.Oidc.Tokens;

/// <summary>What the token end point answers.</summary>
internal abstract record TokenAnswer
{
    private TokenAnswer()
    {
    }

    /// <summary>Tokens.</summary>
    internal sealed record Issued(FreshTokens Tokens, string[] Scopes, string IdToken) : TokenAnswer;

    /// <summary>An error of RFC 6749, §5.2, or RFC 8628, §3.5.</summary>
    internal sealed record Refused(string Error, string Reason) : TokenAnswer;

    internal static Refused InvalidGrant(string reason) => new("invalid_grant", reason);
}
