using System.Text.Json;
using System.Text.Json.Serialization;
using Beffroi.Vault;

namespace Beffroi.Fleet.Orders;

/// <summary>How a restore's wishes are kept in the database.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredRestore))]
internal sealed partial class OrderJson : JsonSerializerContext
{
    internal static string Write(RestoreRequest request) => JsonSerializer.Serialize(
        new StoredRestore(
            request.Snapshot.ToString(), request.Paths, request.Target, request.Folder, request.Conflict,
            request.From?.Value),
        Default.StoredRestore);

    internal static RestoreRequest Read(string json)
    {
        var stored = JsonSerializer.Deserialize(json, Default.StoredRestore)
            ?? throw new JsonException("A restore in the database is null.");
        return new RestoreRequest(
            new SnapshotId(Digest256.Parse(stored.Snapshot)), stored.Paths, stored.Target, stored.Folder,
            stored.Conflict)
        {
            From = stored.From is { } from ? new DeviceId(from) : null,
        };
    }
}

/// <summary>A restore's wishes as the database has them.</summary>
internal sealed record StoredRestore(
    string Snapshot, IReadOnlyList<string> Paths, RestoreTarget Target, string? Folder, RestoreConflict Conflict,
    Guid? From = null);
