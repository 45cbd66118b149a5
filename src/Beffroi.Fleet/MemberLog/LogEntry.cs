using System.Text.Json.Serialization;

namespace Beffroi.Fleet.MemberLog;

/// <summary>One entry of a member's log (docs/format/log.md): what must outlive the database.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(VaultCreated), "vault-created")]
[JsonDerivedType(typeof(DeviceEnrolled), "device-enrolled")]
[JsonDerivedType(typeof(DeviceRevoked), "device-revoked")]
[JsonDerivedType(typeof(QuotaSet), "quota-set")]
[JsonDerivedType(typeof(RootKeyOpened), "root-key-opened")]
internal abstract record LogEntry
{
    internal const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>Number of the entry, from 1 without gaps.</summary>
    public long N { get; init; }

    /// <summary>SHA-256 of the whole blob before, in hexadecimal.</summary>
    public string Previous { get; init; } = "";

    public DateTimeOffset At { get; init; }

    /// <summary>Point of the key that signed it.</summary>
    public byte[] ServerKey { get; init; } = [];
}

internal sealed record VaultCreated(
    Guid Vault, LoggedMember Member, LoggedOperator Operator, string Mode, byte[] RecoveryKey, byte[] ServiceKey,
    Guid GroupSecret, long QuotaBytes) : LogEntry;

internal sealed record LoggedMember(Guid Id, string Name, string Siret, int Level, int? Population);

internal sealed record LoggedOperator(Guid Id, string? Name, string? Siret);

/// <param name="Replaces">The lost device whose place it takes, which is then also <paramref name="Device"/>.</param>
/// <param name="Token">SHA-256 of the consumed token's secret, in hexadecimal.</param>
internal sealed record DeviceEnrolled(
    Guid Device, string Name, string DeviceKind, string Platform, byte[] SignKey, byte[] SealKey, Guid MachineSecret,
    Guid? Replaces, string Token) : LogEntry;

internal sealed record DeviceRevoked(Guid Device, string Reason) : LogEntry;

internal sealed record QuotaSet(long QuotaBytes) : LogEntry;

internal sealed record RootKeyOpened(Guid Device, string Snapshot, string Purpose) : LogEntry;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(LogEntry))]
internal sealed partial class LogJson : JsonSerializerContext;
