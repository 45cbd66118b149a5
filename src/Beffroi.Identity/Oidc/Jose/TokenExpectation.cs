using System.Text.Json;

namespace Beffroi.Identity.Oidc.Jose;

/// <summary>What is wrong with a token.</summary>
internal enum TokenFault
{
    Malformed,

    /// <summary>None, a shared secret, or one that is not spoken here.</summary>
    UnknownAlgorithm,
    UnknownKey,
    WrongSignature,
    WrongIssuer,
    WrongAudience,
    WrongSubject,
    Expired,
    NotYetValid,
    WrongNonce,
}

/// <summary>A token that was checked: its claims, or what is wrong with it.</summary>
internal sealed record TokenReading
{
    internal TokenReading(TokenFault fault) => Fault = fault;

    internal TokenReading(JsonElement claims) => Claims = claims;

    internal TokenFault? Fault { get; }

    internal JsonElement Claims { get; }
}

/// <summary>What a token must say to be believed.</summary>
internal sealed record TokenExpectation
{
    // Servers of a town hall's providers drift apart; more than a minute is a fault to be mended there.
    private static readonly TimeSpan SkewMax = TimeSpan.FromMinutes(1);

    internal required string Issuer { get; init; }

    /// <summary>Whom it must be for; anybody if none.</summary>
    internal string? Audience { get; init; }

    internal required DateTimeOffset Now { get; init; }

    /// <summary>What was sent along and must come back; not asked for if none.</summary>
    internal string? Nonce { get; init; }

    /// <summary>Whether its end is looked at: not for hints (OpenID Connect RP-Initiated Logout 1.0, §2), nor for an
    /// answer that was fetched just now.</summary>
    internal bool MustBeFresh { get; init; } = true;

    /// <summary>What is wrong with the claims; none if they are as expected.</summary>
    internal TokenFault? FindFault(JsonElement claims)
    {
        if (JsonWebToken.TextOf(claims, "iss") != Issuer) return TokenFault.WrongIssuer;
        if (Audience is not null && !IsFor(claims, Audience)) return TokenFault.WrongAudience;
        if (JsonWebToken.TextOf(claims, "sub") is not { Length: > 0 and <= 255 }) return TokenFault.WrongSubject;
        if (MustBeFresh && (SecondsOf(claims, "exp") is not { } end || Now - SkewMax >= end)) return TokenFault.Expired;
        if (MustBeFresh && SecondsOf(claims, "iat") is null) return TokenFault.NotYetValid;
        if (SecondsOf(claims, "iat") > Now + SkewMax || SecondsOf(claims, "nbf") > Now + SkewMax)
            return TokenFault.NotYetValid;

        return Nonce is not null && JsonWebToken.TextOf(claims, "nonce") != Nonce ? TokenFault.WrongNonce : null;
    }

    /// <summary>Several audiences need a party that the token was issued to, and it must be this one (OpenID Connect
    /// Core 1.0, §3.1.3.7).</summary>
    private static bool IsFor(JsonElement claims, string audience)
    {
        if (!claims.TryGetProperty("aud", out var value)) return false;
        var all = value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(each => each.GetString())]
            : new[] { value.GetString() };
        var party = JsonWebToken.TextOf(claims, "azp");
        return all.Contains(audience) && (party is null ? all.Length == 1 : party == audience);
    }

    private static DateTimeOffset? SecondsOf(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.TryGetDouble(out var seconds)
            && seconds is >= 0 and < 253_402_300_800 // The year 10000.
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
            : null;
}
