namespace Beffroi.Identity.Access;

/// <summary>Something that not everybody may do. Each is asked for by name where it is done.</summary>
public enum Permission
{
    /// <summary>Sign in, see one's own account and tiles.</summary>
    UsePortal,

    /// <summary>See devices, runs and snapshots, but no content of a file.</summary>
    SeeBackups,

    /// <summary>Start a backup, sign off a scope, acknowledge an alert of one's own member.</summary>
    ManageBackups,

    /// <summary>Read contents out of backups. The operator's people and providers also need a consent.</summary>
    RestoreData,

    /// <summary>Add, replace and revoke devices.</summary>
    ManageDevices,

    /// <summary>Invite people, give roles, end sessions of others.</summary>
    ManagePeople,

    /// <summary>Read the journal of what was done.</summary>
    ReadJournal,

    /// <summary>See the night's watch over all members, acknowledge and assign.</summary>
    Watch,

    /// <summary>See the register of members.</summary>
    SeeMembers,

    /// <summary>Change the register, decide on applications.</summary>
    ManageMembers,

    /// <summary>Register services that sign in with the portal.</summary>
    ManageServices,

    /// <summary>See and change how the platform is set.</summary>
    ManagePlatform,

    /// <summary>Give roles of the operator itself.</summary>
    ManageStaff,
}
