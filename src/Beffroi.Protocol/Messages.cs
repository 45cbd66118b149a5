using System.Text.Json.Serialization;

namespace Beffroi.Protocol;

// The JSON messages of docs/format/protocol.md, one record each. Binary members travel as base64, ids as text.

/// <summary>What a server says of itself.</summary>
public sealed record ServerDescription(
    string Product, string Version, int ProtocolMin, int ProtocolMax, DateTimeOffset Time);

/// <summary>A failure, as every endpoint answers it.</summary>
/// <param name="Code">BEF-nnnn.</param>
/// <param name="Message">For a person.</param>
/// <param name="Retryable">Whether the same request may succeed later.</param>
/// <param name="Missing">Record ids that the vault lacks, with BEF-4007.</param>
/// <param name="LastSequence">The device's last sequence, with BEF-4008.</param>
/// <param name="LastSnapshot">The device's last snapshot, with BEF-4008.</param>
public sealed record FailureMessage(
    string Code, string Message, bool Retryable,
    IReadOnlyList<string>? Missing = null, long? LastSequence = null, string? LastSnapshot = null);

/// <summary>Asks to enrol a machine.</summary>
public sealed record EnrolmentRequest(
    string Token, string Name, string Platform, string AgentVersion, byte[] SignKey, byte[] SealKey,
    Guid MachineSecret);

/// <summary>What an enrolled machine needs to know.</summary>
public sealed record EnrolmentAnswer(
    Guid Device, Guid Vault, string Member, string Mode, int Chunker, Guid GroupSecretId, byte[] GroupSecret,
    byte[] RecoveryKey, byte[] ServiceKey, byte[] ServerKey,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] Guid? Replaces);

/// <summary>Asks for a challenge to sign.</summary>
public sealed record ChallengeRequest(Guid Device);

/// <summary>Bytes to sign, good for two minutes by the server's clock.</summary>
public sealed record ChallengeAnswer(byte[] Challenge);

/// <summary>Opens a session with a signed challenge.</summary>
/// <param name="Purpose"><c>backup</c>, <c>restore</c> or <c>query</c>.</param>
public sealed record SessionRequest(
    Guid Device, byte[] Challenge, byte[] Signature, string AgentVersion, string Purpose);

/// <summary>An open session.</summary>
/// <param name="Damaged">Records of this device that the server found damaged; the agent offers them again.</param>
public sealed record SessionAnswer(
    string Token, int ExpiresInSeconds, long Epoch, long LastSequence,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? LastSnapshot, DateTimeOffset Time,
    long QuotaBytes, long UsedBytes, IReadOnlyList<string> Damaged);

/// <summary>One snapshot of the calling device.</summary>
public sealed record SnapshotMessage(
    string Id, long Sequence, DateTimeOffset Started, DateTimeOffset Ended, DateTimeOffset Received,
    long Files, long Directories, long LogicalBytes, long NewBytes, long Unreadable);

/// <summary>The snapshots of the calling device, newest first.</summary>
public sealed record SnapshotList(IReadOnlyList<SnapshotMessage> Snapshots);

/// <summary>Asks the key service for a snapshot's root key.</summary>
public sealed record RootKeyRequest(string Purpose);

/// <summary>The root key, sealed to the device.</summary>
public sealed record RootKeyAnswer(byte[] Enc, byte[] Sealed);

/// <summary>The vault as the calling device may see it.</summary>
public sealed record VaultMessage(
    Guid Vault, string Member, string Mode, string RecoveryKeyId, long QuotaBytes, long UsedBytes,
    DeviceMessage Device);

/// <summary>The calling device.</summary>
public sealed record DeviceMessage(Guid Id, string Name, DateTimeOffset Enrolled);
