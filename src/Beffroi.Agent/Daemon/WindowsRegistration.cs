using Beffroi.Agent.Platform;
using Beffroi.Vault;

namespace Beffroi.Agent.Daemon;

/// <summary>A service of Windows, by its own program for that.</summary>
/// <param name="program">Full path of the agent.</param>
/// <param name="faultOf">As of <see cref="ServiceRegistration"/>.</param>
/// <param name="run">Runs a program to its good end, or throws.</param>
internal sealed class WindowsRegistration(
    string program, Func<string, ProgramPart, string?> faultOf,
    Func<string, IReadOnlyList<string>, CancellationToken, Task> run)
    : ServiceRegistration(program, faultOf)
{
    // Of Platform/Windows/ServiceProcess, which other systems do not have.
    private const string Name = "beffroi";
    private const string Manager = "sc.exe";

    /// <inheritdoc/>
    protected override async Task RegisterAsync(CancellationToken cancellationToken)
    {
        var isThere = await TryAsync(["query", Name], cancellationToken);
        // The quotes keep a path with spaces in one piece; sc.exe wants a value apart from its '='.
        await RunAsync(
            [isThere ? "config" : "create", Name, "binPath=", $"\"{ProgramPath}\" run --service", "start=", "auto",
                "DisplayName=", "Beffroi"],
            cancellationToken);
        await RunAsync(
            ["description", Name, "Backs up this computer to the vault of its town hall."], cancellationToken);
        // Anew a quarter of a minute after a crash, as systemd does.
        await RunAsync(["failure", Name, "reset=", "86400", "actions=", "restart/15000"], cancellationToken);
        if (!isThere) await RunAsync(["start", Name], cancellationToken);
        else await TryAsync(["start", Name], cancellationToken); // It may run already.
    }

    /// <inheritdoc/>
    internal override async Task RemoveAsync(CancellationToken cancellationToken)
    {
        if (!await TryAsync(["query", Name], cancellationToken)) return;
        await TryAsync(["stop", Name], cancellationToken); // It may have stopped by itself.
        await RunAsync(["delete", Name], cancellationToken);
    }

    private Task RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        run(Manager, arguments, cancellationToken);

    private async Task<bool> TryAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(arguments, cancellationToken);
            return true;
        }
        catch (VaultException)
        {
            return false;
        }
    }
}
