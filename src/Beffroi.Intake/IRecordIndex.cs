using Beffroi.Vault;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Records;

namespace Beffroi.Intake;

/// <summary>Where each record of a vault lies. All that a device asks is answered for its own secrets only: a record of
/// another machine and one that does not exist are the same to it.</summary>
public interface IRecordIndex
{
    /// <summary>Which of the records are stored, sound, and under the device's secrets.</summary>
    /// <returns>One answer for each id, in order.</returns>
    Task<bool[]> HaveAsync(KnownDevice device, RecordId[] ids, CancellationToken cancellationToken);

    /// <summary>Where those of the records lie that exist under the device's secrets, damaged ones included, in any
    /// order.</summary>
    Task<IReadOnlyList<RecordLocation>> FindAsync(
        KnownDevice device, RecordId[] ids, CancellationToken cancellationToken);

    /// <summary>Records under the device's secrets that are known to be damaged, at most
    /// <paramref name="countMax"/>.</summary>
    Task<IReadOnlyList<RecordId>> ListDamagedAsync(
        KnownDevice device, int countMax, CancellationToken cancellationToken);

    /// <summary>The pack of that id, if it is listed.</summary>
    Task<ListedPack?> FindPackAsync(VaultId vault, PackId pack, CancellationToken cancellationToken);

    /// <summary>Lists a durable pack and its records, all or nothing, and counts its bytes. What is listed already
    /// stays; a record that is listed as damaged is from now on read from this pack; a quarantined pack is sound
    /// again.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.QuotaExceeded"/>; or
    /// <see cref="ErrorCode.DatabaseUnavailable"/>, retryable, while the vault's index is being rebuilt.</exception>
    Task InsertPackAsync(KnownDevice device, VerifiedPack pack, int bytes, CancellationToken cancellationToken);

    /// <summary>Notes that records are damaged where they lie, and quarantines the pack.</summary>
    /// <param name="records">The damaged ones; <see langword="null"/> stands for all of the pack.</param>
    Task MarkDamagedAsync(
        VaultId vault, PackId pack, IReadOnlyCollection<RecordId>? records, CancellationToken cancellationToken);
}

/// <summary>Where a record lies.</summary>
/// <param name="IsDamaged">Whether it must not be served.</param>
public readonly record struct RecordLocation(
    RecordId Id, PackId Pack, int Offset, int Bytes, RecordType Type, bool IsDamaged);

/// <summary>A pack of the index.</summary>
/// <param name="IsQuarantined">Whether a sound pack of the same id may take its place.</param>
public sealed record ListedPack(int Bytes, bool IsQuarantined);
