namespace Beffroi.Vault.Compression;

/// <summary>The system's libzstd: is it there, and which.</summary>
public static class Zstd
{
    // 1.4.0 made ZSTD_decompressDCtx and ZSTD_findFrameCompressedSize stable.
    private const uint VersionMin = 1_04_00;

    /// <summary>Version of the library, 10504 for 1.5.4; 0 when there is none, or one older than 1.4.0.</summary>
    public static uint Version { get; } = Probe();

    /// <summary>Whether zstd can be written and read on this system.</summary>
    public static bool IsAvailable => Version != 0;

    /// <summary>Fails when <see cref="IsAvailable"/> is false.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.LibraryMissing"/>.</exception>
    internal static void Require()
    {
        if (IsAvailable) return;
        throw new VaultException(ErrorCode.LibraryMissing, retryable: false,
            "This computer has no libzstd of version 1.4.0 or later, and the data is compressed with zstd. Install "
            + "the package libzstd1 (Debian, Ubuntu), libzstd (Fedora, RHEL) or libzstd1 (openSUSE), run 'brew "
            + "install zstd' on macOS, or put libzstd.dll beside beffroi.exe on Windows; then run the command again.");
    }

    private static uint Probe()
    {
        if (!ZstdNative.TryLoad()) return 0;
        var version = ZstdNative.VersionNumber();
        return version >= VersionMin ? version : 0;
    }
}
