using System.Text;
using System.Text.Json;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Agent.Configuration;

/// <summary>What the last backup took, for one that is not told what to take.</summary>
/// <remarks>Beside the enrolment and not in the state: that one is a cache, and a cache that was lost must not end the
/// nightly backup.</remarks>
internal static class LastPaths
{
    /// <summary>The paths; none when there was no backup, or when the file cannot be used.</summary>
    internal static IReadOnlyList<EntryPath> Load(AgentHome home)
    {
        try
        {
            var json = OwnerOnly.Read(home.LastPathsFile);
            var paths = JsonSerializer.Deserialize(json, ConfigurationJson.Default.IReadOnlyListString) ?? [];
            return [.. paths.Select(path => EntryPath.FromSlashes(Encoding.UTF8.GetBytes(path)))];
        }
        catch (Exception failure) when (
            failure is IOException or UnauthorizedAccessException or JsonException or VaultException)
        {
            return []; // The person is asked then.
        }
    }

    /// <summary>Remembers the paths, durably. Writes nothing when they are those of the last time.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    internal static void Save(AgentHome home, IReadOnlyList<EntryPath> paths)
    {
        if (Load(home).SequenceEqual(paths)) return;
        IReadOnlyList<string> texts = [.. paths.Select(path => $"/{path}")];
        var json = JsonSerializer.SerializeToUtf8Bytes(texts, ConfigurationJson.Default.IReadOnlyListString);
        DurableFile.Replace(home.LastPathsFile, json);
    }
}
