using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Beffroi.Identity.Oidc.Jose;

/// <summary>Signed tokens in the compact form of RFC 7515 and 7519.</summary>
internal static class JsonWebToken
{
    private const int CharactersMax = 32 * 1024;

    internal static string Sign(JsonObject claims, JwsKey key, string type = "JWT")
    {
        var header = new JsonObject { ["alg"] = key.Algorithm, ["kid"] = key.Id, ["typ"] = type };
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Checks signature, issuer, audience, times and nonce, in this order. Only what
    /// <paramref name="keys"/> can verify is believed: the header's algorithm chooses among them, never beyond
    /// them.</summary>
    internal static TokenReading Read(string token, IReadOnlyList<JwsKey> keys, TokenExpectation expected)
    {
        var parts = token.Split('.');
        if (token.Length > CharactersMax || parts.Length != 3) return new TokenReading(TokenFault.Malformed);
        try
        {
            var header = Decode(parts[0]);
            if (TextOf(header, "alg") is not (JwsKey.Rs256 or JwsKey.Es256) || header.TryGetProperty("crit", out _))
                return new TokenReading(TokenFault.UnknownAlgorithm);

            if (Choose(keys, TextOf(header, "alg"), TextOf(header, "kid")) is not { } key)
                return new TokenReading(TokenFault.UnknownKey);

            var isSigned = key.Verifies(
                Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]));
            if (!isSigned) return new TokenReading(TokenFault.WrongSignature);

            var claims = Decode(parts[1]);
            return expected.FindFault(claims) is { } fault ? new TokenReading(fault) : new TokenReading(claims);
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException)
        {
            return new TokenReading(TokenFault.Malformed); // InvalidOperation: of another JSON kind than expected.
        }
    }

    /// <summary>A text member; none if it is absent or of another kind.</summary>
    internal static string? TextOf(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>Without an id, the only key of that algorithm; with one, no other.</summary>
    private static JwsKey? Choose(IReadOnlyList<JwsKey> keys, string? algorithm, string? id)
    {
        var fitting = keys.Where(key => key.Algorithm == algorithm && (id is null || key.Id == id)).Take(2).ToList();
        return fitting.Count == 1 ? fitting[0] : null;
    }

    private static string Encode(JsonObject json) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static JsonElement Decode(string part)
    {
        using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part));
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? document.RootElement.Clone()
            : throw new FormatException("A token's part is no object.");
    }
}
