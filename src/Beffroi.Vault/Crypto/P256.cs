using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Beffroi.Vault.Crypto;

/// <summary>The vault's one curve, NIST P-256: sizes, encodings, and the checks of points and scalars.</summary>
internal static class P256
{
    internal const int ScalarBytes = 32;

    /// <summary>0x04, then x and y: SEC 1 §2.3.3 without compression, also what RFC 9180 §7.1.1 sends.</summary>
    internal const int PointBytes = 65;

    private const byte Uncompressed = 0x04;

    // FIPS 186-4, D.1.2.3; the leading zero keeps the number positive.
    private static readonly BigInteger Prime =
        Number("0ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");

    private static readonly BigInteger B =
        Number("05ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    private static ReadOnlySpan<byte> Order =>
    [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];

    /// <summary>Whether the bytes are a private key: 32 of them, from 1 to the order less one.</summary>
    internal static bool IsScalar(ReadOnlySpan<byte> bytes) =>
        bytes.Length == ScalarBytes && bytes.ContainsAnyExcept((byte)0) && bytes.SequenceCompareTo(Order) < 0;

    /// <summary>Whether the bytes are a public key: an uncompressed point of the curve.</summary>
    /// <remarks>Checked here and not only by the platform, so that every system refuses the same bytes: a point off the
    /// curve would let its author learn a private key from a few agreements. The group has prime order, so being on the
    /// curve is enough.</remarks>
    internal static bool IsPoint(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != PointBytes || bytes[0] != Uncompressed) return false;
        var x = new BigInteger(bytes[1..33], isUnsigned: true, isBigEndian: true);
        var y = new BigInteger(bytes[33..], isUnsigned: true, isBigEndian: true);
        return x < Prime && y < Prime && ((y * y) - (x * x * x) + (3 * x) - B) % Prime == 0;
    }

    internal static FormatException NotAPoint(int length) => new(
        $"A public key is {PointBytes} bytes, an uncompressed point of P-256; these {length} bytes are not one.");

    internal static ECParameters PublicParameters(ReadOnlySpan<byte> point) => new()
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = point[1..33].ToArray(), Y = point[33..].ToArray() },
    };

    internal static byte[] PointOf(ECPoint point) =>
        [Uncompressed, .. point.X ?? throw new CryptographicException("The platform gave a key without x."),
            .. point.Y ?? throw new CryptographicException("The platform gave a key without y.")];

    private static BigInteger Number(string hex) =>
        BigInteger.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
