using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Beffroi.Fleet;
using Beffroi.Fleet.RecordIndex;
using Beffroi.Fleet.Records;
using Beffroi.Identity;
using Beffroi.Identity.Database;
using Beffroi.Intake;
using Beffroi.Server.Configuration;
using Beffroi.Server.Database;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: UnsupportedOSPlatform("windows")] // The server's private PostgreSQL is Unix's.

namespace Beffroi.Benchmarks;

/// <summary>Time to ask the server's index about one batch of ids, as an agent does before it sends: a real private
/// PostgreSQL, every other id known, all of it in memory.</summary>
[MemoryDiagnoser]
public class IndexBenchmarks : IDisposable
{
    private const int Batches = 64; // So that not the same pages are asked for again and again.

    private readonly string _root = Directory.CreateTempSubdirectory("beffroi-bench-").FullName;
    private PrivatePostgres? _postgres;
    private ServiceProvider? _services;
    private PostgresRecordIndex _index = null!; // Set up before any benchmark runs.
    private KnownDevice _device = null!;
    private RecordId[][] _asked = [];
    private int _next;

    [Params(100_000, 1_000_000)]
    public int Stored { get; set; }

    [Params(64, 2048)]
    public int Asked { get; set; }

    // Not a task: the harness does not wait for one in this process.
    [GlobalSetup]
    public void SetUp() => SetUpAsync().GetAwaiter().GetResult();

    private async Task SetUpAsync()
    {
        var folder = new DataFolder(_root);
        folder.Create();
        _postgres = await PrivatePostgres.StartAsync(
            folder, new PostgresOptions(), NullLogger.Instance, CancellationToken.None);
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(_ => NpgsqlDataSource.Create(PrivatePostgres.ConnectionString(folder)))
            .AddSingleton(_ => new PeopleDatabase(PrivatePostgres.ConnectionString(folder)))
            .AddIdentity()
            .AddFleet()
            .AddSingleton<SchemaUpgrade>()
            .BuildServiceProvider();
        await _services.GetRequiredService<SchemaUpgrade>().RunAsync(mayChange: true, CancellationToken.None);
        var database = _services.GetRequiredService<NpgsqlDataSource>();
        _device = Device();
        await FillAsync(database);
        _index = new PostgresRecordIndex(database, TimeProvider.System);
        var random = new Random(1);
        _asked = [.. Enumerable.Range(0, Batches).Select(_ => Batch(random))];
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _services?.Dispose();
        _postgres?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        if (Directory.Exists(_root)) Directory.Delete(_root, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public bool[] Have() =>
        _index.HaveAsync(_device, _asked[_next++ % Batches], CancellationToken.None).GetAwaiter().GetResult();

    private static KnownDevice Device()
    {
        using var signing = SigningKey.Generate();
        using var sealing = HpkePrivateKey.Generate();
        var terms = new VaultTerms(sealing.PublicKey.KeyId, ServiceKey: null, QuotaBytes: 1, UsedBytes: 0);
        return new KnownDevice(
            DeviceId.New(), VaultId.New(), signing.PublicKey, sealing.PublicKey, IsRevoked: false, LastSequence: 0,
            LastSnapshot: null, terms, new Dictionary<SecretId, short> { [new SecretId(Guid.Empty)] = 1 });
    }

    private async Task FillAsync(NpgsqlDataSource database)
    {
        await using var connection = await database.OpenConnectionAsync();
        await RecordsTable.CreatePartitionAsync(connection, _device.Vault, CancellationToken.None);
        var partition = RecordsTable.PartitionOf(_device.Vault);
        var count = Stored.ToString(CultureInfo.InvariantCulture);
        await using var fill = new NpgsqlCommand(
            $"""
            insert into {partition} (vault_id, id, pack_ordinal, "offset", length, type, secret_ordinal)
            select $1, sha256(int8send(n)), 1, 44, 1000, 1, 1 from generate_series(1, {count}) n
            """,
            connection)
        {
            CommandTimeout = 600,
            Parameters = { new NpgsqlParameter { Value = _device.Vault.Value } },
        };
        await fill.ExecuteNonQueryAsync();
        await using var analyze = new NpgsqlCommand($"vacuum analyze {partition}", connection);
        await analyze.ExecuteNonQueryAsync();
    }

    private RecordId[] Batch(Random random) =>
        [.. Enumerable.Range(0, Asked).Select(i => IdOf(random.Next(1, Stored + 1) + (i % 2 == 0 ? 0L : Stored)))];

    private static RecordId IdOf(long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return new RecordId(new Digest256(SHA256.HashData(bytes)));
    }
}
