using System.Text.Json.Serialization;

namespace Beffroi.Agent.Commands;

/// <summary>How far a backup is.</summary>
internal sealed record BackupProgressEvent(
    string Event, long Files, long? FilesTotal, long Bytes, long? BytesTotal, long UnchangedFiles, long ReadBytes,
    long NewBytes, long SentBytes, double BytesPerSecond, double? SecondsLeft, string? Current);

/// <summary>Something that was left out, or not restored.</summary>
internal sealed record ProblemEvent(string Event, string Path, string Message, string? Code = null);

/// <summary>What a backup did; its last line.</summary>
internal sealed record BackupSummaryEvent(
    string Event, string? Snapshot, long? Sequence, long Files, long Directories, long Others, long UnchangedFiles,
    long LogicalBytes, long ReadBytes, long NewBytes, long SentBytes, long Problems, double Seconds, bool DryRun);

/// <summary>How far a restore is.</summary>
internal sealed record RestoreProgressEvent(
    string Event, long Files, long FilesTotal, long Bytes, long BytesTotal, double BytesPerSecond, double? SecondsLeft);

/// <summary>What a restore or a verification did; its last line.</summary>
internal sealed record RestoreSummaryEvent(
    string Event, string Snapshot, string? Target, long Files, long Others, long AlreadyThere, long Failed,
    long Sockets, long Bytes, long Damaged, double Seconds, bool DryRun);

/// <summary>A snapshot in a list.</summary>
internal sealed record SnapshotLine(
    string Id, long Sequence, string Device, DateTimeOffset Taken, DateTimeOffset Received, long Files,
    long Directories, long LogicalBytes, long NewBytes, long Unreadable);

/// <summary>The answer of 'beffroi snapshots'.</summary>
internal sealed record SnapshotLines(IReadOnlyList<SnapshotLine> Snapshots);

/// <summary>An entry of a snapshot.</summary>
/// <param name="PathBase64">The exact bytes, when they are not UTF-8.</param>
internal sealed record EntryLine(
    string Path, string Kind, long Bytes, DateTimeOffset Modified, string Mode, uint UserId, uint GroupId, string? User,
    string? Group, string? LinkTarget, string? PathBase64 = null);

/// <summary>A difference between two snapshots.</summary>
internal sealed record DifferenceLine(string Change, string Path, string? PathBase64 = null);

/// <summary>The answer of 'beffroi enroll'.</summary>
internal sealed record EnrolmentLine(
    string Device, string Vault, string Member, string Name, string Server, string? Replaces);

/// <summary>The answer of 'beffroi unenroll'.</summary>
internal sealed record UnenrolmentLine(string Device, string Member, bool ServerTold);

/// <summary>A run in 'beffroi status'.</summary>
internal sealed record RunLine(
    DateTimeOffset Started, DateTimeOffset? Ended, string Outcome, string? Snapshot, long Files, long Bytes,
    long Warnings);

/// <summary>The answer of 'beffroi status'.</summary>
internal sealed record StatusLine(
    bool Enrolled, string? Device, string? Name, string? Member, string? Vault, string? Server, bool? ServerReachable,
    string? ServerProblem, long? QuotaBytes, long? UsedBytes, IReadOnlyList<RunLine> Runs, DaemonLine? Daemon = null);

/// <summary>The daemon in 'beffroi status'; absent when none runs.</summary>
internal sealed record DaemonLine(
    int Process, DateTimeOffset Started, DateTimeOffset? LastCheckIn, string? Problem, long PlanRevision,
    DateTimeOffset? NextRun, string? WaitsFor, string? Running, bool Duplicate, int UnsentRuns);

/// <summary>The answer of 'beffroi why'.</summary>
internal sealed record WhyLine(string Path, bool Excluded, string? DecidedAt, string? Rule, string? Source);

/// <summary>The answer of 'beffroi kit check'.</summary>
internal sealed record KitLine(
    string KeyId, string? ServerKey, string? Vault, string? Member, bool Fits, string? Snapshot);

/// <summary>A failure that ended a command, on standard output too when JSON was asked for.</summary>
internal sealed record FailureLine(string Event, string Code, string Message);

/// <summary>JSON of the commands: camelCase, absent values left out, one object a line.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BackupProgressEvent))]
[JsonSerializable(typeof(ProblemEvent))]
[JsonSerializable(typeof(BackupSummaryEvent))]
[JsonSerializable(typeof(RestoreProgressEvent))]
[JsonSerializable(typeof(RestoreSummaryEvent))]
[JsonSerializable(typeof(SnapshotLines))]
[JsonSerializable(typeof(EntryLine))]
[JsonSerializable(typeof(DifferenceLine))]
[JsonSerializable(typeof(EnrolmentLine))]
[JsonSerializable(typeof(UnenrolmentLine))]
[JsonSerializable(typeof(StatusLine))]
[JsonSerializable(typeof(WhyLine))]
[JsonSerializable(typeof(KitLine))]
[JsonSerializable(typeof(FailureLine))]
internal sealed partial class CliJson : JsonSerializerContext;
