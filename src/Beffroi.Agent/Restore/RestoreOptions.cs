using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Restore;

/// <summary>What to restore, and how.</summary>
internal sealed record RestoreOptions
{
    /// <summary>Tops of what is restored; empty for everything.</summary>
    internal required IReadOnlyList<EntryPath> Paths { get; init; }

    /// <summary>Whether to look and count only.</summary>
    internal bool IsDryRun { get; init; }

    /// <summary>What happens to files that exist and differ.</summary>
    internal RestoreConflict Conflict { get; init; }

    /// <summary>What is added to the names of files that are restored beside others.</summary>
    internal string RenamedAs { get; init; } = "";

    /// <summary>Whether files that exist and differ are replaced.</summary>
    internal bool Overwrites => Conflict == RestoreConflict.Replace;

    /// <summary>Whether a target that looks too small is tried all the same.</summary>
    internal bool IgnoresSpace { get; init; }

    /// <summary>Whether to wait until everything is on the disk.</summary>
    internal bool Syncs { get; init; }

    /// <summary>Of a hundred files, how many are taken: less than 100 only for a verification by sample.</summary>
    internal int SamplePercent { get; init; } = 100;
}

/// <summary>Something that was not restored, or not fully.</summary>
/// <param name="Path">Which object.</param>
/// <param name="Code">What happened; <see cref="ErrorCode.None"/> for a refusal by the target.</param>
/// <param name="Text">For a person.</param>
internal readonly record struct RestoreProblem(EntryPath Path, ErrorCode Code, string Text)
{
    /// <summary>Whether the vault, and not this computer, is at fault.</summary>
    internal bool IsDamage => Code is >= ErrorCode.RecordMalformed and < ErrorCode.StoreFull;
}
