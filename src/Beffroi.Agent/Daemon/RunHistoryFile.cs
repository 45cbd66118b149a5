using System.Text.Json;
using Beffroi.Agent.Configuration;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Agent.Daemon;

/// <summary>The past runs of the plan's scope, on the disk.</summary>
internal static class RunHistoryFile
{
    /// <summary>Reads it; nothing is known when there is no file that can be used, which costs one run.</summary>
    internal static RunHistory Load(AgentHome home)
    {
        try
        {
            return JsonSerializer.Deserialize(
                File.ReadAllBytes(home.RunHistoryFile), DaemonJson.Default.RunHistory) ?? RunHistory.None;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return RunHistory.None;
        }
    }

    /// <summary>Keeps it, durably.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    internal static void Save(AgentHome home, RunHistory history)
    {
        home.CreateFolders();
        DurableFile.Replace(
            home.RunHistoryFile, JsonSerializer.SerializeToUtf8Bytes(history, DaemonJson.Default.RunHistory));
    }
}
