using Beffroi.Agent.Configuration;
using Beffroi.Protocol;
using Beffroi.Protocol.Client;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Crypto;

namespace Beffroi.Agent.Snapshots;

/// <summary>This device's snapshots, through the server and its key service.</summary>
internal sealed class ServerSnapshots(DeviceSession session, Enrolment enrolment) : ISnapshots
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<SnapshotInfo>> ListAsync(CancellationToken cancellationToken)
    {
        var list = await session.ListSnapshotsAsync(cancellationToken);
        return [.. list.Select(InfoOf).OrderByDescending(snapshot => snapshot.Sequence)];
    }

    /// <inheritdoc/>
    public async Task<OpenSnapshot> OpenAsync(SnapshotInfo snapshot, CancellationToken cancellationToken)
    {
        var receipt = await session.GetCommitAsync(snapshot.Id, cancellationToken);
        using var sealKey = HpkePrivateKey.Import(enrolment.SealPrivateScalar);
        var key = await session.OpenRootKeyAsync(receipt, sealKey, cancellationToken);
        return new OpenSnapshot(snapshot, new RecordRef(receipt.Machine.Commit.Root, key), session);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => session.DisposeAsync();

    private SnapshotInfo InfoOf(SnapshotMessage message) => new(
        new SnapshotId(Digest256.Parse(message.Id)), message.Sequence, enrolment.DeviceName, message.Ended,
        message.Received, message.Files, message.Directories, message.LogicalBytes, message.NewBytes,
        message.Unreadable);
}
