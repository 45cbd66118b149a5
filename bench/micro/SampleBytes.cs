using System.Text;

namespace Beffroi.Benchmarks;

/// <summary>What a benchmark's content is like.</summary>
public enum SampleKind
{
    /// <summary>French words: compresses to about a third.</summary>
    Prose,

    /// <summary>Random bytes, as photographs and archives are: detected and stored as they are.</summary>
    Noise,
}

internal static class SampleBytes
{
    private static readonly string[] Words =
        ("le conseil municipal réuni en séance publique approuve la délibération relative à la voirie communale et "
            + "autorise madame la maire à signer tout document utile pour l'école la salle des fêtes le cimetière les "
            + "inscriptions électorales l'état civil et le plan local d'urbanisme après avis de la "
            + "commission").Split(' ');

    /// <summary>The same bytes for the same seed.</summary>
    internal static byte[] Create(SampleKind kind, int bytes, int seed)
    {
        var random = new Random(seed);
        var sample = new byte[bytes];
        if (kind == SampleKind.Noise) random.NextBytes(sample);
        else FillWithProse(sample, random);
        return sample;
    }

    private static void FillWithProse(Span<byte> rest, Random random)
    {
        while (rest.Length > 0)
        {
            // A number now and then, as letters and accounts have; words alone compress too well.
            var word = random.Next(6) == 0 ? $"{random.Next()} " : Words[random.Next(Words.Length)] + " ";
            var encoded = Encoding.UTF8.GetBytes(word).AsSpan();
            encoded[..Math.Min(encoded.Length, rest.Length)].CopyTo(rest);
            rest = rest[Math.Min(encoded.Length, rest.Length)..];
        }
    }
}
