using Beffroi.Agent.Platform;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Backup;

/// <summary>Whether files are read from a snapshot of their volume.</summary>
internal enum SnapshotChoice
{
    /// <summary>Where the system can; else the live files are read.</summary>
    Auto,
    /// <summary>Never.</summary>
    Off,
    /// <summary>Always; without one there is no backup.</summary>
    Required,
}

/// <summary>The volumes of a backup, frozen until this is disposed: files that programs keep open are read in one
/// state.</summary>
internal sealed class FrozenVolumes : IAsyncDisposable
{
    private readonly List<IVolumeSnapshot> _snapshots = [];

    private FrozenVolumes()
    {
    }

    /// <summary>What the source is to be opened with.</summary>
    internal IReadOnlyCollection<IVolumeSnapshot> Snapshots => _snapshots;

    /// <summary>Freezes the volumes of all roots, or says why not.</summary>
    /// <param name="system">What this system can.</param>
    /// <param name="choice">What the person wants.</param>
    /// <param name="roots">Tops of the backup.</param>
    /// <param name="note">Told in a sentence why live files are read instead.</param>
    /// <param name="cancellationToken">Stops between volumes.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.NotOnThisSystem"/>: required, and not to be had.
    /// </exception>
    internal static async Task<FrozenVolumes> FreezeAsync(
        IVolumeSnapshots system, SnapshotChoice choice, IReadOnlyList<EntryPath> roots, Action<string> note,
        CancellationToken cancellationToken)
    {
        var frozen = new FrozenVolumes();
        if (choice == SnapshotChoice.Off) return frozen;
        try
        {
            foreach (var volume in roots.SelectMany(system.VolumesOf).Distinct(StringComparer.OrdinalIgnoreCase))
            {
                string? reason = null;
                var snapshot = await system.TryCreateAsync(volume, text => reason = text, cancellationToken);
                if (snapshot is not null) frozen._snapshots.Add(snapshot);
                else if (choice == SnapshotChoice.Required) throw Unavailable(reason ?? $"{volume} cannot be frozen.");
                else if (reason is not null) note(reason);
            }
            return frozen._snapshots.Count > 0 || choice != SnapshotChoice.Required
                ? frozen
                : throw Unavailable("Volume snapshots are not available on this system.");
        }
        catch
        {
            await frozen.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var snapshot in _snapshots) await snapshot.DisposeAsync();
        _snapshots.Clear();
    }

    private static VaultException Unavailable(string reason) => new(ErrorCode.NotOnThisSystem, retryable: false,
        $"{reason} Nothing was backed up. With '--snapshot auto' the live files are read instead.");
}
