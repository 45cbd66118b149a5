using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Beffroi.Identity.Oidc.Jose;

/// <summary>A key that signs or verifies tokens: RS256 or ES256, nothing else (RFC 7518).</summary>
/// <remarks>Holds numbers, not handles: keys are read by many requests at once, and RSA objects may not be.</remarks>
internal sealed class JwsKey
{
    internal const string Rs256 = "RS256";
    internal const string Es256 = "ES256";

    // RGS B1: enough until the end of 2030; a key signs for 90 days.
    private const int RsaBits = 2048;

    private readonly RSAParameters _rsa;
    private readonly ECParameters _curve;

    private JwsKey(string algorithm, RSAParameters rsa, ECParameters curve, string? id)
    {
        (Algorithm, _rsa, _curve) = (algorithm, rsa, curve);
        Id = id ?? Thumbprint();
    }

    /// <summary>The <c>kid</c>: of own keys their thumbprint (RFC 7638), else what the owner calls it.</summary>
    internal string Id { get; }

    internal string Algorithm { get; }

    internal static JwsKey Create(string algorithm)
    {
        if (algorithm == Es256)
        {
            using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return new JwsKey(Es256, default, curve.ExportParameters(includePrivateParameters: true), id: null);
        }
        using var rsa = RSA.Create(RsaBits);
        return new JwsKey(Rs256, rsa.ExportParameters(includePrivateParameters: true), default, id: null);
    }

    internal static JwsKey FromPrivate(string algorithm, ReadOnlySpan<byte> pkcs8)
    {
        if (algorithm == Es256)
        {
            using var curve = ECDsa.Create();
            curve.ImportPkcs8PrivateKey(pkcs8, out _);
            return new JwsKey(Es256, default, curve.ExportParameters(includePrivateParameters: true), id: null);
        }
        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(pkcs8, out _);
        return new JwsKey(Rs256, rsa.ExportParameters(includePrivateParameters: true), default, id: null);
    }

    internal byte[] ExportPrivate()
    {
        using AsymmetricAlgorithm key = Algorithm == Es256 ? ECDsa.Create(_curve) : RSA.Create(_rsa);
        return key.ExportPkcs8PrivateKey();
    }

    /// <summary>Reads one key of a JWK set; none if it is of another kind, too small, or not for signatures.</summary>
    internal static JwsKey? FromJwk(JsonElement jwk)
    {
        try
        {
            if (TextOf(jwk, "use") is not (null or "sig")) return null;
            var (algorithm, id) = (TextOf(jwk, "alg"), TextOf(jwk, "kid"));
            return TextOf(jwk, "kty") switch
            {
                "RSA" when algorithm is null or Rs256 => FromRsa(jwk, id),
                "EC" when algorithm is null or Es256 && TextOf(jwk, "crv") == "P-256" => FromCurve(jwk, id),
                _ => null,
            };
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The public half, as a JWK set lists it.</summary>
    internal JsonObject ToJwk() => Algorithm == Es256
        ? new JsonObject
        {
            ["kty"] = "EC", ["use"] = "sig", ["alg"] = Es256, ["kid"] = Id, ["crv"] = "P-256",
            ["x"] = Base64Url.EncodeToString(_curve.Q.X), ["y"] = Base64Url.EncodeToString(_curve.Q.Y),
        }
        : new JsonObject
        {
            ["kty"] = "RSA", ["use"] = "sig", ["alg"] = Rs256, ["kid"] = Id,
            ["n"] = Base64Url.EncodeToString(_rsa.Modulus), ["e"] = Base64Url.EncodeToString(_rsa.Exponent),
        };

    internal byte[] Sign(ReadOnlySpan<byte> data)
    {
        if (Algorithm == Es256)
        {
            using var curve = ECDsa.Create(_curve);
            return curve.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        using var rsa = RSA.Create(_rsa);
        return rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    internal bool Verifies(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (Algorithm == Es256)
        {
            using var curve = ECDsa.Create(_curve);
            return curve.VerifyData(
                data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        using var rsa = RSA.Create(_rsa);
        return rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static JwsKey? FromRsa(JsonElement jwk, string? id)
    {
        var numbers = new RSAParameters { Modulus = BytesOf(jwk, "n"), Exponent = BytesOf(jwk, "e") };
        if (numbers.Modulus.Length * 8 < RsaBits) return null;
        using var check = RSA.Create(numbers);
        return new JwsKey(Rs256, numbers, default, id);
    }

    private static JwsKey FromCurve(JsonElement jwk, string? id)
    {
        var point = new ECPoint { X = BytesOf(jwk, "x"), Y = BytesOf(jwk, "y") };
        var numbers = new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point };
        using var check = ECDsa.Create(numbers); // Refuses a point off the curve.
        return new JwsKey(Es256, default, numbers, id);
    }

    private string Thumbprint()
    {
        var jwk = ToJwk();
        // RFC 7638, 3.3: the required members alone, in alphabetical order, without spaces.
        var members = Algorithm == Es256 ? new[] { "crv", "kty", "x", "y" } : ["e", "kty", "n"];
        var canonical = $"{{{string.Join(',', members.Select(name => $"\"{name}\":\"{jwk[name]}\""))}}}";
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(canonical)));
    }

    private static string? TextOf(JsonElement jwk, string name) =>
        jwk.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static byte[] BytesOf(JsonElement jwk, string name) =>
        Base64Url.DecodeFromChars(TextOf(jwk, name) ?? throw new FormatException($"The key has no '{name}'."));
}
