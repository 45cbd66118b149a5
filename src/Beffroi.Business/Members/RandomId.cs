using System.Security.Cryptography;

namespace Beffroi.Business.Members;

/// <summary>Where the ids of this module come from: 16 random bytes, so that nobody guesses one.</summary>
internal static class RandomId
{
    internal static Guid New() => new(RandomNumberGenerator.GetBytes(16));
}
