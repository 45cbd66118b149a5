using System.Globalization;
using Beffroi.Agent.Backup;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Reports;
using Beffroi.Vault.Commits;

namespace Beffroi.Agent.Commands;

/// <summary>What a person, or a program with --json, sees of a backup.</summary>
/// <param name="notes">Takes what the report of the run has to tell.</param>
internal sealed class BackupScreen(Terminal terminal, TimeProvider time, bool json, RunNotes notes)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private readonly RateMeter _rate = new(time);
    private readonly ProblemLines _problems = new(terminal, json);
    private volatile BackupProgress _progress = new();

    /// <summary>How many objects were left out or are not as they should be.</summary>
    internal long Problems => _problems.Count;

    /// <summary>How far the run is.</summary>
    internal BackupProgress Progress => _progress;

    /// <summary>Shows a problem at once.</summary>
    internal void Report(SourceProblem problem)
    {
        notes.Add(problem);
        _problems.Add(problem.Path.ToString(), problem.Text, problem.Code);
    }

    /// <summary>Counts from 0 again, for a walk that begins anew.</summary>
    internal void ForgetProblems()
    {
        notes.ForgetProblems();
        _problems.Forget();
    }

    /// <summary>Shows the progress of a run until it ends.</summary>
    internal Task<BackupOutcome> WatchAsync(Task<BackupOutcome> run, BackupProgress progress)
    {
        _progress = progress;
        return Ticker.WatchAsync(run, Period, time, Show);
    }

    /// <summary>Shows the result.</summary>
    internal void Finish(BackupOutcome outcome, Receipt? receipt, TimeSpan duration)
    {
        terminal.EndStatus();
        var counters = outcome.Counters;
        if (json)
        {
            terminal.WriteJson(new BackupSummaryEvent(
                "summary", receipt?.Machine.Id.ToString(), receipt?.Machine.Commit.Sequence, counters.Files,
                counters.Directories, counters.Others, _progress.UnchangedFiles, counters.LogicalBytes,
                _progress.ReadBytes, outcome.Upload.NewBytes, outcome.Upload.SentBytes, Problems, duration.TotalSeconds,
                receipt is null), CliJson.Default.BackupSummaryEvent);
            return;
        }
        terminal.WriteLine(
            $"{Quantity.Count(counters.Files, "file")} ({Quantity.Bytes(counters.LogicalBytes)}), "
            + $"{Quantity.Count(_progress.UnchangedFiles)} unchanged; read {Quantity.Bytes(_progress.ReadBytes)}, "
            + $"{(receipt is null ? "would store" : "stored")} {Quantity.Bytes(outcome.Upload.NewBytes)} "
            + $"in {Quantity.Duration(duration)}.");
        if (Problems > 0)
            terminal.WriteLine(
                $"{Quantity.Count(Problems, "problem")}: see the warnings above. The other files are safe.");
        terminal.WriteLine(receipt is null
            ? "Dry run: nothing was stored."
            : $"Snapshot {receipt.Machine.Id.ToString()[..12]} (number {receipt.Machine.Commit.Sequence}) is stored "
                + "and signed for by the server.");
    }

    private void Show()
    {
        var upload = _progress.Upload();
        var (files, filesTotal, bytes, bytesTotal) =
            (_progress.Files, _progress.FilesTotal, _progress.Bytes, _progress.BytesTotal);
        var perSecond = _rate.Sample(bytes);
        var left = bytesTotal > 0 ? _rate.TimeFor(bytesTotal - bytes, perSecond) : null;
        if (json)
        {
            terminal.WriteJson(new BackupProgressEvent(
                "progress", files, filesTotal > 0 ? filesTotal : null, bytes, bytesTotal > 0 ? bytesTotal : null,
                _progress.UnchangedFiles, _progress.ReadBytes, upload.NewBytes, upload.SentBytes, Math.Round(perSecond),
                left?.TotalSeconds, _progress.Current.IsEmpty ? null : _progress.Current.ToString()),
                CliJson.Default.BackupProgressEvent);
            return;
        }
        var share =
            bytesTotal > 0 ? string.Create(CultureInfo.InvariantCulture, $"{100.0 * bytes / bytesTotal,3:0} %  ") : "";
        var end = left is { } duration ? $"  {Quantity.Duration(duration)} left" : "";
        terminal.ShowStatus(
            $"{share}{Quantity.Count(files, "file")}  {Quantity.Bytes(bytes)}  {Quantity.Bytes(perSecond)}/s  sent "
            + $"{Quantity.Bytes(upload.SentBytes)}{end}  "
            + (_progress.Current.IsEmpty ? "" : $"/{Terminal.Show(_progress.Current)}"));
    }
}
