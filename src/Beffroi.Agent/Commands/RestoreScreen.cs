using System.Globalization;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Restore;
using Beffroi.Agent.Snapshots;

namespace Beffroi.Agent.Commands;

/// <summary>What a person, or a program with --json, sees of a restore or a verification.</summary>
internal sealed class RestoreScreen(Terminal terminal, TimeProvider time, bool json)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private readonly RateMeter _rate = new(time);
    private readonly ProblemLines _problems = new(terminal, json);
    private long _damaged;

    /// <summary>The exit code that follows from what was reported.</summary>
    internal int ExitCode => Interlocked.Read(ref _damaged) > 0 ? Commands.ExitCode.Damaged
        : _problems.Count > 0 ? Commands.ExitCode.DoneWithWarnings : Commands.ExitCode.Done;

    /// <summary>Shows something that was not restored.</summary>
    internal void Report(RestoreProblem problem)
    {
        if (problem.IsDamage) Interlocked.Increment(ref _damaged);
        var saysWhere = problem.Text.Contains($"/{problem.Path}", StringComparison.Ordinal);
        var text = saysWhere ? problem.Text : $"/{Terminal.Show(problem.Path)}: {problem.Text}";
        _problems.Add(problem.Path.ToString(), text, problem.Code);
    }

    /// <summary>Shows a part of an object that was not restored.</summary>
    internal void Report(TargetProblem problem) =>
        _problems.Add(problem.Path.ToString(), $"/{Terminal.Show(problem.Path)}: {problem.What}: {problem.Why}");

    /// <summary>Shows the progress of a run until it ends.</summary>
    internal async Task WatchAsync(Task run, RestoreProgress progress) =>
        await Ticker.WatchAsync(AsTask(run), Period, time, () => Show(progress));

    /// <summary>Shows the result.</summary>
    internal void Finish(
        SnapshotInfo snapshot, string? target, RestoreProgress progress, TimeSpan duration, bool isDryRun)
    {
        terminal.EndStatus();
        if (json)
        {
            terminal.WriteJson(new RestoreSummaryEvent(
                "summary", snapshot.Id.ToString(), target, progress.Files, progress.Others, progress.AlreadyThere,
                progress.Failed, progress.Sockets, progress.Bytes, Interlocked.Read(ref _damaged),
                duration.TotalSeconds, isDryRun),
                CliJson.Default.RestoreSummaryEvent);
            return;
        }
        if (isDryRun)
        {
            terminal.WriteLine(
                $"Would restore {Quantity.Count(progress.FilesTotal, "file")} ({Quantity.Bytes(progress.BytesTotal)}). "
                + "Nothing was written.");
            return;
        }
        var verb = target is null ? "Verified" : "Restored";
        terminal.WriteLine(
            $"{verb} {Quantity.Count(progress.Files, "file")} ({Quantity.Bytes(progress.Bytes)}) in "
            + $"{Quantity.Duration(duration)}"
            + (target is null ? "." : $" to {target}."));
        if (progress.AlreadyThere > 0)
            terminal.WriteLine(
                $"Already there and left alone: {Quantity.Count(progress.AlreadyThere, "object")}.");
        if (target is not null && progress.Sockets > 0)
            terminal.WriteLine(
                $"Left out: {Quantity.Count(progress.Sockets, "socket")}; the programs that listen make them anew.");
        if (progress.Failed > 0)
            terminal.WriteLine(
                $"{Quantity.Count(progress.Failed, "object")} could not be "
                + $"{(target is null ? "verified" : "restored")}: see above.");
    }

    private void Show(RestoreProgress progress)
    {
        var perSecond = _rate.Sample(progress.Bytes);
        var left = _rate.TimeFor(progress.BytesTotal - progress.Bytes, perSecond);
        if (json)
        {
            terminal.WriteJson(new RestoreProgressEvent(
                "progress", progress.Files, progress.FilesTotal, progress.Bytes, progress.BytesTotal,
                Math.Round(perSecond), left?.TotalSeconds),
                CliJson.Default.RestoreProgressEvent);
            return;
        }
        var share = progress.BytesTotal > 0
            ? string.Create(
                CultureInfo.InvariantCulture, $"{100.0 * progress.Bytes / progress.BytesTotal,3:0} %  ") : "";
        var end = left is { } duration ? $"  {Quantity.Duration(duration)} left" : "";
        terminal.ShowStatus(
            $"{share}{Quantity.Count(progress.Files)} of {Quantity.Count(progress.FilesTotal)} files  "
            + $"{Quantity.Bytes(progress.Bytes)}  {Quantity.Bytes(perSecond)}/s{end}");
    }

    private static async Task<bool> AsTask(Task run)
    {
        await run;
        return true;
    }
}
