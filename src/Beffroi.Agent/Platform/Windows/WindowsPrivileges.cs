using System.Runtime.Versioning;

namespace Beffroi.Agent.Platform.Windows;

/// <summary>Switches privileges on that the process's token holds but does not use by itself.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe class WindowsPrivileges
{
    /// <summary>Does nothing when the token lacks the privilege: what then cannot be read is reported file by
    /// file.</summary>
    internal static void Enable(string name)
    {
        const uint AdjustAndQuery = 0x28, Enabled = 2;
        nint token;
        if (!Win32.OpenProcessToken(Win32.GetCurrentProcess(), AdjustAndQuery, &token)) return;
        long privilege;
        if (Win32.LookupPrivilegeValueW(null, name, &privilege))
        {
            var wanted = new TokenPrivilege { Count = 1, Privilege = privilege, Attributes = Enabled };
            _ = Win32.AdjustTokenPrivileges(token, disableAll: false, &wanted, sizeof(TokenPrivilege), 0, 0);
        }
        _ = Win32.CloseHandle(token);
    }
}
