namespace Beffroi.Vault.Stores;

/// <summary>The failures that mean the same in every store, in the same words.</summary>
public static class BlobStoreErrors
{
    /// <summary>There is no blob of that name.</summary>
    /// <param name="name">The name asked for.</param>
    /// <param name="cause">What the store said, if anything.</param>
    public static VaultException Missing(BlobName name, Exception? cause = null) => new(
        ErrorCode.BlobMissing, retryable: false,
        $"The store has no blob '{name}'. If one should be there, it was removed outside Beffroi, or this is another "
        + "store than it was put in: compare the configured folder or bucket, then run 'beffroi-server admin check'.",
        cause);

    /// <summary>The store lacks the mark that was put there at its first use.</summary>
    public static VaultException Unmarked() => new(
        ErrorCode.StoreUnmarked, retryable: true,
        "The blob store has lost the mark 'beffroi-store' that it had: its disk is not mounted, or the folder was "
        + "replaced. Nothing was stored. Mount the disk again; uploads and restores then go on by themselves.");

    /// <summary>The medium cannot give back bytes that it holds.</summary>
    /// <param name="name">The blob.</param>
    /// <param name="cause">What the system said.</param>
    public static VaultException Unreadable(string name, Exception cause) => new(
        ErrorCode.BlobUnreadable, retryable: false,
        $"The disk cannot read '{name}' in all places: {cause.Message} The disk is failing: copy the store to a new "
        + "one now, then run 'beffroi-server admin check --read-data'.",
        cause);

    /// <summary>Nothing at all can be read.</summary>
    /// <param name="cause">What the system said.</param>
    public static VaultException Dead(Exception cause) => new(
        ErrorCode.StoreUnavailable, retryable: true,
        "The disk of the blob store reads nothing at all, so no single blob is called damaged. Look at its cable, its "
        + "power and the system's log.",
        cause);

    /// <summary>Another blob has the name already.</summary>
    /// <param name="name">The name both want.</param>
    /// <param name="storedBytes">Length of the blob that is there.</param>
    /// <param name="offeredBytes">Length of the blob that was refused.</param>
    public static VaultException Conflict(BlobName name, long storedBytes, long offeredBytes) => new(
        ErrorCode.BlobConflict, retryable: false,
        $"The store holds a blob '{name}' of {storedBytes} bytes; one of {offeredBytes} bytes was offered under that "
        + "name and refused. Names say what a blob holds, so one of the two is damaged: 'beffroi-server admin check "
        + "--read-data' tells whether it is the stored one.");
}
