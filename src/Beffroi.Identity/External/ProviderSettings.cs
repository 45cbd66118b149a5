namespace Beffroi.Identity.External;

/// <summary>What an administrator says of a provider.</summary>
/// <param name="Id">Short, such as <c>proconnect</c>; in addresses, and for ever beside the subjects it names.</param>
/// <param name="Issuer">Its discovery document lies below; compared letter by letter.</param>
/// <param name="RequiresSignedUserInfo">Whether only a signed answer counts.</param>
/// <param name="CreatesAccounts">Whether somebody unknown becomes an agent of the member of the named SIRET.</param>
public sealed record ProviderSettings(
    string Id, string Name, string Issuer, string ClientId, string Secret, IReadOnlyList<string> Scopes,
    string? AcrValues, bool RequiresSignedUserInfo, bool CreatesAccounts)
{
    /// <summary>What ProConnect gives to services.</summary>
    public static IReadOnlyList<string> UsualScopes { get; } =
        ["openid", "given_name", "usual_name", "email", "uid", "siret"];

    /// <summary>Whether the settings can work.</summary>
    internal bool IsSound() =>
        Id.Length is > 0 and <= ExternalProvider.IdCharactersMax
        && Id.All(sign => char.IsAsciiLetterLower(sign) || char.IsAsciiDigit(sign) || sign == '-')
        && Name.Trim().Length is > 0 and <= 100 && ClientId.Length > 0 && Secret.Length > 0
        && Scopes.Contains("openid")
        && Uri.TryCreate(Issuer, UriKind.Absolute, out var issuer) && ProviderMetadata.IsSafe(issuer);
}
