using System.Text.Json;
using Beffroi.Agent.Backup;
using Beffroi.Agent.Commands;
using Beffroi.Protocol;
using Beffroi.Vault;

namespace Beffroi.Agent.Reports;

/// <summary>Makes the report of a run (docs/format/protocol.md §7.3).</summary>
internal static class RunReports
{
    // The server takes 64 KiB; its headers and what JSON escapes in a name need the rest.
    private const int BytesMax = ProtocolConstants.MessageBytesMax - (8 << 10);

    /// <summary>The report of a run that ended.</summary>
    /// <param name="facts">How far it came; null when it did not begin.</param>
    /// <param name="failure">What ended it, if something did.</param>
    internal static RunReport Of(
        RunOrigin origin, RunNotes notes, BackupFacts? facts, Exception? failure, DateTimeOffset started,
        DateTimeOffset ended)
    {
        var known = failure as VaultException;
        return Fit(new RunReport(
            origin.Id, origin.TriggerText, origin.PlanRevision, AgentContext.Version, ended, started, ended,
            OutcomeOf(notes, failure), CountsOf(notes, facts), Bounded(notes.Unreadable), Bounded(notes.Warnings),
            known is { Code: >= ErrorCode.TokenInvalid and < ErrorCode.ServerUnreachable } ? [known.CodeText] : [],
            origin.Class, origin.Order, facts?.Receipt?.Machine.Id.ToString(),
            failure is null ? null : known?.CodeText ?? ErrorCodeText.Of(ErrorCode.WorkInterrupted),
            failure is OperationCanceledException
                ? "The run was stopped, by a shutdown or by a person. The next one goes on from there."
                : failure?.Message is { } message ? Bounded(message, 2000) : null,
            facts?.Outcome is null ? null : facts.Signals));
    }

    private static string OutcomeOf(RunNotes notes, Exception? failure) => failure switch
    {
        OperationCanceledException => "interrupted",
        not null => "failed",
        _ => notes.Problems + notes.WarningCount > 0 ? "completedWithWarnings" : "completed",
    };

    private static RunCounts CountsOf(RunNotes notes, BackupFacts? facts)
    {
        var upload = facts?.Outcome?.Upload ?? facts?.Progress.Upload() ?? default;
        var counters = facts?.Outcome?.Counters;
        return new RunCounts(
            counters?.Files ?? facts?.Progress.Files ?? 0, counters?.Directories ?? 0,
            counters?.LogicalBytes ?? facts?.Progress.Bytes ?? 0, facts?.Progress.ReadBytes ?? 0, upload.NewBytes,
            upload.SentBytes, facts?.Progress.UnchangedFiles ?? 0, notes.Problems);
    }

    /// <summary>Leaves out what is too much for one message; the counts keep the true numbers.</summary>
    private static RunReport Fit(RunReport report)
    {
        while (JsonSerializer.SerializeToUtf8Bytes(report, ProtocolJson.Default.RunReport).Length > BytesMax)
            report = report with
            {
                Unreadable = [.. report.Unreadable.Take(report.Unreadable.Count / 2)],
                Warnings = [.. report.Warnings.Take(report.Warnings.Count / 2)],
            };
        return report;
    }

    private static List<string> Bounded(IReadOnlyList<string> texts) =>
        [.. texts.Select(text => Bounded(text, ProtocolConstants.ReportedCharactersMax))];

    private static string Bounded(string text, int charactersMax) =>
        text.Length <= charactersMax ? text : text[..(charactersMax - 1)] + "…";
}
