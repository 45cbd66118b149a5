using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Operations;
using Beffroi.Vault.Recovery;
using Beffroi.Vault.Stores;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Agent.Snapshots;

/// <summary>All snapshots of a vault, from its blobs and the recovery key alone: no server, no enrolment, no
/// database.</summary>
internal sealed class KitSnapshots : ISnapshots
{
    private readonly RecoveryKit _kit;
    private readonly IBlobStore _store;
    private readonly string _prefix;
    private readonly BufferPool _pool;
    private readonly MemberLogReader _log;
    private readonly Action<string> _warn;
    private readonly Dictionary<SnapshotId, Receipt> _receipts = [];
    private PackFolderSource? _records;

    private KitSnapshots(
        RecoveryKit kit, IBlobStore store, string prefix, BufferPool pool, MemberLogReader log, Action<string> warn)
    {
        (_kit, _store, _prefix, _pool, _log, _warn) = (kit, store, prefix, pool, log, warn);
    }

    /// <summary>Opens a folder of blobs.</summary>
    /// <param name="kitFile">The recovery kit, or a text file with its words.</param>
    /// <param name="folder">A store (with <c>t/</c>) or one vault of it (with <c>p/</c> and <c>s/</c>).</param>
    /// <param name="pool">Where buffers come from.</param>
    /// <param name="warn">Told what could not be checked or read.</param>
    /// <param name="cancellationToken">Stops the reading of the log.</param>
    internal static async Task<KitSnapshots> OpenAsync(
        string kitFile, string folder, BufferPool pool, Action<string> warn, CancellationToken cancellationToken)
    {
        var kit = KitFile.Read(kitFile);
        if (!Directory.Exists(folder)) throw PacksMissing($"The folder {folder} given with --packs does not exist.");
        var prefix = FindPrefix(folder, kit);
        var store = new DiskBlobStore(folder);
        var log = await MemberLogReader.ReadAsync(store, prefix + "l/", kit.ServerKey, cancellationToken);
        if (log.Fault is not null) warn(log.Fault);
        return new KitSnapshots(kit, store, prefix, pool, log, warn);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SnapshotInfo>> ListAsync(CancellationToken cancellationToken)
    {
        var list = new List<SnapshotInfo>();
        await foreach (var blob in _store.ListAsync(_prefix + "s/", startAfter: null, cancellationToken))
        {
            if (await TryReadAsync(blob, cancellationToken) is not { } receipt) continue;
            _receipts[receipt.Machine.Id] = receipt;
            list.Add(InfoOf(receipt));
        }
        return [
            .. list.OrderByDescending(snapshot => snapshot.Received).ThenByDescending(snapshot => snapshot.Sequence)];
    }

    /// <inheritdoc/>
    public async Task<OpenSnapshot> OpenAsync(SnapshotInfo snapshot, CancellationToken cancellationToken)
    {
        var commit = _receipts[snapshot.Id].Machine.Commit;
        var root = new RecordRef(commit.Root, OpenRootKey(_kit, commit));
        _records ??= await PackFolderSource.OpenAsync(
            _store, _prefix + "p/", _pool, (_, failure) => _warn(failure.Message), cancellationToken);
        if (_records.RecordCount == 0)
            throw PacksMissing($"The folder given with --packs lists snapshots, but its '{_prefix}p' holds no pack.");
        return new OpenSnapshot(snapshot, root, _records);
    }

    /// <summary>Opens the root key that a commit seals to the recovery key.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.KitForeign"/>: the kit belongs to another
    /// vault.</exception>
    internal static Digest256 OpenRootKey(RecoveryKit kit, Commit commit)
    {
        var recipient = commit.Recipients.FirstOrDefault(candidate => candidate.KeyId == kit.Key.PublicKey.KeyId)
            ?? throw new VaultException(ErrorCode.KitForeign, retryable: false,
                $"This recovery kit (key {kit.Key.PublicKey.KeyId}) does not open this vault, whose snapshots are "
                + "sealed to key "
                + $"{commit.Recipients.First(candidate => candidate.Role == RecipientRole.Recovery).KeyId}. Look for "
                + "the kit of the right member.");
        var info = Commit.SealInfo(commit.Vault, commit.Device, commit.Sequence, commit.Root);
        return new Digest256(Hpke.Open(kit.Key, recipient.Encapsulated.Span, info, [], recipient.Sealed.Span));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _kit.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<Receipt?> TryReadAsync(BlobEntry blob, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = new byte[Math.Min(blob.Bytes, Commit.BytesMax + 1)];
            await _store.ReadAsync(blob.Name, 0, bytes, cancellationToken);
            var receipt = CommitCodec.ParseReceipt(bytes);
            CheckName(blob.Name, receipt.Machine);
            Check(receipt);
            return receipt;
        }
        catch (VaultException exception) // Also of a bad sector, which reads like a mount that is gone: worth a retry.
        {
            _warn($"Snapshot {blob.Name} is left out. {exception.Message}");
            return null;
        }
    }

    private static void CheckName(BlobName name, SignedCommit machine)
    {
        var own = BlobNames.Commit(
            machine.Commit.Vault, machine.Commit.Device, machine.Commit.Sequence, machine.Id).Value;
        // The folder may be that of one vault, whose names start at 's'.
        if (!$"/{own}".EndsWith($"/{name}", StringComparison.Ordinal))
            throw new VaultException(ErrorCode.CommitMalformed, retryable: false,
                $"The blob says that it is '{own}': it was renamed or put into another folder. Give it its name back.");
    }

    private void Check(Receipt receipt)
    {
        // Without anchor a broken log proves nothing, and its reader has said so. With it, what stands before the break
        // is sound: only the keys of devices enrolled after it are not known.
        var isBroken = _log.Fault is not null;
        if (_log.ServerKey is not { } server || (isBroken && _kit.ServerKey is null)) return;
        var commit = receipt.Machine.Commit;
        var keys = _log.KeysOf(commit.Device);
        var isOfVault = commit.Vault == _log.Vault || (isBroken && _log.Vault == default);
        var isSigned = isOfVault && (keys.Any(receipt.Machine.IsSignedBy) || (isBroken && keys.Count == 0));
        if (!isSigned || !receipt.IsCountersignedBy(server))
            throw new VaultException(ErrorCode.CommitForged, retryable: false,
                $"Snapshot {receipt.Machine.Id} is not signed by its computer and the server. It is not used: it may "
                + "be forged.");
    }

    private SnapshotInfo InfoOf(Receipt receipt)
    {
        var commit = receipt.Machine.Commit;
        var counters = commit.Counters;
        return new SnapshotInfo(
            receipt.Machine.Id, commit.Sequence, _log.NameOf(commit.Device), commit.Ended,
            receipt.Received, counters.Files, counters.Directories, counters.LogicalBytes, counters.NewBytes,
            counters.Unreadable);
    }

    private static string FindPrefix(string folder, RecoveryKit kit)
    {
        if (Directory.Exists(Path.Combine(folder, "p"))) return "";
        var vaults = Path.Combine(folder, "t");
        var found = Directory.Exists(vaults)
            ? Directory.GetDirectories(vaults).Select(path => Path.GetFileName(path)).ToList()
            : [];
        if (kit.Vault is { } vault && found.Contains(vault.ToString())) return $"t/{vault}/";
        if (kit.Vault is null && found.Count == 1) return $"t/{found[0]}/";
        throw PacksMissing(found.Count == 0
            ? $"{folder} holds no vault: there is neither 't' nor 'p' in it."
            : kit.Vault is null
                ? $"{folder} holds {found.Count} vaults and the kit, of which only the words were given, does not say "
                    + $"which: {string.Join(", ", found)}."
                : $"{folder} does not hold the vault of this kit, {kit.Vault}. It holds: {string.Join(", ", found)}.");
    }

    private static VaultException PacksMissing(string what) => new(ErrorCode.PacksMissing, retryable: false,
        $"{what} Give the copy of the store (the folder with 't' in it), or the folder of the vault itself (with 'p' "
        + "and 's' in it).");
}
