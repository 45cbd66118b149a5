using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Beffroi.Protocol.Client;
using Beffroi.Testing.FakeServer;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Records;

namespace Beffroi.Agent.Tests.Protocol;

/// <summary>A fake vault behind a loopback port, and a client that talks to it. Pauses between attempts pass at
/// once.</summary>
internal sealed class ClientFixture : IAsyncDisposable
{
    private readonly List<ServerConnection> _connections = [];

    internal ClientFixture(params X509Certificate2[] certificates)
    {
        Vault = new FakeVault(Time);
        Server = new LoopbackServer(request => Vault.Answer(request), certificates);
    }

    internal ManualTime Time { get; } = new();

    internal FakeVault Vault { get; }

    internal LoopbackServer Server { get; }

    internal BufferPool Pool { get; } = new();

    internal List<RetryWait> Waits { get; } = [];

    internal ServerConnectionOptions Options => new()
    {
        Server = Server.Address, UserAgent = "beffroi/test", Time = Time, Proxy = ProxyChoice.None,
    };

    internal RetryPolicy Patient => new(RetryPolicy.BackupPatience, new HurriedTime(), new Random(1), Waits.Add);

    internal ConvergenceSecret Secret { get; } = ConvergenceSecret.Generate();

    internal static RetryPolicy Impatient => new(TimeSpan.Zero, new HurriedTime(), new Random(1));

    internal ServerConnection Connect(ServerConnectionOptions? options = null)
    {
        var connection = new ServerConnection(options ?? Options);
        _connections.Add(connection);
        return connection;
    }

    internal Task<DeviceSession> OpenAsync(RetryPolicy? retry = null, ServerConnectionOptions? options = null) =>
        DeviceSession.OpenAsync(Connect(options), Identity, SessionPurpose.Backup, retry ?? Patient, Pool, default);

    internal DeviceIdentity Identity => new(Vault.Device, Vault.DeviceKey, Vault.ServerKey.PublicKey, "0.1.0");

    /// <summary>A pack of records with random contents.</summary>
    internal BuiltPack Pack(params int[] plainBytes)
    {
        var pool = new BufferPool(); // Its own, so that a test can see what the client lends and returns.
        using var sealer = new RecordSealer(CodecProfile.Stored, pool);
        var builder = new PackBuilder(Vault.Vault, PackKind.Data);
        foreach (var bytes in plainBytes)
        {
            var buffer = pool.Rent(bytes);
            RandomNumberGenerator.Fill(buffer.AsSpan(RecordLimits.FixedHeaderBytes, bytes));
            var records = new SealedRecord[1];
            sealer.Seal([new PlainContent(RecordType.Chunk, Secret, buffer, bytes)], records);
            builder.Add(records[0]);
        }
        return builder.Complete();
    }

    internal SignedCommit Commit(long sequence)
    {
        var root = new RecordId(Digest256.Of("root"u8));
        var info = Beffroi.Vault.Commits.Commit.SealInfo(Vault.Vault, Vault.Device, sequence, root);
        var answer = Hpke.Seal(Vault.RecoveryKey.PublicKey, info, [], Vault.RootKey);
        return CommitCodec.Sign(new Commit
        {
            Vault = Vault.Vault, Device = Vault.Device, Sequence = sequence, Previous = default, Root = root,
            Started = Time.GetUtcNow(), Ended = Time.GetUtcNow(), Platform = SourcePlatform.Linux,
            AgentVersion = "0.1.0",
            Counters = new CommitCounters(3, 2, 1, 4000, 500, 0),
            Recipients = [new Recipient(
                RecipientRole.Recovery, Vault.RecoveryKey.PublicKey.KeyId, answer.Encapsulated, answer.Ciphertext)],
        }, Vault.DeviceKey);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections) await connection.DisposeAsync();
        await Server.DisposeAsync();
    }
}
