using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Beffroi.Agent.Configuration;
using Beffroi.Protocol;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Agent.Daemon;

/// <summary>An order that was begun here.</summary>
/// <param name="Result">How it ended, until the server has heard it; null while it runs, or when it was cut.</param>
internal sealed record BegunOrder(Guid Id, OrderProgress? Result);

/// <summary>What must outlive the daemon. Losing it costs one run too many, and no order is begun twice.</summary>
/// <param name="Installation">Made at the first start; a clone of the disk has the same.</param>
/// <param name="SurveyedAt">When the folders outside of the plan were last looked at.</param>
/// <param name="SurveyedRevision">By which plan.</param>
internal sealed record DaemonMemory(
    Guid Installation, IReadOnlyList<BegunOrder> Orders, DateTimeOffset? SurveyedAt, long SurveyedRevision)
{
    /// <summary>Reads it; a new one when there is none that can be used.</summary>
    internal static DaemonMemory Load(AgentHome home)
    {
        try
        {
            return JsonSerializer.Deserialize(
                File.ReadAllBytes(home.DaemonMemoryFile), DaemonJson.Default.DaemonMemory) ?? New();
        }
        catch (Exception failure) when (
            failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return New();
        }
    }

    /// <summary>Keeps it, durably. One daemon lives on a device: nobody else writes.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    internal void Save(AgentHome home)
    {
        home.CreateFolders();
        DurableFile.Replace(
            home.DaemonMemoryFile, JsonSerializer.SerializeToUtf8Bytes(this, DaemonJson.Default.DaemonMemory));
    }

    private static DaemonMemory New() =>
        new(new Guid(RandomNumberGenerator.GetBytes(16)), [], SurveyedAt: null, SurveyedRevision: 0);
}

/// <summary>What the daemon does now, for 'beffroi status'.</summary>
internal sealed record DaemonStatus(
    int Process, DateTimeOffset Started, DateTimeOffset? LastCheckIn, string? Problem, long PlanRevision,
    DateTimeOffset? NextRun, string? WaitsFor, string? Running, bool IsDuplicate, int UnsentRuns);

/// <summary>The daemon's files.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DaemonMemory))]
[JsonSerializable(typeof(RunHistory))]
[JsonSerializable(typeof(DaemonStatus))]
internal sealed partial class DaemonJson : JsonSerializerContext;
