using Beffroi.Identity;
using Beffroi.Vault;

namespace Beffroi.Fleet.Runs;

/// <summary>What started a run.</summary>
public enum RunTrigger
{
    Schedule,
    Continuous,
    Order,
    Manual,
}

/// <summary>Which of the plan's classes a good run counts for.</summary>
public enum RunClass
{
    Daily,
    Monthly,
    Yearly,
}

/// <summary>How a run ended.</summary>
public enum RunOutcome
{
    Completed,

    /// <summary>A snapshot exists, but something could not be read, or a dump failed.</summary>
    CompletedWithWarnings,

    Failed,

    /// <summary>It was stopped; the next one goes on from there.</summary>
    Interrupted,
}

/// <summary>A backup in a list.</summary>
/// <param name="Started">By the server's clock: the device's, moved by its difference.</param>
/// <param name="Received">When the report came; days later for a device that was away.</param>
/// <param name="Code">Why it failed, as in docs/errors.md.</param>
/// <param name="Unreadable">How many objects could not be read.</param>
public sealed record RunSummary(
    Guid Id, DeviceId Device, MemberId Member, RunTrigger Trigger, RunClass? Class, RunOutcome Outcome,
    DateTimeOffset Started, DateTimeOffset Ended, DateTimeOffset Received, SnapshotId? Snapshot, string? Code,
    long Files, long LogicalBytes, long NewBytes, long Unreadable)
{
    /// <summary>Whether there is a snapshot of this run.</summary>
    public bool IsGood => Outcome is RunOutcome.Completed or RunOutcome.CompletedWithWarnings;
}

/// <summary>A backup with its log.</summary>
/// <param name="Message">What the agent said of the failure, in English, for the support.</param>
public sealed record RunDetail(
    RunSummary Summary, long PlanRevision, Guid? Order, string AgentVersion, string? Message, RunNumbers Numbers,
    IReadOnlyList<string> Unreadable, IReadOnlyList<string> Warnings, IReadOnlyList<string> Refused,
    RunTraces? Traces);

/// <summary>The further numbers of a run.</summary>
public sealed record RunNumbers(
    long Directories, long ReadBytes, long SentBytes, long UnchangedFiles);

/// <summary>Traces that ransomware leaves, as one run counted them (docs/format/protocol.md §7.3).</summary>
public sealed record RunTraces(
    long KnownFiles, long ChangedFiles, long NewFiles, long GoneFiles, long ChangedBytes, long DenseBytes,
    string? Extension, long ExtensionFiles, long ExtensionKnown);

/// <summary>A device's runs of one day, for a strip of squares.</summary>
/// <param name="Day">Of the start, in the time zone that was asked for.</param>
/// <param name="Best">The best outcome of the day.</param>
public sealed record RunDay(DeviceId Device, DateOnly Day, RunOutcome Best, int Runs, long NewBytes);
