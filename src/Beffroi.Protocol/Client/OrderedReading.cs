using Beffroi.Vault;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Operations;

namespace Beffroi.Protocol.Client;

/// <summary>The one snapshot that a person's order lets a device read, whichever of the member's devices took it
/// (docs/format/protocol.md §7.5). It ends with the order.</summary>
public sealed class OrderedReading : IRecordSource
{
    private readonly DeviceSession _session;
    private readonly DeviceId _from;
    private readonly string _address;

    internal OrderedReading(DeviceSession session, Guid order, DeviceId from) =>
        (_session, _from, _address) = (session, from, $"v1/orders/{order:D}");

    /// <inheritdoc cref="DeviceSession.GetCommitAsync(SnapshotId, CancellationToken)"/>
    public async Task<Receipt> GetCommitAsync(SnapshotId snapshot, CancellationToken cancellationToken)
    {
        var receipt = await _session.GetCommitAsync($"{_address}/snapshot", snapshot, cancellationToken)
            .ConfigureAwait(false);
        return receipt.Machine.Commit.Device == _from
            ? receipt
            : throw new VaultException(
                ErrorCode.CommitForged, retryable: false,
                $"Snapshot {snapshot} is not of device {_from}, which the order names, but of "
                    + $"{receipt.Machine.Commit.Device}. Nothing was restored: tell the operator.");
    }

    /// <inheritdoc cref="DeviceSession.OpenRootKeyAsync(Receipt, HpkePrivateKey, CancellationToken)"/>
    public Task<Digest256> OpenRootKeyAsync(
        Receipt receipt, HpkePrivateKey sealKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        return _session.OpenRootKeyAsync($"{_address}/root-key", _from, receipt, sealKey, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<FetchedRecord> FetchAsync(
        IReadOnlyList<RecordId> ids, CancellationToken cancellationToken) =>
            _session.FetchAsync($"{_address}/records", ids, cancellationToken);
}
