using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Beffroi.Identity.Oidc;

/// <summary>Codes, tokens and secrets: 256 random bits, of which the database knows only the SHA-256. A slow hash is
/// for what people choose.</summary>
internal static class Secret
{
    private const int Bytes = 32;

    /// <param name="mark">Says in logs and scanners what leaked, such as <c>bfa</c>.</param>
    internal static (string Text, byte[] Hash) New(string mark)
    {
        var text = $"{mark}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes))}";
        return (text, HashOf(text));
    }

    internal static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    internal static bool Matches(string text, byte[]? hash) =>
        hash is not null && CryptographicOperations.FixedTimeEquals(HashOf(text), hash);
}
