using System.Globalization;
using Beffroi.Agent.Backup;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Reports;
using Beffroi.Vault;
using Beffroi.Vault.Commits;

namespace Beffroi.Agent.Commands;

/// <summary>What a person, or a program with --json, sees of a backup.</summary>
/// <param name="notes">Takes what the report of the run has to tell.</param>
internal sealed class BackupScreen(Terminal terminal, TimeProvider time, bool json, RunNotes notes)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private const int ProblemsShownMax = 200; // A person reads no more; the count goes on.

    private readonly RateMeter _rate = new(time);
    private volatile BackupProgress _progress = new();
    private long _shown;

    /// <summary>How many objects were left out or are not as they should be.</summary>
    internal long Problems => notes.Problems;

    /// <summary>How far the run is.</summary>
    internal BackupProgress Progress => _progress;

    /// <summary>Shows a problem at once.</summary>
    internal void Report(SourceProblem problem)
    {
        notes.Add(problem);
        var number = Interlocked.Increment(ref _shown);
        var code = problem.Code == ErrorCode.None ? null : ErrorCodeText.Of(problem.Code);
        if (json)
            terminal.WriteJson(
                new ProblemEvent("problem", problem.Path.ToString(), problem.Text, code), CliJson.Default.ProblemEvent);
        else if (number <= ProblemsShownMax) terminal.Note($"warning: {problem.Text}");
        else if (number == ProblemsShownMax + 1)
            terminal.Note("warning: more of the same follows and is only counted.");
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
