using System.Buffers.Binary;

namespace Beffroi.Identity.Oidc.Parties;

/// <summary>A logo that is what it says: a PNG of bounded size. Drawings (SVG) can hold scripts and are not
/// taken.</summary>
internal static class PngLogo
{
    internal const int BytesMax = 100 * 1024;
    internal const int PixelsMax = 512;

    private static ReadOnlySpan<byte> Start => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    internal static bool IsAcceptable(ReadOnlySpan<byte> file)
    {
        // Signature, then the header's length and name, its width and its height (PNG, §5 and §11.2.2).
        if (file.Length is < 33 or > BytesMax || !file.StartsWith(Start) || !file[12..16].SequenceEqual("IHDR"u8))
            return false;
        var width = BinaryPrimitives.ReadUInt32BigEndian(file[16..]);
        var height = BinaryPrimitives.ReadUInt32BigEndian(file[20..]);
        return width is > 0 and <= PixelsMax && height is > 0 and <= PixelsMax;
    }
}
