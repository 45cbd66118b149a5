using System.Runtime.Versioning;
using Beffroi.Agent.Commands;
using Beffroi.Agent.Platform;
using Beffroi.Agent.State;
using Beffroi.Protocol;
using Beffroi.Testing.FakeServer;
using Beffroi.Vault;
using Beffroi.Vault.Commits;

namespace Beffroi.Agent.Tests.Backup;

[SupportedOSPlatform("linux")]
public sealed class BackupSessionTests : IAsyncDisposable
{
    private readonly SessionFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_source_that_vanished_is_noticed_after_any_number_of_failed_runs()
    {
        for (var i = 0; i < 40; i++) _fixture.Tree.File($"{i}");
        Assert.Equal(ExitCode.Done, await _fixture.BackUpAsync());
        for (var i = 0; i < 40; i++) File.Delete(Path.Combine(_fixture.Tree.Root, $"{i}"));
        for (var night = 0; night < 60; night++)
        {
            using var state = _fixture.OpenState();
            state.BeginRun();
            state.EndRun(new RunResult(RunOutcome.Failed, null, 0, 0, 0), []);
        }

        var failure = await Assert.ThrowsAsync<VaultException>(() => _fixture.BackUpAsync());

        Assert.Equal(ErrorCode.SourceVanished, failure.Code);
        Assert.Single(_fixture.Vault.Commits);
    }

    [Fact]
    public async Task A_stop_while_the_snapshot_is_stored_waits_for_the_receipt()
    {
        _fixture.Tree.File("a");
        using var stop = new CancellationTokenSource();
        _fixture.Vault.Interfere(request =>
        {
            if (request.Line == "POST /v1/commits") stop.Cancel();
            return null;
        });

        Assert.Equal(ExitCode.Done, await _fixture.BackUpAsync(cancellationToken: stop.Token));

        Assert.True(stop.IsCancellationRequested);
        Assert.Equal(
            _fixture.Vault.Commits.Single().Machine.Id, Assert.Single(_fixture.History).Result.Snapshot);
    }

    [Fact]
    public async Task A_snapshot_that_came_in_meanwhile_is_followed_by_this_one()
    {
        _fixture.Tree.File("a");
        var vault = _fixture.Vault;
        vault.Interfere(request =>
        {
            if (request.Line != "POST /v1/commits" || vault.Commits.Count > 0) return null;
            var late = CommitCodec.ParseSigned(request.Body).Commit with { AgentVersion = "0.0.9" };
            vault.Commits.Add(CommitCodec.Countersign(
                CommitCodec.Sign(late, vault.DeviceKey), _fixture.Time.GetUtcNow(), vault.ServerKey));
            return null;
        });

        Assert.Equal(ExitCode.Done, await _fixture.BackUpAsync());

        Assert.Equal([1, 2], vault.Commits.Select(receipt => receipt.Machine.Commit.Sequence));
        Assert.Equal(vault.Commits[0].Machine.Id.Value, vault.Commits[1].Machine.Commit.Previous);
        Assert.Contains("came in meanwhile", _fixture.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_night_without_a_server_leaves_its_line()
    {
        _fixture.Vault.Interfere(
            "POST /v1/sessions", FakeReply.Failure(403, "BEF-4004", "The session was refused."));

        await Assert.ThrowsAnyAsync<VaultException>(() => _fixture.BackUpAsync());

        Assert.Equal(RunOutcome.Failed, Assert.Single(_fixture.History).Result.Outcome);
    }

    [Fact]
    public async Task A_problem_that_a_second_attempt_meets_again_counts_once()
    {
        _fixture.Tree.File("a");
        _fixture.Tree.File("bad");
        var missing = new RecordId(Digest256.Of("missing"u8)).ToString();
        _fixture.Vault.Interfere("POST /v1/commits", FakeReply.Failure(
            409, new FailureMessage("BEF-4007", "Records are missing.", Retryable: false, Missing: [missing])));

        Assert.Equal(ExitCode.DoneWithWarnings, await _fixture.BackUpAsync(beforeOpen: path =>
        {
            if (path.Name.Span.SequenceEqual("bad"u8))
                throw new FileSystemException(ErrorCode.FileUnreadable, path, 5, "The disk failed.");
        }));

        Assert.Equal(2, _fixture.Vault.Count("POST /v1/commits"));
        Assert.Equal(1, Assert.Single(_fixture.History).Result.Warnings);
        Assert.Contains("1 problem:", _fixture.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_forgets_nothing_and_the_run_after_it_heals_what_is_damaged()
    {
        _fixture.Tree.File("a");
        await _fixture.BackUpAsync();
        var known = Assert.Single(Rows("a"));
        _fixture.Vault.Damaged.Add(known.Content.Pieces[0].Record.Id);

        await _fixture.BackUpAsync(isDryRun: true);
        Assert.Single(Rows("a"));
        Assert.DoesNotContain("damaged", _fixture.Notes, StringComparison.Ordinal);
        await _fixture.BackUpAsync();

        Assert.Contains("1 damaged records of this computer; 1 files", _fixture.Notes, StringComparison.Ordinal);
        Assert.Equal([RunOutcome.Completed, RunOutcome.DryRun, RunOutcome.Completed],
            _fixture.History.Select(run => run.Result.Outcome));
    }

    private List<StateRow> Rows(string name)
    {
        using var state = _fixture.OpenState();
        return state.LoadDirectory(_fixture.Tree.RootPath).TryGet(System.Text.Encoding.UTF8.GetBytes(name), out var row)
            ? [row] : [];
    }
}
