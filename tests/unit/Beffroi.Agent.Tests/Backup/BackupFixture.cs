using System.Runtime.Versioning;
using Beffroi.Agent.Backup;
using Beffroi.Agent.Exclusions;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Platform.Linux;
using Beffroi.Agent.Restore;
using Beffroi.Agent.State;
using Beffroi.Agent.Tests.Platform;
using Beffroi.Testing;
using Beffroi.Testing.FakeServer;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Operations;
using Beffroi.Vault.Records;

namespace Beffroi.Agent.Tests.Backup;

/// <summary>Real folders, the real state, and a vault in memory: backups and restores without a server.</summary>
[SupportedOSPlatform("linux")]
public sealed class BackupFixture : IDisposable
{
    private readonly BackupIdentity _identity;
    private readonly TemporaryFolder _home = new();

    internal BackupFixture()
    {
        var vault = VaultId.New();
        Vault = new MemoryVault(vault);
        _identity = new BackupIdentity(vault, ConvergenceSecret.Generate(), ConvergenceSecret.Generate());
        State = OpenState(StatePath);
    }

    internal TemporaryTree Tree { get; } = new();
    internal TemporaryTree Target { get; } = new();
    internal MemoryVault Vault { get; }
    internal ManualTime Time { get; } = new();
    internal BackupState State { get; }
    internal string StatePath => _home.File("state.db");
    internal BackupProgress Progress { get; private set; } = new();
    internal List<string> Problems { get; } = [];

    internal BackupState OpenState(string path) => BackupState.Open(
        path, new StateOwner(_identity.Vault, new DeviceId(Guid.Empty)), Time, warning => Problems.Add(warning));

    /// <summary>A whole run over the tree. Returns the root of its catalogue.</summary>
    internal async Task<BackupOutcome> BackUpAsync(
        BackupOptions? options = null, ISourceFileSystem? source = null, CancellationToken cancellationToken = default)
    {
        options ??= new BackupOptions { Roots = [Tree.RootPath] };
        Progress = new BackupProgress();
        using var live = new LinuxSource(problem => Problems.Add(problem.Text));
        State.BeginRun();
        var run = new BackupRun(
            options, _identity, source ?? live, ExclusionRules.ForThisSystem([], withDefaults: false), State, Vault,
            Progress, problem => Problems.Add(problem.Text), Time);
        var outcome = await run.ExecuteAsync(cancellationToken);
        State.EndRun(new RunResult(RunOutcome.Completed, null, 0, 0, 0), options.Roots);
        return outcome;
    }

    /// <summary>1 if the state knows that file of the tree, else 0.</summary>
    internal int Known(string name) =>
        State.LoadDirectory(Tree.RootPath).TryGet(System.Text.Encoding.UTF8.GetBytes(name), out _) ? 1 : 0;

    /// <summary>The entries of a snapshot by their names below the tree.</summary>
    internal async Task<Dictionary<string, Entry>> EntriesAsync(RecordRef root)
    {
        using var records = new RecordReader(Vault, new BufferPool());
        var found = new Dictionary<string, Entry>();
        await foreach (var entry in new CatalogueReader(records).ReadAsync(root, Tree.RootPath, null, default))
            if (entry.Path != Tree.RootPath) found.Add($"/{entry.Path}"[(Tree.Root.Length + 1)..], entry);
        return found;
    }

    /// <summary>Restores into <see cref="Target"/>.</summary>
    internal Task<RestoreProgress> RestoreAsync(RecordRef root, params IReadOnlyList<EntryPath> paths) =>
        RestoreAsync(root, new RestoreOptions { Paths = paths });

    /// <summary>Restores into <see cref="Target"/>, as <paramref name="seen"/> shows it.</summary>
    internal async Task<RestoreProgress> RestoreAsync(
        RecordRef root, RestoreOptions options, Func<ITargetFileSystem, ITargetFileSystem>? seen = null)
    {
        var progress = new RestoreProgress();
        using var target = new LinuxTarget(
            Target.Root, new TargetOptions { Overwrites = options.Overwrites },
            problem => Problems.Add($"{problem.Path}: {problem.Why}"));
        using var records = new RecordReader(Vault, new BufferPool());
        using var run = new RestoreRun(
            options, new CatalogueReader(records), root, Vault, seen?.Invoke(target) ?? target, progress,
            problem => Problems.Add($"{problem.Path}: {problem.Text}"));
        await run.ExecuteAsync(default);
        return progress;
    }

    /// <summary>Where an object of the tree is after a restore.</summary>
    internal string Restored(string name) => Path.Combine(Target.Root, Tree.Root[1..], name);

    public void Dispose()
    {
        State.Dispose();
        Tree.Dispose();
        Target.Dispose();
        _home.Dispose();
    }
}
