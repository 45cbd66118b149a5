using System.Text.Json;
using System.Text.Json.Serialization;

namespace Beffroi.Fleet.Plans;

/// <summary>How plans are kept in the database: names rather than numbers, so that a person can read
/// them there.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PlanContent))]
internal sealed partial class PlanJson : JsonSerializerContext
{
    internal static string Write(PlanContent plan) => JsonSerializer.Serialize(plan, Default.PlanContent);

    internal static PlanContent Read(string json) => JsonSerializer.Deserialize(json, Default.PlanContent)
        ?? throw new JsonException("A plan in the database is null.");
}
