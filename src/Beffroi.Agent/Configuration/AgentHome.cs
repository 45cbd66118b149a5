using Beffroi.Vault;

namespace Beffroi.Agent.Configuration;

/// <summary>The families of systems whose folders differ.</summary>
internal enum HomeSystem
{
    Linux,
    MacOs,
    Windows,
}

/// <summary>Where the agent keeps its configuration (enrolment, settings) and its state (cache, lock).</summary>
internal sealed record AgentHome(string ConfigurationFolder, string StateFolder)
{
    /// <summary>Moves both: configuration in its <c>config</c>, state in its <c>state</c>. The folder itself may be
    /// shared.</summary>
    internal const string Variable = "BEFFROI_HOME";

    /// <summary>Keys and addresses. Windows: sealed, hence no JSON to the eye.</summary>
    internal string EnrolmentFile =>
        Path.Combine(ConfigurationFolder, OperatingSystem.IsWindows() ? "enrolment.sealed" : "enrolment.json");

    /// <summary>Where to enrol and with what, until that is done.</summary>
    internal string PendingEnrolmentFile => Path.Combine(ConfigurationFolder, "enrolment-pending");

    /// <summary>What a person may set.</summary>
    internal string SettingsFile => Path.Combine(ConfigurationFolder, "agent.json");

    /// <summary>What the last backup took.</summary>
    internal string LastPathsFile => Path.Combine(ConfigurationFolder, "last-paths.json");

    /// <summary>The cache of backed-up files.</summary>
    internal string StateFile => Path.Combine(StateFolder, "state.sqlite");

    /// <summary>The plan that the server pushed last, so that a daemon without connection has one.</summary>
    internal string PlanFile => Path.Combine(ConfigurationFolder, "plan.json");

    /// <summary>What the scheduler has to know of past runs. Written by who holds the run lock.</summary>
    internal string RunHistoryFile => Path.Combine(StateFolder, "schedule.json");

    /// <summary>What the daemon must not forget: its own id, orders that were begun.</summary>
    internal string DaemonMemoryFile => Path.Combine(StateFolder, "daemon.json");

    /// <summary>What the daemon does now, for 'beffroi status'.</summary>
    internal string DaemonStatusFile => Path.Combine(StateFolder, "daemon-status.json");

    /// <summary>Held while a daemon lives.</summary>
    internal string DaemonLockFile => Path.Combine(StateFolder, "daemon.lock");

    /// <summary>Reports of runs that the server does not have yet.</summary>
    internal string ReportsFolder => Path.Combine(StateFolder, "reports");

    /// <summary>Databases, written into files before a backup.</summary>
    internal string DumpsFolder => Path.Combine(StateFolder, "dumps");

    /// <summary>What a service of Windows says, where nothing keeps it.</summary>
    internal string ServiceLogFile => Path.Combine(StateFolder, "service.log");

    /// <summary>Held while a run works.</summary>
    internal string LockFile => Path.Combine(StateFolder, "run.lock");

    /// <summary>The places of this process: the computer's for root, the user's otherwise.</summary>
    internal static AgentHome Locate() => Locate(
        OperatingSystem.IsWindows() ? HomeSystem.Windows
            : OperatingSystem.IsMacOS() ? HomeSystem.MacOs : HomeSystem.Linux,
        Environment.IsPrivilegedProcess, VariableOf);

    /// <summary>The places for given circumstances.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.UsageInvalid"/>: the environment names no home
    /// folder.</exception>
    internal static AgentHome Locate(HomeSystem system, bool isPrivileged, Func<string, string?> variable)
    {
        if (variable(Variable) is { Length: > 0 } moved)
        {
            var folder = Path.GetFullPath(moved);
            return new AgentHome(Path.Combine(folder, "config"), Path.Combine(folder, "state"));
        }
        return system switch
        {
            HomeSystem.Windows => Below(variable("ProgramData") ?? @"C:\ProgramData", "Beffroi"),
            HomeSystem.MacOs =>
                Below((isPrivileged ? "" : UserHome(variable)) + "/Library/Application Support", "Beffroi"),
            _ when isPrivileged => new AgentHome("/etc/beffroi", "/var/lib/beffroi"),
            _ => new AgentHome(
                Xdg(variable, "XDG_CONFIG_HOME", ".config"), Xdg(variable, "XDG_STATE_HOME", ".local/state")),
        };
    }

    /// <summary>Creates both folders, closed to everybody else.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.HomeUnwritable"/>.</exception>
    internal void CreateFolders()
    {
        Write(ConfigurationFolder, OwnerOnly.CreateFolder);
        Write(StateFolder, OwnerOnly.CreateFolder);
    }

    /// <summary>Writes something of the agent's own.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.HomeUnwritable"/>.</exception>
    internal static void Write(string path, Action<string> write)
    {
        try
        {
            write(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, failure);
        }
    }

    internal static VaultException Unwritable(string path, Exception cause) => new(
        ErrorCode.HomeUnwritable, retryable: false,
        $"The agent cannot write {path}, which it needs: {cause.Message} Run the command as the user that enrolled the "
        + $"computer, usually root or an administrator, or look at the disk's free space; {Variable} names another "
        + "folder.", cause);

    // A service may be given another environment than a terminal; the folder itself is the same for both.
    private static string? VariableOf(string name) => OperatingSystem.IsWindows() && name == "ProgramData"
        ? Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData)
        : Environment.GetEnvironmentVariable(name);

    private static AgentHome Below(string parent, string name)
    {
        var folder = Path.Combine(parent, name);
        return new AgentHome(folder, Path.Combine(folder, "State"));
    }

    // The XDG specification says that a relative path is to be ignored.
    private static string Xdg(Func<string, string?> variable, string name, string usual) =>
        variable(name) is { Length: > 0 } set && set[0] == '/'
            ? Path.Combine(set, "beffroi")
            : Path.Combine(UserHome(variable), usual, "beffroi");

    private static string UserHome(Func<string, string?> variable) => variable("HOME") is { Length: > 0 } home
        ? home
        : throw new VaultException(ErrorCode.UsageInvalid, retryable: false,
            "The environment variable HOME is not set on this computer, so the agent does not know where its "
            + $"configuration is. Set HOME, or set {Variable} to a folder of the agent's own, then run the command "
            + "again.");
}
