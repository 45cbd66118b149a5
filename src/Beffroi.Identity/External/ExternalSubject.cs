using System.Text.Json;
using Beffroi.Identity.Oidc.Jose;

namespace Beffroi.Identity.External;

/// <summary>Somebody as a provider names them.</summary>
/// <param name="Methods">How the provider recognised them, as a session keeps it.</param>
internal sealed record ExternalSubject(string Subject, string? Email, string? Name, Siret? Siret, string Methods)
{
    // RFC 8176's, as far as a session has room for them.
    private static readonly string[] MethodsKnown = ["pwd", "otp", "hwk", "swk", "pin", "fpt", "face", "sms", "mfa"];

    internal bool IsTwofold => Methods.Split(' ').Contains("mfa");

    internal static ExternalSubject Read(string subject, JsonElement token, JsonElement info)
    {
        string?[] names =
            [JsonWebToken.TextOf(info, "given_name"),
             JsonWebToken.TextOf(info, "usual_name") ?? JsonWebToken.TextOf(info, "family_name")];
        var name = string.Join(' ', names.Where(each => !string.IsNullOrWhiteSpace(each)));
        return new ExternalSubject(
            subject, EmailOf(info),
            name.Length > 0 ? name : JsonWebToken.TextOf(info, "name"),
            Identity.Siret.TryParse(JsonWebToken.TextOf(info, "siret"), out var siret) ? siret : null,
            MethodsOf(token));
    }

    /// <summary>None that the provider itself doubts.</summary>
    private static string? EmailOf(JsonElement info) =>
        info.TryGetProperty("email_verified", out var verified) && verified.ValueKind == JsonValueKind.False
            ? null
            : JsonWebToken.TextOf(info, "email")?.Trim();

    private static string MethodsOf(JsonElement token)
    {
        var named = token.TryGetProperty("amr", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(each => each.ValueKind == JsonValueKind.String)
                .Select(each => each.GetString()!)
            : [];
        var methods = named.Where(MethodsKnown.Contains).Distinct().ToList();
        if (JsonWebToken.TextOf(token, "acr") is "eidas2" or "eidas3" && !methods.Contains("mfa")) methods.Add("mfa");
        return methods.Count == 0 ? "fed" : string.Join(' ', methods); // Federated: it does not say how.
    }
}
