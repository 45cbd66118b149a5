using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Beffroi.Portal.Tests;
using Beffroi.Testing;

[assembly: AssemblyFixture(typeof(Site))]
[assembly: CollectionBehavior(DisableTestParallelization = true)] // Two cores: one browser page at a time.

namespace Beffroi.Portal.Tests;

/// <summary>A real server with one member, its référent and one person of the operator, for all tests of this
/// assembly.</summary>
public class Site : IAsyncLifetime
{
    internal const string OperatorEmail = "olive.ferrand@syndicat.example";
    internal const string ReferentEmail = "jeanne.morel@arvigny.example";
    internal const string ArvignySiret = "21450003300011";
    internal const string BeaulieuSiret = "21123456700017";

    /// <summary>Of a member that no other test gives people to.</summary>
    internal const string CorzeSiret = "21490108400019";
    internal const string Password = "le clocher sonne tard";

    internal const string DebianFile = "beffroi_0.1.0_amd64.deb";
    internal const string DebianContent = "stands for a package";

    private readonly Dictionary<string, string> _members = new(StringComparer.Ordinal);
    private MailSink? _mails;
    private ServerProcess? _server;

    internal string Data { get; } = Directory.CreateTempSubdirectory("beffroi-portal-").FullName;

    /// <summary>What the server logged as errors.</summary>
    internal string Failures => _server?.Failures ?? "";

    internal Uri Address { get; private set; } = new("http://localhost");

    internal string DebianDigest { get; } =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(DebianContent)));

    /// <summary>What people were mailed.</summary>
    internal MailSink Mails => _mails ?? throw new InvalidOperationException("The site has not been started.");

    public async ValueTask InitializeAsync()
    {
        _mails = new MailSink();
        LayInstallers();
        await PrepareAsync();
        _server = await ServerProcess.StartAsync(Data, settings: new Dictionary<string, string>
        {
            ["BEFFROI__SMTP__HOST"] = "127.0.0.1",
            ["BEFFROI__SMTP__PORT"] = $"{Mails.Port}",
            ["BEFFROI__SMTP__FROM"] = "Portail <portail@syndicat.example>",
            ["BEFFROI__SMTP__STARTTLS"] = "false",
        });
        Address = new UriBuilder(_server.Address) { Host = "localhost" }.Uri; // Passkeys want a name.
        await FillAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_server is not null)
        {
            await _server.StopAsync();
            _server.Dispose();
        }
        _mails?.Dispose();
        Directory.Delete(Data, recursive: true);
        Forget();
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

        var name = siret switch { ArvignySiret => "Arvigny", BeaulieuSiret => "Beaulieu", _ => "Corzé" };
        var member = await AdminAsync("create-member", "--name", name, "--siret", siret);
        return _members[siret] = member.GetProperty("memberId").GetString()!; // Always there, see AdminJson.
    }

    /// <summary>Runs 'beffroi-server admin … --json' and answers its object.</summary>
    internal async Task<JsonElement> AdminAsync(params string[] arguments)
    {
        var (exitCode, answer, errors) = await ServerProcess.AdminAsync(Data, arguments);
        return exitCode == 0 ? answer : throw new InvalidOperationException($"admin {arguments[0]}: {errors}");
    }

    /// <summary>Does something while the server has no installers.</summary>
    internal async Task HideInstallersAsync(Func<Task> act)
    {
        Directory.Delete(Path.Combine(Data, "installers"), recursive: true);
        try
        {
            await act();
        }
        finally
        {
            LayInstallers();
        }
    }

    /// <summary>What must be in the data folder before the server starts.</summary>
    internal virtual Task PrepareAsync() => Task.CompletedTask;

    /// <summary>Removes what else was made.</summary>
    internal virtual void Forget()
    {
    }

    /// <summary>Who and what is there when the tests begin.</summary>
    internal virtual async Task FillAsync()
    {
        await AdminAsync("create-operator", "--name", "Syndicat du Clocher", "--siret", "20006125700016");
        await AddPersonAsync(OperatorEmail, "Olive Ferrand", "operator", siret: null);
        await AddPersonAsync(ReferentEmail, "Jeanne Morel", "referent");
    }

    private void LayInstallers()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Data, "installers")).FullName;
        File.WriteAllText(Path.Combine(folder, DebianFile), DebianContent);
        File.WriteAllText(Path.Combine(folder, "beffroi-0.1.0-x64.msi"), "stands for an MSI");
    }
}
