namespace Beffroi.Identity.Access;

/// <summary>Which role may do what: the whole matrix, in one place (docs/operations/people.md shows it).</summary>
public static class Rights
{
    private static readonly Dictionary<Role, HashSet<Permission>> Matrix = new()
    {
        [Role.Direction] = [.. Enum.GetValues<Permission>()],
        [Role.Operations] =
        [
            Permission.UsePortal, Permission.SeeBackups, Permission.ManageBackups, Permission.RestoreData,
            Permission.ManageDevices, Permission.ManagePeople, Permission.ReadJournal, Permission.Watch,
            Permission.SeeMembers, Permission.ManageMembers, Permission.ManageServices, Permission.ManagePlatform,
        ],
        [Role.Support] =
        [
            Permission.UsePortal, Permission.SeeBackups, Permission.ManageBackups, Permission.RestoreData,
            Permission.ManageDevices, Permission.ManagePeople, Permission.Watch, Permission.SeeMembers,
        ],
        [Role.Accounting] = [Permission.UsePortal, Permission.SeeMembers],
        [Role.DataProtection] = [Permission.UsePortal, Permission.ReadJournal, Permission.SeeMembers],
        [Role.Executive] = [Permission.UsePortal, Permission.SeeBackups, Permission.ReadJournal],
        [Role.Referent] =
        [
            Permission.UsePortal, Permission.SeeBackups, Permission.ManageBackups, Permission.RestoreData,
            Permission.ManageDevices, Permission.ManagePeople, Permission.ReadJournal,
        ],
        [Role.FunctionalAdministrator] =
        [
            Permission.UsePortal, Permission.SeeBackups, Permission.ManageBackups, Permission.RestoreData,
            Permission.ManageDevices, Permission.ManagePeople,
        ],
        [Role.Agent] = [Permission.UsePortal],
        [Role.Provider] =
        [
            Permission.UsePortal, Permission.SeeBackups, Permission.ManageBackups, Permission.RestoreData,
            Permission.ManageDevices,
        ],
    };

    /// <summary>What <paramref name="role"/> may do, for the operator or for the member it was given for.</summary>
    public static IReadOnlySet<Permission> Of(Role role) => Matrix[role];

    /// <summary>Whether a role is the operator's own, and so reaches every member.</summary>
    public static bool IsOperators(Role role) =>
        role is Role.Direction or Role.Operations or Role.Support or Role.Accounting or Role.DataProtection;
}
