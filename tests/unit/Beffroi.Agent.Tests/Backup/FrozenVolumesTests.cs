using System.Runtime.Versioning;
using System.Text;
using Beffroi.Agent.Backup;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Platform.Linux;
using Beffroi.Agent.Tests.Platform;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Tests.Backup;

[SupportedOSPlatform("linux")]
public sealed class FrozenVolumesTests : IDisposable
{
    private static readonly EntryPath s_root = EntryPath.FromSlashes("C:/mairie"u8.ToArray());
    private readonly BackupFixture _fixture = new();
    private readonly TemporaryTree _copies = new();
    private readonly List<string> _notes = [];

    public void Dispose()
    {
        _fixture.Dispose();
        _copies.Dispose();
    }

    [Fact]
    public async Task A_frozen_volume_is_saved_as_it_was_when_it_was_frozen()
    {
        _fixture.Tree.File("before", "as it was");
        var system = new CopiedVolumes(_copies.Root);

        await using (var frozen = await FreezeAsync(system, SnapshotChoice.Auto, _fixture.Tree.RootPath))
        {
            _fixture.Tree.File("before", "changed meanwhile");
            _fixture.Tree.File("after");
            using var source = new RelocatedSource(Assert.Single(frozen.Snapshots));
            var outcome = await _fixture.BackUpAsync(source: source);
            await _fixture.RestoreAsync(outcome.Root);
        }

        Assert.Equal("as it was", await File.ReadAllTextAsync(_fixture.Restored("before")));
        Assert.False(File.Exists(_fixture.Restored("after")));
        Assert.Empty(Directory.GetFileSystemEntries(_copies.Root)); // The snapshot went with the run.
    }

    [Fact]
    public async Task Without_a_snapshot_auto_says_why_and_required_stops()
    {
        var system = new CopiedVolumes(_copies.Root) { Refusal = "No rights." };

        await using var auto = await FreezeAsync(system, SnapshotChoice.Auto, s_root);
        var failure = await Assert.ThrowsAsync<VaultException>(
            () => FreezeAsync(system, SnapshotChoice.Required, s_root));

        Assert.Empty(auto.Snapshots);
        Assert.Equal(["No rights."], _notes);
        Assert.Equal(ErrorCode.NotOnThisSystem, failure.Code);
        Assert.StartsWith("No rights. Nothing was backed up.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_system_without_snapshots_is_silent_unless_they_are_required()
    {
        await using var auto = await FreezeAsync(new NoVolumeSnapshots(), SnapshotChoice.Auto, s_root);
        var failure = await Assert.ThrowsAsync<VaultException>(
            () => FreezeAsync(new NoVolumeSnapshots(), SnapshotChoice.Required, s_root));

        Assert.Empty(auto.Snapshots);
        Assert.Empty(_notes);
        Assert.Contains("not available on this system", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Off_asks_for_nothing_and_one_refusal_ends_the_snapshots_before_it()
    {
        var system = new CopiedVolumes(_copies.Root) { Refusal = "No rights.", Granted = 1 };
        await using var off = await FreezeAsync(system, SnapshotChoice.Off, _fixture.Tree.RootPath);
        Assert.Empty(off.Snapshots);

        await Assert.ThrowsAsync<VaultException>(
            () => FreezeAsync(system, SnapshotChoice.Required, _fixture.Tree.RootPath, s_root));

        Assert.Equal(1, system.Ended);
    }

    private Task<FrozenVolumes> FreezeAsync(
        IVolumeSnapshots system, SnapshotChoice choice, params IReadOnlyList<EntryPath> roots) =>
        FrozenVolumes.FreezeAsync(system, choice, roots, _notes.Add, default);

    /// <summary>Freezes a folder by copying it.</summary>
    private sealed class CopiedVolumes(string copies) : IVolumeSnapshots
    {
        internal string? Refusal { get; init; }

        /// <summary>How many are made before the refusal.</summary>
        internal int Granted { get; set; }

        internal int Ended { get; private set; }

        public IEnumerable<string> VolumesOf(EntryPath path) => [$"/{path}"];

        public Task<IVolumeSnapshot?> TryCreateAsync(
            string volume, Action<string> report, CancellationToken cancellationToken)
        {
            if (Refusal is not null && Granted-- <= 0)
            {
                report(Refusal);
                return Task.FromResult<IVolumeSnapshot?>(null);
            }
            var copy = Directory.CreateDirectory(Path.Combine(copies, "frozen")).FullName;
            foreach (var file in Directory.GetFiles(volume))
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            return Task.FromResult<IVolumeSnapshot?>(new CopiedVolume(volume, copy, this));
        }

        private sealed class CopiedVolume(string volume, string copy, CopiedVolumes owner) : IVolumeSnapshot
        {
            public string Volume => volume;

            public string DevicePath => copy;

            public ValueTask DisposeAsync()
            {
                Directory.Delete(copy, recursive: true);
                owner.Ended++;
                return ValueTask.CompletedTask;
            }
        }
    }

    /// <summary>Shows what lies at a snapshot's device path under the path of its volume.</summary>
    private sealed class RelocatedSource(IVolumeSnapshot snapshot) : ISourceFileSystem
    {
        private readonly LinuxSource _source = new(problem => Assert.Fail(problem.Text));

        public SourceNode Stat(EntryPath path)
        {
            var text = $"/{path}";
            var isInside = text.StartsWith(snapshot.Volume, StringComparison.Ordinal);
            var there = isInside ? snapshot.DevicePath + text[snapshot.Volume.Length..] : text;
            return _source.Stat(EntryPath.FromSlashes(Encoding.UTF8.GetBytes(there)));
        }

        public IReadOnlyList<SourceNode> List(SourceNode directory) => _source.List(directory);

        public NodeDetails Examine(SourceNode node) => _source.Examine(node);

        public ISourceFile OpenFile(SourceNode file) => _source.OpenFile(file);

        public ISourceFile OpenStream(SourceNode file, string streamName) => _source.OpenStream(file, streamName);

        public ReadOnlyMemory<byte> ReadLink(SourceNode link) => _source.ReadLink(link);

        public IReadOnlyList<ExtendedAttribute> ReadExtendedAttributes(SourceNode node) =>
            _source.ReadExtendedAttributes(node);

        public string? UserName(uint userId) => _source.UserName(userId);

        public string? GroupName(uint groupId) => _source.GroupName(groupId);

        public string? PseudoFileSystem(SourceNode node) => _source.PseudoFileSystem(node);

        public void Dispose() => _source.Dispose();
    }
}
