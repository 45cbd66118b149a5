using System.Net;
using System.Text.Json;
using Beffroi.Portal.Tests.Isolation;
using Beffroi.Server.Configuration;
using Beffroi.Server.Database;
using Beffroi.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beffroi.Portal.Tests;

/// <summary>A portal whose database, a PostgreSQL of its own, is restarted under it.</summary>
public sealed class OutageTests : IDisposable
{
    private const string Email = "olive.ferrand@syndicat.example";

    private readonly string _database = Directory.CreateTempSubdirectory("beffroi-db-").FullName;
    private readonly string _data = Directory.CreateTempSubdirectory("beffroi-outage-").FullName;

    [Fact]
    public async Task While_the_database_restarts_pages_say_so_and_afterwards_they_are_back_by_themselves()
    {
        var folder = new DataFolder(_database);
        folder.Create();
        var database = await StartAsync(folder);
        await File.WriteAllTextAsync(Path.Combine(_data, "appsettings.json"), JsonSerializer.Serialize(new
        {
            Beffroi = new { ConnectionString = PrivatePostgres.ConnectionString(folder) },
        }));
        using var server = await ServerProcess.StartAsync(_data);
        var (exitCode, _, errors) = await ServerProcess.AdminAsync(
            _data, "create-user", "--email", Email, "--name", "Olive Ferrand", "--role", "operator", "--password",
            Site.Password);
        Assert.True(exitCode == 0, errors);
        using var visitor = await Visitor.SignInAsync(server.Address, Email);

        await database.DisposeAsync();
        foreach (var path in new[] { "/", "/veille", "/connexion" })
        {
            var away = await visitor.GetAsync(path);
            Assert.True(away.Status == HttpStatusCode.ServiceUnavailable, $"{path}: {away.Status} {away.Body}");
            Assert.Contains("Le portail revient dans un instant", away.Body, StringComparison.Ordinal);
            Assert.Contains($"href=\"{path}\"", away.Body, StringComparison.Ordinal);
        }
        await using var again = await StartAsync(folder);

        var back = await visitor.GetAsync("/veille");
        Assert.Equal(HttpStatusCode.OK, back.Status); // Still signed in, too.
        await server.StopAsync();
    }

    public void Dispose()
    {
        Directory.Delete(_data, recursive: true);
        Directory.Delete(_database, recursive: true);
    }

    private static Task<PrivatePostgres> StartAsync(DataFolder folder) => PrivatePostgres.StartAsync(
        folder, new PostgresOptions(), NullLogger.Instance, CancellationToken.None);
}
