namespace Beffroi.Vault.Stores.Disk;

/// <summary>What the system says, as codes of ours. The platform keeps a POSIX errno as it is in the exception's
/// HResult, and a Windows error as 0x8007nnnn.</summary>
internal static class DiskErrors
{
    // POSIX numbers; the first seven are the same on Linux and macOS.
    internal const int NameTaken = 17;
    internal const int ArgumentInvalid = 22;
    private const int InputOutput = 5;
    private const int NotAFolder = 20;
    private const int IsAFolder = 21;
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    internal const int CallUnknown = 38;
    private const int NoData = 61;       // Linux: what some drivers say of a sector that cannot be read.
    private const int BadMessage = 74;   // Linux: a checksum of the file system is wrong.
    private const int NeedsCleaning = 117;
    private const int QuotaExceededLinux = 122;
    private const int QuotaExceededMac = 69;

    private const int WindowsBadChecksum = unchecked((int)0x80070017);
    private const int WindowsNameTaken = unchecked((int)0x800700B7);
    private const int WindowsFileExists = unchecked((int)0x80070050);
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsQuotaExceeded = unchecked((int)0x8007050F);

    /// <summary>Whether the disk said so, and not a bug.</summary>
    internal static bool IsFromDisk(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>Whether there is no such file; also when a part of its path is a file.</summary>
    internal static bool IsMissing(Exception exception) =>
        exception is FileNotFoundException or DirectoryNotFoundException
        || exception is IOException { HResult: NotAFolder };

    /// <summary>Whether the medium itself could not give back what it holds. To repeat the read helps nobody, and the
    /// rest of the disk may well be sound.</summary>
    internal static bool IsUnreadable(Exception exception) => exception is IOException
    {
        HResult: InputOutput or NoData or BadMessage or NeedsCleaning or WindowsBadChecksum,
    };

    internal static bool IsNameTaken(IOException exception) =>
        exception.HResult is NameTaken or WindowsNameTaken or WindowsFileExists;

    /// <summary>The failure to report when work on a blob, or on a folder of the store, ended with that
    /// exception.</summary>
    /// <param name="doing">What was tried, after "could not": <c>store 't/a'</c>.</param>
    /// <param name="root">Folder of the store.</param>
    /// <param name="cause">What the platform threw.</param>
    internal static VaultException Translate(string doing, string root, Exception cause)
    {
        if (IsFull(cause)) return Full(doing, root, cause);
        if (cause is IOException { HResult: NotAFolder or IsAFolder or NameTaken }) return Clash(doing, root, cause);
        var (retryable, advice) = cause switch
        {
            UnauthorizedAccessException => (false,
                "Give the account that runs Beffroi the right to read and write everything below that folder."),
            IOException { HResult: ReadOnlyFileSystem } => (false,
                "The file system is read-only, which is what Linux does after a disk error: read the system's log."),
            IOException { HResult: ArgumentInvalid } => (false,
                "Its file system cannot do that, so it cannot promise that blobs last: use ext4, XFS, Btrfs or ZFS."),
            _ => (true,
                "Nothing partial was kept, and the call may be repeated. Check the disk, its mount, the system's log."),
        };
        return new VaultException(ErrorCode.StoreUnavailable, retryable,
            $"The store in '{root}' could not {doing}: {cause.Message} {advice}", cause);
    }

    /// <summary>The name is taken by something that is no blob, a folder most likely.</summary>
    internal static VaultException NameClash(string root, BlobName name) => Clash($"store '{name}'", root, cause: null);

    /// <summary>The folder of the store itself is gone, most often a disk that is not mounted.</summary>
    internal static VaultException RootMissing(string root, Exception? cause = null) => new(
        ErrorCode.StoreUnavailable, retryable: true,
        $"The store's folder '{root}' does not exist any more. Mount its disk again, or correct the configured folder.",
        cause);

    /// <summary>Storing would use the reserve.</summary>
    internal static VaultException ReserveReached(string root, long freeBytes, long wantedBytes, long reserveBytes) =>
        new(ErrorCode.StoreFull, retryable: false,
            $"The disk of the store in '{root}' has {freeBytes} bytes free; storing {wantedBytes} more would go below "
            + $"the {reserveBytes} kept in reserve. Nothing was stored; restores go on. Make room or a larger disk.");

    private static VaultException Clash(string doing, string root, Exception? cause) => new(
        ErrorCode.BlobConflict, retryable: false,
        $"The store in '{root}' could not {doing}: a folder is where the blob belongs, or a file where its folder is. "
        + "Nothing was changed. The store's folder was altered outside Beffroi: look at that path.", cause);

    private static VaultException Full(string doing, string root, Exception cause) => new(
        ErrorCode.StoreFull, retryable: false,
        $"The store in '{root}' could not {doing}: its disk or quota is full. Nothing partial was kept; restores go "
        + "on. Make room or enlarge the disk.", cause);

    private static bool IsFull(Exception cause) => cause.HResult
        is NoSpace or QuotaExceededLinux or QuotaExceededMac
        or WindowsDiskFull or WindowsHandleDiskFull or WindowsQuotaExceeded;
}
