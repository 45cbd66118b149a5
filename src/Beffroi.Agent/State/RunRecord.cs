using Beffroi.Vault;

namespace Beffroi.Agent.State;

/// <summary>How a run ended. The numbers are stored.</summary>
internal enum RunOutcome
{
    /// <summary>No end was noted: it runs, or it was killed.</summary>
    Running = 0,
    Completed = 1,
    /// <summary>A snapshot exists, but some files could not be read.</summary>
    CompletedWithWarnings = 2,
    Failed = 3,
    /// <summary>It stopped without noting an end; a later run found that out.</summary>
    Interrupted = 4,
    /// <summary>It looked and stored nothing, as it was told to.</summary>
    DryRun = 5,
}

/// <summary>What a run did.</summary>
/// <param name="Snapshot">The snapshot that it committed, if any.</param>
/// <param name="Files">Files in the snapshot.</param>
/// <param name="Bytes">Their length.</param>
/// <param name="Warnings">Files that could not be read, and the like.</param>
internal readonly record struct RunResult(
    RunOutcome Outcome, SnapshotId? Snapshot, long Files, long Bytes, long Warnings);

/// <summary>One line of the history that 'beffroi status' shows.</summary>
internal sealed record RunRecord(long Number, DateTimeOffset Started, DateTimeOffset? Ended, RunResult Result);
