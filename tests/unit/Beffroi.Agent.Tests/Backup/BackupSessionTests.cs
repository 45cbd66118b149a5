using System.Runtime.Versioning;
using Beffroi.Agent.Commands;
using Beffroi.Agent.State;
using Beffroi.Vault;

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
}
