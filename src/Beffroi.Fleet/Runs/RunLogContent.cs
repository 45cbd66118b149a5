using System.Text.Json;
using System.Text.Json.Serialization;

namespace Beffroi.Fleet.Runs;

/// <summary>The part of a report that only one run's page shows.</summary>
internal sealed record RunLogContent(
    IReadOnlyList<string> Unreadable, IReadOnlyList<string> Warnings, IReadOnlyList<string> Refused,
    RunTraces? Traces);

/// <summary>How it is kept in the database.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunLogContent))]
internal sealed partial class RunLogJson : JsonSerializerContext
{
    internal static string Write(RunLogContent log) => JsonSerializer.Serialize(log, Default.RunLogContent);

    internal static RunLogContent Read(string json) => JsonSerializer.Deserialize(json, Default.RunLogContent)
        ?? throw new JsonException("A run's log in the database is null.");
}
