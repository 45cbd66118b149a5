using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Beffroi.Testing;

/// <summary>The real server program on a data folder, as an operator runs it. Tests that use it reference the server,
/// so that it lies beside them.</summary>
public sealed partial class ServerProcess : IDisposable
{
    private const int FailuresMax = 5;
    private const int FailureCharactersMax = 600;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2); // Test machines are slow; a hang is longer.

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _failures = new();

    private ServerProcess(Process process, Uri address) => (_process, Address) = (process, address);

    /// <summary>What it logged as errors, to say with a test that fails.</summary>
    public string Failures => string.Join('\n', _failures);

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Starts it on a free port, and waits until it is ready.</summary>
    /// <param name="settings">Environment variables such as <c>BEFFROI__SMTP__HOST</c>.</param>
    public static async Task<ServerProcess> StartAsync(
        string data, string scheme = "http", IReadOnlyDictionary<string, string>? settings = null)
    {
        var process = Launch(settings, "--data", data, "--urls", $"{scheme}://127.0.0.1:0");
        var errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(Patience);
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (ReadyLine().Match(line) is not { Success: true } match) continue;
            var server = new ServerProcess(process, new Uri(match.Groups[1].Value));
            _ = server.ListenAsync();
            return server;
        }
        throw new InvalidOperationException($"The server did not become ready: {await errors}");
    }

    /// <summary>Runs 'beffroi-server admin … --json' to its end.</summary>
    public static async Task<(int ExitCode, JsonElement Answer, string Errors)> AdminAsync(
        string data, params string[] arguments)
    {
        using var process = Launch(settings: null, ["admin", .. arguments, "--json", "--data", data]);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var answer = output.Length == 0 ? default : JsonDocument.Parse(output).RootElement;
        return (process.ExitCode, answer, await errors);
    }

    /// <summary>As a power cut would, for the server alone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>As 'systemctl stop' does.</summary>
    public async Task<int> StopAsync()
    {
        using var signal = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>Waits until it ends by itself.</summary>
    public async Task<int> WaitForExitAsync()
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

    /// <summary>Reads on to the end: a full pipe would stop the server.</summary>
    private async Task ListenAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (!line.Contains("\"LogLevel\":\"Error\"", StringComparison.Ordinal)) continue;
            _failures.Enqueue(line[..Math.Min(line.Length, FailureCharactersMax)]);
            if (_failures.Count > FailuresMax) _failures.TryDequeue(out _);
        }
    }

    private static Process Launch(IReadOnlyDictionary<string, string>? settings, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "beffroi-server.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException("The program did not start.");
    }

    [GeneratedRegex("\"Addresses\":\"([^\"]+)\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ReadyLine();
}
