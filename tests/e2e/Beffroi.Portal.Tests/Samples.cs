using System.Text;

namespace Beffroi.Portal.Tests;

/// <summary>Contents of files as people have them.</summary>
internal static class Samples
{
    private const int NoiseBytes = 3_000_000; // Some chunks: a range is cut out of the middle of one.
    private const int Seed = 1789;

    /// <summary>A picture of one pixel, PNG.</summary>
    internal static byte[] Picture { get; } = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==");

    /// <summary>An empty page, PDF.</summary>
    internal static byte[] Document { get; } = Encoding.ASCII.GetBytes(
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        + "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n");

    /// <summary>What no program knows.</summary>
    internal static byte[] Noise { get; } = MakeNoise();

    private static byte[] MakeNoise()
    {
        var bytes = new byte[NoiseBytes];
        new Random(Seed).NextBytes(bytes);
        return bytes;
    }
}
