using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Enrolment;
using Beffroi.Fleet.KeyService;
using Beffroi.Fleet.Vaults;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Intake;
using Beffroi.Server.Database;
using Beffroi.Testing;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Stores;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>The intake on a loopback port, with a real database, blobs in memory, and a clock that the test
/// moves.</summary>
internal sealed class IntakeHost : IAsyncDisposable
{
    private static readonly string[] Sirets =
        ["21450003300011", "21123456700017", "21000000100011", "21000000200019", "73282932000074"];

    private readonly string _keys;
    private readonly WebApplication _app;
    private readonly bool _ownsKeys;
    private int _members;

    private IntakeHost(
        WebApplication app, RecordedErrors errors, HookedBlobStore blobs, SteppedTime time, string keys,
        bool ownsKeys) =>
        (_app, Errors, Blobs, Time, _keys, _ownsKeys) = (app, errors, blobs, time, keys, ownsKeys);

    /// <summary>What the server has logged as an error.</summary>
    internal RecordedErrors Errors { get; }

    internal HookedBlobStore Blobs { get; }
    internal SteppedTime Time { get; }
    internal HttpClient Http { get; private set; } = null!; // Set once the port is known.
    internal NpgsqlDataSource Database => Get<NpgsqlDataSource>();

    internal static async Task<IntakeHost> StartAsync(TestCluster cluster, IntakeOptions? options = null)
    {
        var keys = Directory.CreateTempSubdirectory("beffroi-keys-").FullName;
        var time = new SteppedTime();
        KeyFile.CreateIfAbsent(Path.Combine(keys, "server.json"), time);
        var database = await cluster.CreateDatabaseAsync();
        return await StartAsync(
            database, new HookedBlobStore(new MemoryBlobStore()), time, keys, ownsKeys: true, options);
    }

    /// <summary>Another server on the same blobs and keys: on the same database, or on an empty one.</summary>
    internal async Task<IntakeHost> StartAnotherAsync(TestCluster? emptyDatabaseOf = null)
    {
        var database = emptyDatabaseOf is null
            ? Database.ConnectionString
            : await emptyDatabaseOf.CreateDatabaseAsync();
        return await StartAsync(database, Blobs, Time, _keys, ownsKeys: false, options: null);
    }

    internal T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    internal async Task<(MemberId Member, VaultId Vault, HpkePrivateKey Recovery)> AddMemberAsync(
        long quotaBytes = 1 << 30)
    {
        var siret = Siret.Parse(Sirets[_members++]);
        var (member, _) = await Get<MemberDirectory>().AddMemberAsync(
            new NewMember($"Commune de l’Étang {_members}", siret, Population: 812, Level: 1),
            CancellationToken.None);
        var recovery = HpkePrivateKey.Generate();
        var vault = new NewVault(VaultId.New(), member.Id, recovery.PublicKey, quotaBytes);
        await Get<VaultDirectory>().CreateAsync(vault, "test", CancellationToken.None);
        return (member.Id, vault.Id, recovery);
    }

    internal async Task<string> TokenAsync(VaultId vault, DeviceId? replaces = null)
    {
        var member = (await Get<VaultDirectory>().ListAsync(CancellationToken.None))
            .Single(each => each.Id == vault).Member;
        var issued = await Get<EnrolmentDesk>().IssueAsync(
            Caller.System("test"), new NewToken(member, DeviceKind.Fixed, DeviceName: null, replaces),
            CancellationToken.None);
        return Assert.IsType<TokenOutcome.Issued>(issued).Token;
    }

    /// <summary>A new machine of the vault with an open session.</summary>
    internal async Task<TestAgent> EnrolAsync(VaultId vault, DeviceId? replaces = null)
    {
        var agent = new TestAgent(Http);
        await agent.EnrolAsync(await TokenAsync(vault, replaces));
        await agent.OpenSessionAsync();
        return agent;
    }

    internal async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (T?)await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        if (_ownsKeys) Directory.Delete(_keys, recursive: true);
    }

    private static async Task<IntakeHost> StartAsync(
        string database, HookedBlobStore blobs, SteppedTime time, string keys, bool ownsKeys, IntakeOptions? options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var errors = new RecordedErrors();
        builder.Logging.ClearProviders().AddProvider(errors);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services
            .AddSingleton<TimeProvider>(time)
            .AddSingleton(_ => KeyFile.Load(Path.Combine(keys, "server.json")))
            .AddSingleton(_ => NpgsqlDataSource.Create(database))
            .AddSingleton(_ => new PeopleDatabase(database))
            .AddSingleton<IBlobStore>(blobs)
            .AddIdentity()
            .AddFleet()
            .AddIntake(options ?? new IntakeOptions())
            .AddSingleton<SchemaUpgrade>();
        var app = builder.Build();
        app.MapIntake();
        var host = new IntakeHost(app, errors, blobs, time, keys, ownsKeys);
        await host.Get<SchemaUpgrade>().RunAsync(mayChange: true, CancellationToken.None);
        await host.Get<ICommitLedger>().ReconcileAsync(CancellationToken.None);
        await app.StartAsync();
        host.Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        return host;
    }
}
