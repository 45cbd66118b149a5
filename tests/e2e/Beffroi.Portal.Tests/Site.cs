using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Beffroi.Portal.Tests;

[assembly: AssemblyFixture(typeof(Site))]
[assembly: CollectionBehavior(DisableTestParallelization = true)] // Two cores: one browser page at a time.

namespace Beffroi.Portal.Tests;

/// <summary>A real server with one member, its référent and one person of the operator, for all tests of this
/// assembly.</summary>
public sealed partial class Site : IAsyncLifetime
{
    internal const string OperatorEmail = "olive.ferrand@syndicat.example";
    internal const string ReferentEmail = "jeanne.morel@arvigny.example";
    internal const string Password = "le clocher sonne tard";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2); // Test machines are slow; a hang is longer.

    private readonly string _data = Directory.CreateTempSubdirectory("beffroi-portal-").FullName;
    private Process? _server;

    internal Uri Address { get; private set; } = new("http://localhost");

    public async ValueTask InitializeAsync()
    {
        _server = Launch("--data", _data, "--urls", "http://localhost:0");
        using var patience = new CancellationTokenSource(Patience);
        while (await _server.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (ReadyLine().Match(line) is not { Success: true } match) continue;
            _ = _server.StandardOutput.ReadToEndAsync(CancellationToken.None); // A full pipe would stop the server.
            Address = new UriBuilder(match.Groups[1].Value) { Host = "localhost" }.Uri;
            await FillAsync();
            return;
        }
        throw new InvalidOperationException(
            $"The server did not become ready: {await _server.StandardError.ReadToEndAsync(patience.Token)}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            using var signal = Process.Start("kill", ["-TERM", $"{_server.Id}"]);
            await _server.WaitForExitAsync().WaitAsync(Patience);
            _server.Dispose();
        }
        Directory.Delete(_data, recursive: true);
    }

    /// <summary>Runs 'beffroi-server admin … --json' and answers its object.</summary>
    internal async Task<JsonElement> AdminAsync(params string[] arguments)
    {
        using var process = Launch(["admin", .. arguments, "--json", "--data", _data]);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? JsonDocument.Parse(output).RootElement
            : throw new InvalidOperationException($"admin {arguments[0]}: {await errors}");
    }

    private async Task FillAsync()
    {
        await AdminAsync("create-operator", "--name", "Syndicat du Clocher", "--siret", "20006125700016");
        var member = await AdminAsync("create-member", "--name", "Arvigny", "--siret", "21450003300011");
        var id = member.GetProperty("memberId").GetString()!; // Always there, see AdminJson.
        await AdminAsync(
            "create-user", "--email", OperatorEmail, "--name", "Olive Ferrand", "--role", "operator",
            "--password", Password);
        await AdminAsync(
            "create-user", "--member", id, "--email", ReferentEmail, "--name", "Jeanne Morel", "--role", "referent",
            "--password", Password);
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
