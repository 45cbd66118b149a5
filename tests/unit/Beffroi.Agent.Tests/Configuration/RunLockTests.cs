using System.Diagnostics;
using Beffroi.Agent.Configuration;
using Beffroi.Vault;

namespace Beffroi.Agent.Tests.Configuration;

public sealed class RunLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AgentHome _home;

    public RunLockTests() => _home = new AgentHome(_folder.File("config"), _folder.File("state"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_second_run_fails_and_names_the_first()
    {
        using var first = await Acquire(TimeSpan.Zero);
        var failure = await Assert.ThrowsAsync<VaultException>(() => Acquire(TimeSpan.Zero));
        Assert.Equal(ErrorCode.AlreadyRunning, failure.Code);
        Assert.True(failure.IsRetryable);
        Assert.Contains($"process {Environment.ProcessId} ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_can_be_taken_again_once_it_is_free()
    {
        for (var round = 0; round < 3; round++)
        {
            using var held = await Acquire(TimeSpan.Zero);
            await Assert.ThrowsAsync<VaultException>(() => Acquire(TimeSpan.Zero));
        }
    }

    [Fact]
    public async Task A_run_that_waits_gets_the_lock_when_the_first_one_ends()
    {
        var first = await Acquire(TimeSpan.Zero);
        var second = Acquire(TimeSpan.FromSeconds(60));
        await Task.Delay(50);
        Assert.False(second.IsCompleted);
        first.Dispose();
        using var held = await second;
        await Assert.ThrowsAsync<VaultException>(() => Acquire(TimeSpan.Zero));
    }

    [Fact]
    public async Task Waiting_ends_at_its_limit_and_when_it_is_cancelled()
    {
        using var first = await Acquire(TimeSpan.Zero);
        var waited = Stopwatch.StartNew();
        await Assert.ThrowsAsync<VaultException>(() => Acquire(TimeSpan.FromMilliseconds(300)));
        Assert.True(waited.ElapsedMilliseconds >= 300);

        using var cancelled = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => RunLock.AcquireAsync(_home, TimeSpan.FromHours(1), TimeProvider.System, cancelled.Token));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_locked_is_no_running_agent()
    {
        Directory.CreateDirectory(_home.LockFile);
        var failure = await Assert.ThrowsAsync<VaultException>(() => Acquire(TimeSpan.Zero));
        Assert.Equal(ErrorCode.HomeUnwritable, failure.Code);
        Assert.Contains(_home.LockFile, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_folder_that_cannot_be_made_is_told()
    {
        await File.WriteAllTextAsync(_home.StateFolder, "in the way");
        var failure = await Assert.ThrowsAsync<VaultException>(() => Acquire(TimeSpan.Zero));
        Assert.Equal(ErrorCode.HomeUnwritable, failure.Code);
        Assert.Contains(_home.StateFolder, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_whose_holder_cannot_be_noted_holds_all_the_same()
    {
        Directory.CreateDirectory(Path.ChangeExtension(_home.LockFile, ".pid"));
        using var held = await Acquire(TimeSpan.Zero);
        var failure = await Assert.ThrowsAsync<VaultException>(() => Acquire(TimeSpan.Zero));
        Assert.Equal(ErrorCode.AlreadyRunning, failure.Code);
    }

    private Task<RunLock> Acquire(TimeSpan wait) =>
        RunLock.AcquireAsync(_home, wait, TimeProvider.System, CancellationToken.None);
}

public sealed class KilledHolderTests
{
    private const string FolderVariable = "BEFFROI_TEST_KILLED_HOLDER";

    /// <summary>The test starts itself as a second process, which holds the lock until it is killed.</summary>
    [Fact]
    public async Task A_holder_that_is_killed_frees_the_lock()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { } held) await HoldForEverAsync(held);
        using var folder = new TemporaryFolder();
        using var holder = SelfProcess.Start(typeof(KilledHolderTests), FolderVariable, folder.FullPath);
        while (!holder.HasExited && !File.Exists(folder.File("held"))) await Task.Delay(10);

        var failure = await Assert.ThrowsAsync<VaultException>(() => Acquire(folder.FullPath, TimeSpan.Zero));
        Assert.Contains($"process {holder.Id} ", failure.Message, StringComparison.Ordinal);

        holder.Kill(); // SIGKILL: no handler, no clean-up.
        using var taken = await Acquire(folder.FullPath, TimeSpan.FromSeconds(30));
        Assert.False(File.Exists(folder.File("ended")));
    }

    private static async Task HoldForEverAsync(string folder)
    {
        using var held = await Acquire(folder, TimeSpan.Zero);
        await File.WriteAllTextAsync(Path.Combine(folder, "held"), "");
        await Task.Delay(TimeSpan.FromMinutes(5));
        await File.WriteAllTextAsync(Path.Combine(folder, "ended"), "");
    }

    private static Task<RunLock> Acquire(string folder, TimeSpan wait) => RunLock.AcquireAsync(
        new AgentHome(Path.Combine(folder, "config"), Path.Combine(folder, "state")), wait, TimeProvider.System,
        CancellationToken.None);
}
