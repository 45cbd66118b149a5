using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>The real program on a data folder, as an operator runs it.</summary>
internal sealed partial class ServerProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2); // Test machines are slow; a hang is longer.

    private readonly Process _process;

    private ServerProcess(Process process, Uri address) => (_process, Address) = (process, address);

    internal Uri Address { get; }

    internal static async Task<ServerProcess> StartAsync(string data, string scheme = "http")
    {
        var process = Launch("--data", data, "--urls", $"{scheme}://127.0.0.1:0");
        var errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(Patience);
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (ReadyLine().Match(line) is not { Success: true } match) continue;
            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None); // A full pipe would stop the server.
            return new ServerProcess(process, new Uri(match.Groups[1].Value));
        }
        throw new InvalidOperationException($"The server did not become ready: {await errors}");
    }

    /// <summary>Runs 'beffroi-server admin … --json' to its end.</summary>
    internal static async Task<(int ExitCode, JsonElement Answer, string Errors)> AdminAsync(
        string data, params string[] arguments)
    {
        using var process = Launch(["admin", .. arguments, "--json", "--data", data]);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var answer = output.Length == 0 ? default : JsonDocument.Parse(output).RootElement;
        return (process.ExitCode, answer, await errors);
    }

    /// <summary>As a power cut would, for the server alone.</summary>
    internal async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>As 'systemctl stop' does.</summary>
    internal async Task<int> StopAsync()
    {
        using var signal = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    internal async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>Lets the server stop its database: killed at once, it would leave that running on the folder that the
    /// test deletes.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            using var signal = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
            if (!_process.WaitForExit(Patience)) _process.Kill();
        }
        _process.Dispose();
    }

    private static Process Launch(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "beffroi-server.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException("The program did not start.");
    }

    [GeneratedRegex("\"Addresses\":\"([^\"]+)\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ReadyLine();
}
