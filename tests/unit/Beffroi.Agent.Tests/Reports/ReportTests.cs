using System.Text;
using System.Text.Json;
using Beffroi.Agent.Backup;
using Beffroi.Agent.Configuration;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Reports;
using Beffroi.Agent.Restore;
using Beffroi.Protocol;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Tests.Reports;

public sealed class ReportTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 3, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_outcome_follows_from_what_ended_the_run_and_from_what_it_met()
    {
        var notes = new RunNotes();
        Assert.Equal("completed", ReportOf(notes, null).Outcome);
        notes.Warn("A dump failed.");
        Assert.Equal("completedWithWarnings", ReportOf(notes, null).Outcome);
        var failed = ReportOf(notes, new VaultException(ErrorCode.QuotaExceeded, retryable: false, "Full."));
        Assert.Equal(("failed", "BEF-4006", "Full."), (failed.Outcome, failed.Code, failed.Message));
        Assert.Equal(["BEF-4006"], failed.Refused);
        Assert.Equal("interrupted", ReportOf(notes, new OperationCanceledException()).Outcome);
        var local = ReportOf(notes, new VaultException(ErrorCode.SourceVanished, retryable: false, "Gone."));
        Assert.Empty(local.Refused);
    }

    [Fact]
    public void A_report_fits_into_one_message_whatever_the_run_met_and_keeps_the_true_numbers()
    {
        var notes = new RunNotes();
        for (var file = 0; file < 5_000; file++)
            notes.Add(new SourceProblem(
                EntryPath.FromSlashes(Encoding.UTF8.GetBytes($"/é{file}{new string('é', 900)}")), 13, ""));
        for (var warning = 0; warning < 500; warning++) notes.Warn(new string('è', 3_000));

        var report = ReportOf(notes, null);

        var bytes = JsonSerializer.SerializeToUtf8Bytes(report, ProtocolJson.Default.RunReport).Length;
        Assert.InRange(bytes, 1, ProtocolConstants.MessageBytesMax);
        Assert.Equal(5_000, report.Counts.Unreadable);
        Assert.NotEmpty(report.Unreadable);
    }

    [Fact]
    public void Reports_wait_on_the_disk_in_order_and_the_oldest_of_too_many_go()
    {
        using var folder = new TemporaryFolder();
        var home = new AgentHome(Path.Combine(folder.FullPath, "config"), Path.Combine(folder.FullPath, "state"));
        var spool = new ReportSpool(home, TimeProvider.System);
        Assert.Equal(0, spool.Count);

        spool.Add(ReportOf(new RunNotes(), null) with { Started = Now.AddYears(-1) });
        Assert.Equal(1, spool.Count);
        for (var run = 0; run < 1_001; run++) // As the spool names them, without waiting for the disk each time.
            File.WriteAllText(Path.Combine(home.ReportsFolder, $"20260303T{run:D6}-{Guid.NewGuid():N}.json"), "{}");
        spool.Add(ReportOf(new RunNotes(), null) with { Started = Now.AddYears(1) });

        Assert.Equal(1_000, spool.Count);
        var oldest = Directory.EnumerateFiles(home.ReportsFolder).Min(StringComparer.Ordinal)!;
        Assert.StartsWith("20260303T000002", Path.GetFileName(oldest), StringComparison.Ordinal);
    }

    [Fact]
    public void Traces_count_what_changed_what_is_new_and_its_ending()
    {
        var traces = new RunTraces();
        void Meet(string path, bool isKnown, bool isUnchanged) =>
            traces.AddFile(EntryPath.FromSlashes(Encoding.UTF8.GetBytes(path)), 10, isKnown, isUnchanged);
        for (var file = 0; file < 30; file++) Meet($"/srv/{file}.docx", isKnown: true, isUnchanged: file % 3 > 0);
        for (var file = 0; file < 20; file++) Meet($"/srv/{file}.docx.LOCKED", isKnown: false, isUnchanged: false);
        Meet("/srv/new.docx", isKnown: false, isUnchanged: false);
        Meet("/srv/.profile", isKnown: false, isUnchanged: false);
        traces.AddGone(20);

        var signals = traces.ToSignals(denseBytes: 77);

        Assert.Equal(new RunSignals(30, 10, 22, 20, 100, 77, 20, 0, ".locked"), signals);
        Assert.Null(new RunTraces().ToSignals(0).Extension);
    }

    [Theory]
    [InlineData("/srv/budget.xlsx", "srv/budget (2026-03-03 14h05).xlsx")]
    [InlineData("/srv/README", "srv/README (2026-03-03 14h05)")]
    [InlineData("/srv/.profile", "srv/.profile (2026-03-03 14h05)")]
    [InlineData("/srv/a.tar.gz", "srv/a.tar (2026-03-03 14h05).gz")]
    public void A_file_restored_beside_another_has_the_time_in_its_name(string path, string expected)
    {
        var suffix = KeepBothName.SuffixAt(new DateTimeOffset(2026, 3, 3, 14, 5, 0, TimeSpan.FromHours(1)));

        Assert.Equal(
            expected, KeepBothName.Of(EntryPath.FromSlashes(Encoding.UTF8.GetBytes(path)), suffix).ToString());
    }

    private static RunReport ReportOf(RunNotes notes, Exception? failure) => RunReports.Of(
        RunOrigin.New(RunTrigger.Schedule, 3, "daily"), notes, facts: null, failure, Now, Now.AddMinutes(5));
}
