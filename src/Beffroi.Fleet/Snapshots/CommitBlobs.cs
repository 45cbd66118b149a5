using Beffroi.Fleet.KeyService;
using Beffroi.Fleet.MemberLog;
using Beffroi.Vault;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Stores;

namespace Beffroi.Fleet.Snapshots;

/// <summary>The commits in the blob store.</summary>
internal sealed class CommitBlobs(IBlobStore blobs, KeyFile keys)
{
    /// <summary>The server's part of a commit, docs/format/commit.md §1.</summary>
    private const int ServerBytes = 8 + 8 + 16 + 1 + 64;

    /// <summary>Reads a commit and verifies that this server countersigned it, which it does only after every
    /// check.</summary>
    /// <returns><see langword="null"/> if there is no such blob.</returns>
    /// <exception cref="VaultException"><see cref="ErrorCode.CommitMalformed"/> or
    /// <see cref="ErrorCode.CommitForged"/>.</exception>
    internal async Task<Receipt?> ReadAsync(BlobName name, CancellationToken cancellationToken)
    {
        var bytes = await blobs.ReadWholeAsync(name, Commit.BytesMax + ServerBytes, cancellationToken);
        if (bytes is null) return null;

        var receipt = CommitCodec.ParseReceipt(bytes);
        if (!receipt.IsCountersignedBy(keys.SigningKey.PublicKey))
            throw Forged(name, "its countersignature is not this server's");
        return SnapshotRows.NameOf(receipt.Machine) == name
            ? receipt
            : throw Forged(name, "it belongs under another name");
    }

    /// <summary>As <see cref="ReadAsync"/>, for who goes on with the next one.</summary>
    /// <returns>The commit, or why it cannot be used.</returns>
    internal async Task<(Receipt? Receipt, string? Reason)> TryReadAsync(
        BlobName name, CancellationToken cancellationToken)
    {
        try
        {
            var receipt = await ReadAsync(name, cancellationToken);
            return (receipt, receipt is null ? "its commit is not in the blob store" : null);
        }
        catch (VaultException exception) when (exception.Code is ErrorCode.CommitMalformed or ErrorCode.CommitForged
            or ErrorCode.BlobConflict or ErrorCode.BlobUnreadable)
        {
            return (null, exception.Message);
        }
    }

    /// <summary>Makes a commit durable.</summary>
    /// <returns>The receipt that is durable: another one than given if the same commit was put before.</returns>
    internal async Task<Receipt> PutAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        var name = SnapshotRows.NameOf(receipt.Machine);
        if (await blobs.PutAsync(name, receipt.Bytes, cancellationToken)) return receipt;

        return await ReadAsync(name, cancellationToken) ?? throw new VaultException(
            ErrorCode.StoreUnavailable, retryable: true,
            $"Commit '{name}' is and is not in the blob store. Try again.");
    }

    /// <summary>Names of a device's commits after a sequence, in the order of their sequences.</summary>
    internal async IAsyncEnumerable<BlobName> ListAsync(
        VaultId vault, DeviceId device, long afterSequence,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        BlobName? after = afterSequence == 0 ? null : AfterAll(vault, device, afterSequence);
        await foreach (var entry in blobs.ListAsync(BlobNames.CommitPrefix(vault, device), after, cancellationToken))
            yield return entry.Name;
    }

    /// <summary>A name that stands after every commit of a sequence: ids are hexadecimal, and 'g' comes after
    /// them.</summary>
    private static BlobName AfterAll(VaultId vault, DeviceId device, long sequence)
    {
        var first = BlobNames.Commit(vault, device, sequence, default).Value;
        return new BlobName(first[..^(2 * Digest256.Bytes)] + "g");
    }

    private static VaultException Forged(BlobName name, string why) => new(
        ErrorCode.CommitForged, retryable: false,
        $"The commit '{name}' is not used: {why}. Put the blob back from a copy; other snapshots are not affected.");
}
