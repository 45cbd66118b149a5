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
    internal const string ArvignySiret = "21450003300011";
    internal const string BeaulieuSiret = "21123456700017";
    internal const string Password = "le clocher sonne tard";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2); // Test machines are slow; a hang is longer.

    private readonly string _data = Directory.CreateTempSubdirectory("beffroi-portal-").FullName;
    private readonly Dictionary<string, string> _members = new(StringComparer.Ordinal);
    private MailSink? _mails;
    private Process? _server;

    internal Uri Address { get; private set; } = new("http://localhost");

    /// <summary>What people were mailed.</summary>
    internal MailSink Mails => _mails ?? throw new InvalidOperationException("The site has not been started.");

    public async ValueTask InitializeAsync()
    {
        _mails = new MailSink();
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
        _mails?.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    /// <summary>Adds somebody who has a password, for a member of this SIRET or for the operator.</summary>
    /// <returns>Their id.</returns>
    internal async Task<string> AddPersonAsync(string email, string name, string role, string? siret = ArvignySiret)
    {
        string[] member = siret is null ? [] : ["--member", await MemberAsync(siret)];
        var added = await AdminAsync([
            "create-user", "--email", email, "--name", name, "--role", role, "--password", Password, .. member]);
        return added.GetProperty("userId").GetString()!; // Always there, see AdminJson.
    }

    /// <summary>The member of this SIRET, added if it was not there.</summary>
    internal async Task<string> MemberAsync(string siret)
    {
        if (_members.TryGetValue(siret, out var known)) return known;

        var name = siret == ArvignySiret ? "Arvigny" : "Beaulieu";
        var member = await AdminAsync("create-member", "--name", name, "--siret", siret);
        return _members[siret] = member.GetProperty("memberId").GetString()!; // Always there, see AdminJson.
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
        var id = await MemberAsync(ArvignySiret);
        await AdminAsync(
            "create-user", "--email", OperatorEmail, "--name", "Olive Ferrand", "--role", "operator",
            "--password", Password);
        await AdminAsync(
            "create-user", "--member", id, "--email", ReferentEmail, "--name", "Jeanne Morel", "--role", "referent",
            "--password", Password);
    }

    private Process Launch(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "beffroi-server.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["BEFFROI__SMTP__HOST"] = "127.0.0.1",
                ["BEFFROI__SMTP__PORT"] = $"{Mails.Port}",
                ["BEFFROI__SMTP__FROM"] = "Portail <portail@syndicat.example>",
                ["BEFFROI__SMTP__STARTTLS"] = "false",
            },
        };
        return Process.Start(start) ?? throw new InvalidOperationException("The program did not start.");
    }

    [GeneratedRegex("\"Addresses\":\"([^\"]+)\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ReadyLine();
}
