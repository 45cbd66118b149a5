namespace Beffroi.Agent.Exclusions;

/// <summary>What nobody wants in a backup unless they say so. Written as options are.</summary>
internal static class DefaultExclusions
{
    /// <summary>Files that the office suites and browsers of every system leave lying about.</summary>
    private static readonly string[] s_everywhere =
    [
        "~$*", ".~lock.*#", ".DS_Store", "[Tt]humbs.db", "ehthumbs.db", "*.tmp", ".beffroi-restore-*",
    ];

    internal static IReadOnlyList<string> Linux { get; } =
    [
        .. s_everywhere,
        "/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp", "/var/run", "/var/lock", "/var/cache",
        "/swapfile", "/swap.img", "/swap", "lost+found/",
        "/var/lib/systemd/coredump", "/var/lib/docker/overlay2", "/var/lib/containers/storage/overlay",
        "/var/lib/lxcfs", "/var/lib/apt/lists",
        ".cache/", ".local/share/Trash/", ".Trash/", ".Trash-[0-9]*/", ".Trashes/", ".gvfs/", ".thumbnails/",
        ".mozilla/firefox/*/cache2/", ".mozilla/firefox/*/startupCache/", ".config/*/*/GPUCache/",
        ".config/google-chrome/*/Service Worker/CacheStorage/", ".config/chromium/*/Service Worker/CacheStorage/",
        ".nfs[0-9a-f]*", ".fuse_hidden*",
    ];

    /// <summary>Compared without regard to case, on paths that start with the drive.</summary>
    internal static IReadOnlyList<string> Windows { get; } =
    [
        .. s_everywhere,
        "/*/pagefile.sys", "/*/hiberfil.sys", "/*/swapfile.sys", "/*/DumpStack.log*", "/*/$RECYCLE.BIN/",
        "/*/System Volume Information/", "/*/$WinREAgent/", "/*/$Windows.~BT/", "/*/$Windows.~WS/", "/*/Recovery/",
        "/*/Config.Msi/", "/*/Windows/Temp/", "/*/Windows/SoftwareDistribution/Download/", "/*/Windows/Prefetch/",
        "/*/Windows/Minidump/", "/*/Windows/memory.dmp", "/*/Windows/CSC/", "/*/Users/*/AppData/Local/Temp/",
        "/*/Users/*/AppData/Local/CrashDumps/", "/*/Users/*/AppData/Local/Microsoft/Windows/INetCache/",
        "/*/Users/*/AppData/Local/Microsoft/Windows/Explorer/thumbcache_*.db",
        "/*/Users/*/AppData/Local/Google/Chrome/User Data/*/Cache/",
        "/*/Users/*/AppData/Local/Google/Chrome/User Data/*/Code Cache/",
        "/*/Users/*/AppData/Local/Microsoft/Edge/User Data/*/Cache/",
        "/*/Users/*/AppData/Local/Microsoft/Edge/User Data/*/Code Cache/",
        "/*/Users/*/AppData/Local/Mozilla/Firefox/Profiles/*/cache2/",
        "/*/ProgramData/Microsoft/Search/Data/",
    ];

    internal static IReadOnlyList<string> OfThisSystem => OperatingSystem.IsWindows() ? Windows : Linux;
}
