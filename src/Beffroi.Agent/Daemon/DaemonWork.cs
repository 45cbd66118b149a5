using Beffroi.Agent.Reports;
using Beffroi.Protocol;

namespace Beffroi.Agent.Daemon;

/// <summary>How far some work is.</summary>
internal readonly record struct WorkNumbers(long Files, long? FilesTotal, long Bytes, long? BytesTotal);

/// <summary>What the daemon works at: one backup or restore at a time.</summary>
/// <param name="Activity">"backup" or "restore".</param>
/// <param name="Order">Whose order it is, if one.</param>
/// <param name="Numbers">How far it is.</param>
/// <param name="Work">Ends with what to tell about it; does not fail.</param>
/// <param name="Stop">Stops it.</param>
internal sealed record DaemonWork(
    Guid Run, string Activity, RunTrigger Trigger, Guid? Order, DateTimeOffset Started, Func<WorkNumbers> Numbers,
    Task<OrderProgress> Work, CancellationTokenSource Stop)
{
    /// <summary>Changes how fast it may send; null for no limit.</summary>
    internal Action<long?> LimitUpload { get; init; } = _ => { };

    /// <summary>As check-ins tell it.</summary>
    internal RunningMessage ToMessage()
    {
        var numbers = Numbers();
        return new RunningMessage(
            Run, Activity, Trigger.ToString().ToLowerInvariant(), Started, numbers.Files, numbers.Bytes, Order,
            numbers.FilesTotal, numbers.BytesTotal);
    }

    /// <summary>As the progress of its order tells it.</summary>
    internal OrderProgress ToProgress()
    {
        var numbers = Numbers();
        return new OrderProgress(
            "running", numbers.Files, numbers.FilesTotal ?? 0, numbers.Bytes, numbers.BytesTotal ?? 0, Problems: 0,
            Activity == "backup" ? Run : null);
    }
}
