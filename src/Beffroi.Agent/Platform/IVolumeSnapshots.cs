using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform;

/// <summary>Freezes volumes so that files which programs keep open are read in one state.</summary>
internal interface IVolumeSnapshots
{
    /// <summary>The volumes on which a path and what is below it lie, as far as they could be frozen.</summary>
    IEnumerable<string> VolumesOf(EntryPath path);

    /// <summary>Freezes a volume (<c>C:</c>); null when this system cannot, and the live files are read then.</summary>
    /// <param name="report">Told in a sentence why there is none.</param>
    Task<IVolumeSnapshot?> TryCreateAsync(string volume, Action<string> report, CancellationToken cancellationToken);
}

/// <summary>A frozen volume, until it is disposed.</summary>
internal interface IVolumeSnapshot : IAsyncDisposable
{
    string Volume { get; }

    /// <summary>Where its files are: stands for the volume at the start of a path.</summary>
    string DevicePath { get; }
}

/// <summary>For systems without: Linux file systems differ too much, and its files are seldom locked.</summary>
internal sealed class NoVolumeSnapshots : IVolumeSnapshots
{
    public IEnumerable<string> VolumesOf(EntryPath path) => [];

    public Task<IVolumeSnapshot?> TryCreateAsync(
        string volume, Action<string> report, CancellationToken cancellationToken) =>
        Task.FromResult<IVolumeSnapshot?>(null);
}
