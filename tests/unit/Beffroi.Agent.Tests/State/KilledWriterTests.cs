using Beffroi.Agent.State;
using Beffroi.Vault;
using static Beffroi.Agent.Tests.State.StateSamples;

namespace Beffroi.Agent.Tests.State;

public sealed class KilledWriterTests
{
    private const string PathVariable = "BEFFROI_TEST_KILLED_WRITER";
    private const int RowsPerFlush = 500;

    private static readonly StateOwner s_owner = new(new VaultId(Guid.AllBitsSet), new DeviceId(Guid.Empty));

    /// <summary>The test starts itself as a second process, which writes until it is killed.</summary>
    [Fact]
    public async Task A_writer_that_is_killed_leaves_a_sound_state_with_all_it_had_flushed()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { } path) WriteForEver(path);
        using var folder = new TemporaryFolder();
        var state = folder.File("state.sqlite");
        for (var round = 0; round < 2; round++)
        {
            var flushed = await KillAfterAsync(state, TimeSpan.FromMilliseconds(150 + 130 * round));
            AssertSound(state, flushed);
        }
    }

    private static void WriteForEver(string path)
    {
        var random = new Random(1);
        using var state = BackupState.Open(path, s_owner, TimeProvider.System, warning => Assert.Fail(warning));
        state.BeginRun();
        for (var i = 0; ; i++)
        {
            state.Save(Path($"srv/{i / 100}"), Row(random, $"{i}", (ulong)i + 1, i % 4));
            if (i % RowsPerFlush != RowsPerFlush - 1) continue;
            state.Flush();
            File.WriteAllText(path + ".flushed", $"{i + 1}");
        }
    }

    private static async Task<int> KillAfterAsync(string path, TimeSpan delay)
    {
        File.Delete(path + ".flushed");
        using var writer = SelfProcess.Start(typeof(KilledWriterTests), PathVariable, path);
        while (!writer.HasExited && !File.Exists(path + ".flushed")) await Task.Delay(10);
        await Task.Delay(delay);
        Assert.False(writer.HasExited, "The writer ended by itself.");
        writer.Kill(); // SIGKILL: no handler, no clean-up.
        await writer.WaitForExitAsync();
        return int.TryParse(await File.ReadAllTextAsync(path + ".flushed"), out var flushed) ? flushed : RowsPerFlush;
    }

    private static void AssertSound(string path, int flushed)
    {
        using var state = BackupState.Open(path, s_owner, TimeProvider.System, warning => Assert.Fail(warning));
        state.BeginRun();
        for (var i = 0; i < flushed; i += 100)
        {
            var rows = state.LoadDirectory(Path($"srv/{i / 100}"));
            for (var k = i; k < i + 100; k++) Assert.True(rows.TryGet(Name($"{k}"), out _), $"row {k} of {flushed}");
        }
        Assert.Equal(RunOutcome.Interrupted, BackupState.ReadHistory(path, 2)[1].Result.Outcome);
    }
}
