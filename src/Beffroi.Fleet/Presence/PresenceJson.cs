using System.Text.Json;
using System.Text.Json.Serialization;

namespace Beffroi.Fleet.Presence;

/// <summary>How what a device works at is kept in the database.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunningWork))]
internal sealed partial class PresenceJson : JsonSerializerContext
{
    internal static string Write(RunningWork work) => JsonSerializer.Serialize(work, Default.RunningWork);

    internal static RunningWork? Read(string json) => JsonSerializer.Deserialize(json, Default.RunningWork);
}
