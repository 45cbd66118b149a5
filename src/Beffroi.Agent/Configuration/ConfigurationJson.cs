using System.Text.Json;
using System.Text.Json.Serialization;

namespace Beffroi.Agent.Configuration;

// Unknown names are refused: a misspelt setting would otherwise be a setting that silently does not hold.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EnrolmentDocument))]
[JsonSerializable(typeof(AgentSettingsDocument))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class ConfigurationJson : JsonSerializerContext;
