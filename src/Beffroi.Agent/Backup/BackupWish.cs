using Beffroi.Agent.Daemon;
using Beffroi.Agent.Reports;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Backup;

/// <summary>What a person or a plan wants backed up.</summary>
internal sealed record BackupWish
{
    /// <summary>Where it comes from.</summary>
    internal required RunOrigin Origin { get; init; }

    /// <summary>Tops of the scope; those of <see cref="Plan"/> if there is one.</summary>
    internal IReadOnlyList<EntryPath> Roots { get; init; } = [];

    /// <summary>Patterns of what is left out, besides those of <c>agent.json</c>.</summary>
    internal IReadOnlyList<string> Exclusions { get; init; } = [];

    /// <summary>Whether caches, temporary files and the like are left out.</summary>
    internal bool DefaultExclusions { get; init; } = true;

    /// <summary>The plan whose scope this is; null when a person named other paths.</summary>
    internal Plan? Plan { get; init; }

    internal SnapshotChoice Snapshot { get; init; }

    /// <summary>Upper limit of the upload; null for what the settings say.</summary>
    internal long? UploadBytesPerSecond { get; init; }

    /// <summary>How long to wait for another run to end.</summary>
    internal TimeSpan Wait { get; init; }

    internal bool StaysOnFileSystem { get; init; }
    internal bool IsDryRun { get; init; }
    internal bool ReadsAll { get; init; }
    internal bool AllowsVanished { get; init; }

    /// <summary>Whether somebody looks, so that counting ahead is worth it.</summary>
    internal bool IsWatched { get; init; }
}
