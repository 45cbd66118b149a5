using System.Globalization;
using System.Runtime.CompilerServices;

namespace Beffroi.Testing;

/// <summary>Randomness of tests that can be replayed: the seed is printed, and taken from BEFFROI_SEED when that is
/// set.</summary>
public static class Seed
{
    /// <summary>A source of randomness for the calling test.</summary>
    public static Random ForThisTest([CallerMemberName] string test = "")
    {
        var text = Environment.GetEnvironmentVariable("BEFFROI_SEED");
        var seed = text is null
            ? System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue)
            : int.Parse(text, CultureInfo.InvariantCulture);
        Console.WriteLine($"{test}: BEFFROI_SEED={seed}");
        return new Random(seed);
    }
}
