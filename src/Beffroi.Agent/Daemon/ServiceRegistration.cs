using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Beffroi.Agent.Platform;
using Beffroi.Vault;

namespace Beffroi.Agent.Daemon;

/// <summary>Makes the daemon a service of the system.</summary>
/// <param name="program">Full path of the agent.</param>
/// <param name="faultOf">What is wrong with a part of the program's place (<see cref="WriteAccess"/>).</param>
internal abstract class ServiceRegistration(string program, Func<string, ProgramPart, string?> faultOf)
{
    /// <summary>Full path of the agent.</summary>
    protected string ProgramPath => program;

    /// <exception cref="VaultException"><see cref="ErrorCode.NotOnThisSystem"/>.</exception>
    internal static ServiceRegistration OfThisSystem()
    {
        var program = Environment.ProcessPath ?? throw Refused("the system does not say where this program is");
        if (OperatingSystem.IsLinux() && Directory.Exists("/run/systemd/system"))
            return new SystemdRegistration("/etc/systemd/system", program, WriteAccess.FaultOfProgram, RunAsync);
        if (OperatingSystem.IsWindows())
            return new WindowsRegistration(program, WriteAccess.FaultOfProgram, RunAsync);
        throw new VaultException(ErrorCode.NotOnThisSystem, retryable: false,
            "Only services of systemd and of Windows are registered by this command. Have the system's own way of "
            + "starting programs run 'beffroi run' when the computer starts, as root or SYSTEM.");
    }

    /// <summary>Registers and starts it; again changes nothing but the program's place.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.PlaceUntrusted"/>: people who are no administrators could
    /// put another program there, and the service would run it as root or SYSTEM.</exception>
    internal Task InstallAsync(CancellationToken cancellationToken)
    {
        ProgramPlace.Demand(program, faultOf);
        return RegisterAsync(cancellationToken);
    }

    /// <summary>Stops and removes it; nothing when there is none.</summary>
    internal abstract Task RemoveAsync(CancellationToken cancellationToken);

    protected abstract Task RegisterAsync(CancellationToken cancellationToken);

    protected static VaultException Refused(string why, Exception? cause = null) => new(
        ErrorCode.UsageInvalid, retryable: false,
        $"The service could not be changed: {why.TrimEnd('.')}. Run the command as root or as an administrator.",
        cause);

    private static async Task RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken stop)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            };
            using var process = Process.Start(start) ?? throw Refused($"'{program}' could not be run");
            var output = process.StandardOutput.ReadToEndAsync(stop); // Of Windows' programs, where the reason stands.
            var words = await process.StandardError.ReadToEndAsync(stop) + await output;
            await process.WaitForExitAsync(stop);
            if (process.ExitCode != 0)
                throw Refused(
                    $"'{program} {string.Join(' ', arguments)}' says: {words.Trim().ReplaceLineEndings(" ")}");
        }
        catch (Win32Exception failure)
        {
            throw Refused($"'{program}' could not be run: {failure.Message}", failure);
        }
    }
}

/// <summary>A unit of systemd.</summary>
/// <param name="units">Folder of the administrator's own units.</param>
/// <param name="program">Full path of the agent.</param>
/// <param name="faultOf">As of <see cref="ServiceRegistration"/>.</param>
/// <param name="run">Runs a program to its good end, or throws.</param>
internal sealed class SystemdRegistration(
    string units, string program, Func<string, ProgramPart, string?> faultOf,
    Func<string, IReadOnlyList<string>, CancellationToken, Task> run)
    : ServiceRegistration(program, faultOf)
{
    private const string UnitName = "beffroi.service";

    private string UnitFile => Path.Combine(units, UnitName);

    /// <summary>The unit, with this program's place in it.</summary>
    internal static string UnitText(string program)
    {
        using var resource = typeof(SystemdRegistration).Assembly.GetManifestResourceStream(UnitName)
            ?? throw new InvalidOperationException("The unit is built into the program.");
        using var reader = new StreamReader(resource, Encoding.UTF8);
        // In a unit '%' begins a specifier; quotes keep a path with spaces in one piece.
        var quoted = $"\"{program.Replace("%", "%%", StringComparison.Ordinal)}\"";
        return reader.ReadToEnd().Replace(
            "ExecStart=/usr/bin/beffroi run", $"ExecStart={quoted} run", StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    protected override async Task RegisterAsync(CancellationToken cancellationToken)
    {
        try
        {
            await File.WriteAllTextAsync(UnitFile, UnitText(ProgramPath), cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Refused(failure.Message, failure);
        }
        await run("systemctl", ["daemon-reload"], cancellationToken);
        await run("systemctl", ["enable", UnitName], cancellationToken);
        await run("systemctl", ["restart", UnitName], cancellationToken);
    }

    /// <inheritdoc/>
    internal override async Task RemoveAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(UnitFile)) return;
        await run("systemctl", ["disable", "--now", UnitName], cancellationToken);
        try
        {
            File.Delete(UnitFile);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Refused(failure.Message, failure);
        }
        await run("systemctl", ["daemon-reload"], cancellationToken);
    }
}
