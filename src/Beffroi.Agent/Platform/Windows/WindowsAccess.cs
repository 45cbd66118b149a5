namespace Beffroi.Agent.Platform.Windows;

/// <summary>Rights that an access list gives to one account.</summary>
/// <param name="Account">SID.</param>
/// <param name="Rights">ACCESS_MASK.</param>
/// <param name="IsForChildren">For what is made in the folder later, and not for the folder itself.</param>
internal readonly record struct WindowsGrant(string Account, uint Rights, bool IsForChildren = false);

/// <summary>Whose a file or folder of Windows is, and who may do what to it.</summary>
/// <param name="Owner">SID; null: nobody's.</param>
/// <param name="Grants">null: there is no list, so everybody may do everything.</param>
internal sealed record WindowsAccess(string? Owner, IReadOnlyList<WindowsGrant>? Grants)
{
    /// <summary>Any change of a file or folder: FILE_WRITE_DATA, _APPEND_DATA, _WRITE_EA, _DELETE_CHILD,
    /// _WRITE_ATTRIBUTES, DELETE, WRITE_DAC, WRITE_OWNER, GENERIC_WRITE and GENERIC_ALL.</summary>
    internal const uint Change = 0x500D0156;

    /// <summary>What it takes to put something else in the place of a child, or of the folder: FILE_DELETE_CHILD,
    /// DELETE, WRITE_DAC, WRITE_OWNER and GENERIC_ALL. That everybody may make new folders in C:\ does no harm to
    /// Program Files.</summary>
    internal const uint Replace = 0x100D0040;

    /// <summary>As <see cref="Replace"/>, of a drive's top, which nobody can delete.</summary>
    internal const uint ReplaceInTop = Replace & ~0x10000u;

    private const string Everyone = "S-1-1-0";

    // CREATOR OWNER stands for nobody in the list of an object itself, OWNER RIGHTS for the owner, who is looked at.
    private static readonly string[] s_owners = ["S-1-3-0", "S-1-3-4"];

    /// <summary>Who may replace Windows itself: SYSTEM, the administrators, and TrustedInstaller, whose Program Files
    /// is.</summary>
    internal static IReadOnlyList<string> Administrators { get; } =
    [
        "S-1-5-18", "S-1-5-32-544",
        "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
    ];

    /// <summary>The first account outside of <paramref name="trusted"/> that owns the object, or has one of
    /// <paramref name="rights"/> on it. Entries that deny are not counted in anybody's favour.</summary>
    /// <returns>SID; null: there is none.</returns>
    internal string? FindStranger(IReadOnlyCollection<string> trusted, uint rights)
    {
        if (Owner is null || !trusted.Contains(Owner)) return Owner ?? Everyone;
        if (Grants is null) return rights == 0 ? null : Everyone;
        return Grants.Where(grant => !grant.IsForChildren && (grant.Rights & rights) != 0)
            .Select(grant => grant.Account)
            .FirstOrDefault(account => !trusted.Contains(account) && !s_owners.Contains(account));
    }
}
