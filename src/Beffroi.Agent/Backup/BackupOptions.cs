using Beffroi.Agent.Platform;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Records;

namespace Beffroi.Agent.Backup;

/// <summary>What to back up, and how.</summary>
internal sealed record BackupOptions
{
    /// <summary>Tops of the scope.</summary>
    internal required IReadOnlyList<EntryPath> Roots { get; init; }

    /// <summary>Whether to stay on the file system of each root.</summary>
    internal bool StaysOnFileSystem { get; init; }

    /// <summary>Whether to look and count only.</summary>
    internal bool IsDryRun { get; init; }

    /// <summary>Whether a source that lost most of its files is what its owner wants.</summary>
    internal bool AllowsVanished { get; init; }

    /// <summary>Whether to read every file, whatever the state remembers.</summary>
    internal bool ReadsAll { get; init; }

    /// <summary>Where to count meanwhile how much there is, for a progress in percent; null for not at all. Never the
    /// source itself, which would report its problems twice.</summary>
    internal ISourceFileSystem? CountsIn { get; init; }

    /// <summary>Which files to read although they look unchanged.</summary>
    internal RereadRule Reread { get; init; }

    /// <summary>How many files are read at once. Two hide the opening of small files; more help on network disks
    /// only.</summary>
    internal int Readers { get; init; } = 2;

    /// <summary>How many threads compress and encrypt.</summary>
    internal int Sealers { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 8);

    /// <summary>Codec of new records.</summary>
    internal CodecProfile Codec { get; init; } = CodecProfile.Default;
}

/// <summary>Whose backup it is.</summary>
/// <param name="Vault">Vault of the member.</param>
/// <param name="Machine">Secret of small files and of the catalogue.</param>
/// <param name="Group">Secret that the member's machines share.</param>
internal sealed record BackupIdentity(VaultId Vault, ConvergenceSecret Machine, ConvergenceSecret Group);
