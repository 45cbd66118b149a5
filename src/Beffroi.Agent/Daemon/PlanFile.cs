using System.Text.Json;
using Beffroi.Agent.Configuration;
using Beffroi.Protocol;
using Beffroi.Vault;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Agent.Daemon;

/// <summary>The plan that the server pushed last, on the disk: a device that is offline for a month goes on by
/// it.</summary>
internal static class PlanFile
{
    /// <summary>The plan; null when there is none that can be used.</summary>
    /// <param name="note">Told why one that is there cannot.</param>
    internal static Plan? Load(AgentHome home, Action<string> note)
    {
        try
        {
            var message = JsonSerializer.Deserialize(
                OwnerOnly.Read(home.PlanFile), ProtocolJson.Default.PlanMessage);
            return message is null ? null : PlanReader.Read(message);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception failure) when (
            failure is IOException or UnauthorizedAccessException or JsonException or VaultException)
        {
            note($"The plan of this computer ({home.PlanFile}) cannot be used: {failure.Message} The server sends it "
                + "again at the next check-in.");
            return null;
        }
    }

    /// <summary>Keeps a plan, durably, once it has been read without fault.</summary>
    internal static void Save(AgentHome home, PlanMessage message)
    {
        home.CreateFolders();
        DurableFile.Replace(
            home.PlanFile, JsonSerializer.SerializeToUtf8Bytes(message, ProtocolJson.Default.PlanMessage));
    }
}
