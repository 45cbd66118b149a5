using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Backup;

/// <summary>Where a bundle of small files ends, besides the end of its directory and its size.</summary>
/// <remarks>A cut by the name keeps the bundles after it as they were when files come or go, should the state be lost
/// and everything be read again. With it, nothing else depends on it: a changed file goes into a new bundle
/// anyway.</remarks>
internal static class BundleRule
{
    private const uint MeanFiles = 64;

    internal static bool Ends(EntryPath path) => Hash(path.Name.Span) % MeanFiles == 0;

    /// <summary>A number that is the same in every run and on every computer, evenly spread.</summary>
    internal static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261u; // FNV-1a.
        foreach (var value in bytes) hash = (hash ^ value) * 16777619u;
        return hash ^ (hash >> 15);
    }
}
