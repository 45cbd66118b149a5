using Beffroi.Agent.Commands;
using Beffroi.Agent.Exclusions;
using Beffroi.Protocol;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Daemon;

/// <summary>Where people and programs keep their data, and what of it a plan takes.</summary>
internal static class SurveyPlaces
{
    // Each of their folders is looked at. Programs and the system itself are elsewhere.
    private static readonly string[] s_linuxParents =
        ["/home", "/srv", "/opt", "/mnt", "/media", "/data", "/export", "/var/www", "/var/opt"];

    private static readonly string[] s_linuxPlaces =
    [
        "/root", "/var/lib/postgresql", "/var/lib/mysql", "/var/lib/mariadb", "/var/lib/firebird", "/var/mail",
        "/var/vmail", "/var/opt/mssql",
    ];

    // The system, of which a backup of data takes nothing.
    private static readonly string[] s_linuxSystem =
    [
        "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "lost+found", "proc", "run", "sbin", "snap",
        "sys", "tmp", "usr", "var", "home", "srv", "opt", "mnt", "media", "data", "export", "root",
    ];

    private static readonly string[] s_windowsSystem =
    [
        "Windows", "Program Files", "Program Files (x86)", "ProgramData", "Users", "PerfLogs", "Recovery",
        "$Recycle.Bin", "System Volume Information", "Documents and Settings",
    ];

    /// <summary>The folders to look at on this computer.</summary>
    internal static IEnumerable<string> Tops() => OperatingSystem.IsWindows() ? WindowsTops() : LinuxTops();

    /// <summary>Looks for what a plan does not cover.</summary>
    internal static IReadOnlyList<UncoveredMessage> Find(
        Plan plan, IEnumerable<string> tops, CancellationToken cancellationToken)
    {
        var included = plan.Scope.Include.Select(SharedOptions.LocalPath).ToList();
        var rules = ExclusionRules.ForThisSystem(plan.Scope.Exclude, plan.Scope.DefaultExclusions);
        var kinds = plan.Scope.Dumps.Select(dump => dump.Kind).ToHashSet(StringComparer.Ordinal);
        return new Survey(path => CoverageOf(path, included, rules), kinds, plan.Drift).Find(tops, cancellationToken);
    }

    private static Coverage CoverageOf(string path, List<EntryPath> included, ExclusionRules rules)
    {
        try
        {
            var place = SharedOptions.LocalPath(path);
            if (included.Exists(place.IsAtOrBelow)) return Coverage.Whole;
            if (rules.Top.Decide(place, isDirectory: true).Excluded) return Coverage.Whole;
            return included.Exists(each => each.IsAtOrBelow(place)) ? Coverage.Part : Coverage.None;
        }
        catch (VaultException)
        {
            return Coverage.Whole; // A name that no backup can take: nothing a plan could do.
        }
    }

    private static IEnumerable<string> LinuxTops() =>
    [
        .. s_linuxParents.SelectMany(Survey.Folders),
        .. s_linuxPlaces.Where(Directory.Exists),
        .. Survey.Folders("/").Where(folder => !s_linuxSystem.Contains(Path.GetFileName(folder))),
    ];

    private static IEnumerable<string> WindowsTops()
    {
        var disks = DriveInfo.GetDrives().Where(drive => drive is { DriveType: DriveType.Fixed, IsReady: true });
        foreach (var drive in disks)
            foreach (var folder in Survey.Folders(drive.Name))
                if (!s_windowsSystem.Contains(Path.GetFileName(folder), StringComparer.OrdinalIgnoreCase))
                    yield return folder;
        var system = Path.GetPathRoot(Environment.SystemDirectory) ?? @"C:\";
        foreach (var person in Survey.Folders(Path.Combine(system, "Users"))) yield return person;
    }
}
