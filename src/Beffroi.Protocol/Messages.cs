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
/// <param name="Name">How it is called, if that was said when the token was issued.</param>
public sealed record EnrolmentAnswer(
    Guid Device, Guid Vault, string Member, string Mode, int Chunker, Guid GroupSecretId, byte[] GroupSecret,
    byte[] RecoveryKey, byte[] ServiceKey, byte[] ServerKey,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] Guid? Replaces,
    string? Name = null);

/// <summary>Asks for a challenge to sign.</summary>
public sealed record ChallengeRequest(Guid Device);

/// <summary>Bytes to sign, good for two minutes by the server's clock.</summary>
public sealed record ChallengeAnswer(byte[] Challenge);

/// <summary>Opens a session with a signed challenge.</summary>
/// <param name="Purpose"><c>backup</c>, <c>restore</c>, <c>query</c> or <c>plan</c>.</param>
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

/// <summary>What a device's daemon says of itself.</summary>
/// <param name="Installation">Made at the daemon's first start.</param>
/// <param name="Start">Made at each start of the daemon.</param>
/// <param name="WaitsFor">Why the next run is not now.</param>
/// <param name="Uncovered">Big folders that no plan covers; null when the agent has not looked again.</param>
public sealed record CheckInRequest(
    Guid Installation, Guid Start, string AgentVersion, string Platform, string System, string HostName,
    DateTimeOffset Clock, string Power, string Network, long PlanRevision, int UnsentRuns,
    DateTimeOffset? Booted = null, int? BatteryPercent = null, DateTimeOffset? NextRun = null, string? WaitsFor = null,
    RunningMessage? Running = null, IReadOnlyList<UncoveredMessage>? Uncovered = null);

/// <summary>What a device does at this moment.</summary>
public sealed record RunningMessage(
    Guid Run, string Activity, string Trigger, DateTimeOffset Started, long Files, long Bytes, Guid? Order = null,
    long? FilesTotal = null, long? BytesTotal = null);

/// <summary>A big folder or a database that no plan covers.</summary>
public sealed record UncoveredMessage(string Path, string Kind, long Files, long Bytes);

/// <summary>What the server wants of the device.</summary>
/// <param name="PlanRevision">The newest; 0 when the device has no plan.</param>
/// <param name="Plan">There when the device does not know the newest.</param>
/// <param name="IsDuplicate">Whether two computers live under this device's identity.</param>
public sealed record CheckInAnswer(
    DateTimeOffset Time, int NextSeconds, long PlanRevision, IReadOnlyList<OrderMessage> Orders, bool IsDuplicate,
    PlanMessage? Plan = null);

/// <summary>What a device backs up, when, and how gently.</summary>
/// <param name="TimeZone">IANA name, for every time of day.</param>
public sealed record PlanMessage(
    long Revision, string TimeZone, ScopeMessage Scope, ScheduleMessage Schedule, PaceMessage Pace, DriftMessage Drift);

/// <summary>What is backed up.</summary>
public sealed record ScopeMessage(
    IReadOnlyList<string> Include, IReadOnlyList<string> Exclude, bool DefaultExclusions,
    IReadOnlyList<DumpMessage> Dumps);

/// <summary>A database to write into a file before the backup.</summary>
public sealed record DumpMessage(
    string Name, string Kind, int TimeoutSeconds, string OnFailure, string? Database = null, string? Host = null,
    int? Port = null, string? User = null);

/// <summary>When: once a day within a window, or all day at an interval.</summary>
public sealed record ScheduleMessage(
    string Mode, string? WindowStart = null, string? WindowEnd = null, int? CatchUpHours = null,
    int? EveryMinutes = null);

/// <summary>How gently.</summary>
public sealed record PaceMessage(
    int JitterMinutes, int RetryFirstMinutes, int RetryMaxMinutes, bool OnBattery, int BatteryMinPercent,
    bool OnMetered, IReadOnlyList<ThrottleMessage> Throttles);

/// <summary>A limit of the upload at some hours.</summary>
public sealed record ThrottleMessage(
    string From, string To, IReadOnlyList<string> Days, double MegabitsPerSecond);

/// <summary>From what size on a folder outside the plan is worth a word.</summary>
public sealed record DriftMessage(long FolderBytesMin, long FolderFilesMin);

/// <summary>Something a person wants done now.</summary>
public sealed record OrderMessage(
    Guid Id, string Kind, DateTimeOffset Issued, DateTimeOffset Expires, RestoreMessage? Restore = null);

/// <summary>What to restore, where to, and what about files that exist.</summary>
/// <param name="From">Whose snapshot it is; it is read by the order's own verbs. Servers before them name
/// none.</param>
public sealed record RestoreMessage(
    string Snapshot, IReadOnlyList<string> Paths, string Target, string Conflict, string? Folder = null,
    Guid? From = null);

/// <summary>How far an order is.</summary>
public sealed record OrderProgress(
    string State, long Files, long FilesTotal, long Bytes, long BytesTotal, long Problems, Guid? Run = null,
    string? Code = null, string? Message = null, IReadOnlyList<string>? Details = null);

/// <summary>Whether to go on with an order.</summary>
public sealed record OrderProgressAnswer(bool GoOn);

/// <summary>What a backup did.</summary>
public sealed record RunReport(
    Guid Id, string Trigger, long PlanRevision, string AgentVersion, DateTimeOffset Clock, DateTimeOffset Started,
    DateTimeOffset Ended, string Outcome, RunCounts Counts, IReadOnlyList<string> Unreadable,
    IReadOnlyList<string> Warnings, IReadOnlyList<string> Refused, string? Class = null, Guid? Order = null,
    string? Snapshot = null, string? Code = null, string? Message = null, RunSignals? Signals = null);

/// <summary>The numbers of a backup.</summary>
public sealed record RunCounts(
    long Files, long Directories, long LogicalBytes, long ReadBytes, long NewBytes, long SentBytes,
    long UnchangedFiles, long Unreadable);

/// <summary>What a backup counted of the traces of ransomware (docs/format/protocol.md §7.3).</summary>
/// <param name="DenseBytes">Of the run's new bytes, those that would not compress.</param>
/// <param name="Extension">The ending that most of the new files have.</param>
public sealed record RunSignals(
    long KnownFiles, long ChangedFiles, long NewFiles, long GoneFiles, long ChangedBytes, long DenseBytes,
    long ExtensionFiles, long ExtensionKnown, string? Extension = null);
