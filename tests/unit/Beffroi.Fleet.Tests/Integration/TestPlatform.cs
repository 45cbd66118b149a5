using Beffroi.Fleet.KeyService;
using Beffroi.Fleet.Tests.People;
using Beffroi.Fleet.Vaults;
using Beffroi.Identity;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Mail;
using Beffroi.Identity.SignIn;
using Beffroi.Server.Database;
using Beffroi.Server.Journal;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Stores;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>The modules on a database of their own, with keys of their own and a clock that the test moves.</summary>
internal sealed class TestPlatform : IAsyncDisposable
{
    private static readonly string[] Sirets =
        ["21450003300011", "21123456700017", "21000000100011", "21000000200019", "73282932000074"];

    private readonly string _keys = Directory.CreateTempSubdirectory("beffroi-keys-").FullName;
    private readonly ServiceProvider _services;
    private int _members;

    private TestPlatform(string connectionString)
    {
        var keyFile = Path.Combine(_keys, "server.json");
        KeyFile.CreateIfAbsent(keyFile, Time);
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton(_ => KeyFile.Load(keyFile))
            .AddSingleton(_ => NpgsqlDataSource.Create(connectionString))
            .AddSingleton(_ => new PeopleDatabase(connectionString))
            .AddSingleton<IBlobStore>(new MemoryBlobStore())
            .AddSingleton<IJournalMark>(_ => new JournalMarkFile(Path.Combine(_keys, "journal-mark")))
            .AddIdentity(new SignInOptions { PasswordRounds = 1000 }) // Tests sign in often; production asks for more.
            .AddSingleton<IPeopleLetters, PlainLetters>()
            .AddFleet()
            .AddSingleton<SchemaUpgrade>()
            .BuildServiceProvider();
    }

    internal SteppedTime Time { get; } = new();
    internal NpgsqlDataSource Database => Get<NpgsqlDataSource>();

    internal static async Task<TestPlatform> CreateAsync(TestCluster cluster)
    {
        var platform = new TestPlatform(await cluster.CreateDatabaseAsync());
        await platform.Get<SchemaUpgrade>().RunAsync(mayChange: true, CancellationToken.None);
        return platform;
    }

    internal T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Services that live as long as a request.</summary>
    internal AsyncServiceScope OpenRequest() => _services.CreateAsyncScope();

    internal FleetDb OpenFleet() => Get<IDbContextFactory<FleetDb>>().CreateDbContext();

    /// <summary>Adds a member with a vault of 1000 bytes.</summary>
    internal async Task<(MemberId Member, VaultId Vault)> AddMemberAsync()
    {
        var siret = Siret.Parse(Sirets[_members++]);
        var (member, _) = await Get<MemberDirectory>().AddMemberAsync(
            new NewMember($"Commune {_members}", siret, Population: 812, Level: 1), CancellationToken.None);
        using var recovery = HpkePrivateKey.Generate();
        var vault = new NewVault(VaultId.New(), member.Id, recovery.PublicKey, QuotaBytes: 1000);
        await Get<VaultDirectory>().CreateAsync(vault, "test", CancellationToken.None);
        return (member.Id, vault.Id);
    }

    /// <summary>Adds a machine as an enrolment does.</summary>
    internal async Task<DeviceId> AddDeviceAsync(VaultId vault)
    {
        using var signing = SigningKey.Generate();
        using var sealing = HpkePrivateKey.Generate();
        var id = DeviceId.New();
        await using var db = OpenFleet();
        db.Devices.Add(new Devices.Device
        {
            Id = id,
            VaultId = vault,
            Name = "accueil",
            Kind = Devices.DeviceKind.Laptop,
            Platform = "linux",
            AgentVersion = "0.1.0",
            SignKey = signing.PublicKey.Point.ToArray(),
            HpkeKey = sealing.PublicKey.ToArray(),
            MachineSecretOrdinal = 1,
            EnrolledAt = Time.GetUtcNow(),
        });
        await db.SaveChangesAsync();
        return id;
    }

    internal async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (T?)await command.ExecuteScalarAsync();
    }

    internal async Task ExecuteAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Directory.Delete(_keys, recursive: true);
    }
}
