using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Beffroi.Identity.Oidc.Jose;
using Beffroi.Identity.Oidc.Keys;
using Beffroi.Identity.Oidc.Parties;

namespace Beffroi.Fleet.Tests.Oidc;

/// <summary>Signed tokens: what is believed, and what is not.</summary>
public sealed class TokenReadingTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 2, 0, 0, TimeSpan.Zero);
    private static readonly JwsKey Rsa = JwsKey.Create(JwsKey.Rs256);
    private static readonly JwsKey Curve = JwsKey.Create(JwsKey.Es256);

    private static readonly TokenExpectation Expected = new()
    {
        Issuer = "https://portail.example.fr", Audience = "mail", Nonce = "n-1", Now = Now,
    };

    [Theory]
    [InlineData(JwsKey.Rs256)]
    [InlineData(JwsKey.Es256)]
    public void A_token_is_believed_by_who_has_only_the_published_key(string algorithm)
    {
        var key = JwsKey.FromPrivate(algorithm, (algorithm == JwsKey.Rs256 ? Rsa : Curve).ExportPrivate());
        using var jwk = JsonDocument.Parse(key.ToJwk().ToJsonString());
        var known = JwsKey.FromJwk(jwk.RootElement)!;

        var reading = JsonWebToken.Read(JsonWebToken.Sign(Claims(), key), [known], Expected);

        Assert.Null(reading.Fault);
        Assert.False(jwk.RootElement.TryGetProperty("d", out _));
        Assert.Equal(key.Id, known.Id);
    }

    [Fact]
    public void The_thumbprint_is_that_of_RFC_7638()
    {
        const string Modulus =
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJE"
            + "CPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Q"
            + "vzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6"
            + "WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        using var jwk = JsonDocument.Parse($$"""{"kty":"RSA","n":"{{Modulus}}","e":"AQAB"}""");

        Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", JwsKey.FromJwk(jwk.RootElement)!.Id);
    }

    [Fact]
    public void A_token_without_signature_or_with_a_shared_secret_is_not_believed()
    {
        var signed = JsonWebToken.Sign(Claims(), Rsa);
        var payload = signed.Split('.')[1];
        var none = $"{Encode("{\"alg\":\"none\"}")}.{payload}.";
        var hmac = $"{Encode($"{{\"alg\":\"HS256\",\"kid\":\"{Rsa.Id}\"}}")}.{payload}";
        var confused = Base64Url.EncodeToString(
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(Rsa.ToJwk().ToJsonString()), Encoding.ASCII.GetBytes(hmac)));

        Assert.Equal(TokenFault.UnknownAlgorithm, Read(none));
        Assert.Equal(TokenFault.UnknownAlgorithm, Read($"{hmac}.{confused}"));
        Assert.Equal(TokenFault.UnknownAlgorithm, Read(
            $"{Encode($"{{\"alg\":\"RS256\",\"kid\":\"{Rsa.Id}\",\"crit\":[\"x\"]}}")}.{payload}.AA"));
        Assert.Equal(TokenFault.WrongSignature, Read(string.Join('.', signed.Split('.')[..2]) + "."));
    }

    [Fact]
    public void A_token_of_another_key_or_with_changed_claims_is_not_believed()
    {
        var parts = JsonWebToken.Sign(Claims(), Rsa).Split('.');
        var changed = Claims();
        changed["sub"] = "somebody else";
        var stranger = JwsKey.Create(JwsKey.Rs256);
        var disguised = $"{parts[0]}.{parts[1]}";

        Assert.Equal(TokenFault.UnknownKey, Read(JsonWebToken.Sign(Claims(), stranger)));
        Assert.Equal(TokenFault.WrongSignature, Read(
            $"{disguised}.{Base64Url.EncodeToString(stranger.Sign(Encoding.ASCII.GetBytes(disguised)))}"));
        Assert.Equal(TokenFault.WrongSignature, Read($"{parts[0]}.{Encode(changed.ToJsonString())}.{parts[2]}"));
        Assert.Equal(TokenFault.UnknownKey, Read(JsonWebToken.Sign(Claims(), Curve)));
    }

    [Theory]
    [InlineData("iss", "\"https://evil.example\"", "WrongIssuer")]
    [InlineData("aud", "\"drive\"", "WrongAudience")]
    [InlineData("aud", "[\"mail\",\"drive\"]", "WrongAudience")]
    [InlineData("aud", "[]", "WrongAudience")]
    [InlineData("azp", "\"drive\"", "WrongAudience")]
    [InlineData("sub", "\"\"", "WrongSubject")]
    [InlineData("sub", "7", "WrongSubject")]
    [InlineData("exp", "\"soon\"", "Malformed")]
    [InlineData("exp", "1e300", "Expired")]
    [InlineData("iat", "null", "Malformed")]
    [InlineData("nonce", "\"n-2\"", "WrongNonce")]
    [InlineData("nonce", "null", "WrongNonce")]
    public void A_claim_that_is_not_as_expected_is_named(string claim, string value, string fault)
    {
        var claims = Claims();
        claims[claim] = JsonNode.Parse(value);

        Assert.Equal(fault, Read(JsonWebToken.Sign(claims, Rsa)).ToString());
    }

    [Theory]
    [InlineData("exp", -59, null)]
    [InlineData("exp", -60, "Expired")]
    [InlineData("iat", 60, null)]
    [InlineData("iat", 61, "NotYetValid")]
    [InlineData("nbf", 60, null)]
    [InlineData("nbf", 61, "NotYetValid")]
    public void Clocks_may_differ_by_a_minute(string claim, int seconds, string? fault)
    {
        var claims = Claims();
        claims[claim] = (Now + TimeSpan.FromSeconds(seconds)).ToUnixTimeSeconds();

        Assert.Equal(fault, Read(JsonWebToken.Sign(claims, Rsa))?.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("a.b.c.d")]
    [InlineData("%%%.e30.AA")]
    [InlineData("W10.e30.AA")]
    public void What_is_no_token_is_said_to_be_none(string text) => Assert.Equal(TokenFault.Malformed, Read(text));

    [Fact]
    public void A_key_follows_the_other_announced_and_remembered()
    {
        DateTimeOffset first = Now, second = Now + KeyCalendar.Signs;
        DateTimeOffset[] both = [first, second];

        Assert.Equal(Now, KeyCalendar.NextFrom([], Now));
        Assert.Null(KeyCalendar.NextFrom([first], second - KeyCalendar.Announced - TimeSpan.FromSeconds(1)));
        Assert.Equal(second, KeyCalendar.NextFrom([first], second - KeyCalendar.Announced));
        var late = second + TimeSpan.FromDays(300);
        Assert.Equal(late + KeyCalendar.Announced, KeyCalendar.NextFrom([first], late));
        Assert.Equal(0, KeyCalendar.SigningNow(both, second - TimeSpan.FromSeconds(1)));
        Assert.Equal(1, KeyCalendar.SigningNow(both, second));
        Assert.True(KeyCalendar.IsPublished(both, 1, first));
        Assert.True(KeyCalendar.IsPublished(both, 0, second + KeyCalendar.Remembered - TimeSpan.FromSeconds(1)));
        Assert.False(KeyCalendar.IsPublished(both, 0, second + KeyCalendar.Remembered));
    }

    [Theory]
    [InlineData("https://mail.example.org/cb?x=1", true, true)]
    [InlineData("http://localhost:3000/cb", true, true)]
    [InlineData("fr.exemple.agenda:/cb", false, true)]
    [InlineData("http://mail.example.org/cb", false, false)]
    [InlineData("https://*.example.org/cb", false, false)]
    [InlineData("https://mail.example.org/cb#part", false, false)]
    [InlineData("https://user@mail.example.org/cb", false, false)]
    [InlineData("javascript:alert(1)", false, false)]
    [InlineData("data:text/html,x", false, false)]
    [InlineData("/cb", false, false)]
    [InlineData("https://mail.example.org/c b", false, false)]
    [InlineData("https://mail.example.org\\@evil.example/", false, false)]
    public void Addresses_are_registered_only_where_a_code_is_safe(string address, bool confidential, bool isPublic)
    {
        Assert.Equal(confidential, ReturnAddress.IsAcceptable(address, PartyKind.Confidential));
        Assert.Equal(isPublic, ReturnAddress.IsAcceptable(address, PartyKind.Public));
    }

    [Fact]
    public void A_logo_is_a_png_of_bounded_size()
    {
        byte[] png =
            [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 0, 0, 0, 13, .. "IHDR"u8, 0, 0, 0, 64, 0, 0, 2, 0, .. new byte[9]];
        byte[] wide = [.. png];
        wide[18] = 3;

        Assert.True(PngLogo.IsAcceptable(png));
        Assert.False(PngLogo.IsAcceptable(wide));
        Assert.False(PngLogo.IsAcceptable("<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"u8));
        Assert.False(PngLogo.IsAcceptable([.. png, .. new byte[PngLogo.BytesMax]]));
    }

    private static TokenFault? Read(string token) => JsonWebToken.Read(token, [Rsa], Expected).Fault;

    private static JsonObject Claims() => new()
    {
        ["iss"] = Expected.Issuer, ["aud"] = "mail", ["sub"] = "jeanne", ["nonce"] = "n-1",
        ["iat"] = Now.ToUnixTimeSeconds(), ["exp"] = Now.AddHours(1).ToUnixTimeSeconds(),
    };

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
