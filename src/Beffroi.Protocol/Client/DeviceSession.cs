using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Operations;
using Beffroi.Vault.Packs;

namespace Beffroi.Protocol.Client;

/// <summary>What an enrolled machine asks of the server. For any thread; renews its session by itself.</summary>
/// <remarks>Every call is repeated as the retry policy says, and throws <see cref="VaultException"/>:
/// <see cref="ErrorCode.ServerUnreachable"/> when patience ends, <see cref="ErrorCode.CertificateRefused"/>,
/// <see cref="ErrorCode.AnswerMalformed"/>, or the code that the server answers.</remarks>
public sealed class DeviceSession : IVaultRemote, IRecordSource, IAsyncDisposable
{
    private readonly ServerConnection _connection;
    private readonly DeviceIdentity _identity;
    private readonly SessionKeeper _keeper;
    private readonly RetryPolicy _retry;
    private readonly BufferPool _pool;

    private DeviceSession(
        ServerConnection connection, DeviceIdentity identity, SessionPurpose purpose,
        RetryPolicy retry, BufferPool pool)
    {
        (_connection, _identity, _retry, _pool) = (connection, identity, retry, pool);
        _keeper = new SessionKeeper(connection, identity, purpose);
    }

    /// <summary>What the server said when it opened the session that is used now.</summary>
    public SessionAnswer Session =>
        _keeper.Last ?? throw new InvalidOperationException("A session is open from the start.");

    /// <summary>Opens a session.</summary>
    /// <param name="connection">The way to the server; stays the caller's, who disposes of it after the
    /// session.</param>
    /// <param name="identity">This machine.</param>
    /// <param name="purpose">What it is for.</param>
    /// <param name="retry">Patience of every call.</param>
    /// <param name="pool">Where the buffers of fetched records come from.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <exception cref="VaultException">Also <see cref="ErrorCode.SessionRefused"/> and <see
    /// cref="ErrorCode.DeviceRevoked"/>.</exception>
    public static async Task<DeviceSession> OpenAsync(
        ServerConnection connection, DeviceIdentity identity, SessionPurpose purpose,
        RetryPolicy retry, BufferPool pool,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(retry);
        ArgumentNullException.ThrowIfNull(pool);
        var session = new DeviceSession(connection, identity, purpose, retry, pool);
        try
        {
            await retry.RunAsync(session._keeper.CurrentAsync, cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool[]> HaveAsync(IReadOnlyList<RecordId> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var stored = new bool[ids.Count];
        var asked = 0;
        foreach (var batch in ids.Chunk(ProtocolConstants.HaveIdsMax))
        {
            var call = ServerCall.PostBytes("v1/have", RecordIds.Write(batch));
            var answer = await CallAsync(call, read => read.ReadBytesAsync(batch.Length), cancellationToken)
                .ConfigureAwait(false);
            ReadHave(answer.Span, stored.AsSpan(asked, batch.Length));
            asked += batch.Length;
        }
        return stored;
    }

    /// <inheritdoc/>
    /// <exception cref="MissingRecordsException">It refers to records that the vault does not hold.</exception>
    public async ValueTask PutPackAsync(BuiltPack pack, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pack);
        var call = new ServerCall(HttpMethod.Put, $"v1/packs/{pack.Id}", Parts: pack.Parts) { IsBulk = true };
        await CallAsync(call, Nothing, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores a snapshot. When it returns, the snapshot exists, and the receipt proves it.</summary>
    /// <exception cref="CommitOutOfOrderException">It does not follow the device's last one.</exception>
    /// <exception cref="MissingRecordsException">The vault does not hold its root.</exception>
    /// <exception cref="VaultException"><see cref="ErrorCode.CommitForged"/>: the receipt is for another commit, or the
    /// server's signature does not verify. Whether the snapshot exists is not known then.</exception>
    public async Task<Receipt> CommitAsync(SignedCommit commit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(commit);
        var call = ServerCall.PostBytes("v1/commits", commit.Bytes);
        var receipt = await ReceiptAsync(call, cancellationToken).ConfigureAwait(false);
        return receipt.Machine.Bytes.Span.SequenceEqual(commit.Bytes.Span)
            ? receipt
            : throw Forged($"The receipt of {_connection.Server} is not for the commit that was sent ({commit.Id})");
    }

    /// <summary>This device's snapshots, newest first.</summary>
    public async Task<IReadOnlyList<SnapshotMessage>> ListSnapshotsAsync(CancellationToken cancellationToken)
    {
        var list = await CallAsync(ServerCall.Get("v1/snapshots"),
            answer => answer.ReadJsonAsync(ProtocolJson.Default.SnapshotList), cancellationToken).ConfigureAwait(false);
        return list.Snapshots;
    }

    /// <summary>The whole commit of one of this device's snapshots, with the server's signature checked.</summary>
    /// <exception cref="VaultException">Also <see cref="ErrorCode.NotFound"/> and <see
    /// cref="ErrorCode.CommitForged"/>.</exception>
    public Task<Receipt> GetCommitAsync(SnapshotId snapshot, CancellationToken cancellationToken) =>
        GetCommitAsync($"v1/snapshots/{snapshot}", snapshot, cancellationToken);

    internal async Task<Receipt> GetCommitAsync(
        string address, SnapshotId snapshot, CancellationToken cancellationToken)
    {
        var receipt = await ReceiptAsync(ServerCall.Get(address), cancellationToken).ConfigureAwait(false);
        return receipt.Machine.Id == snapshot
            ? receipt
            : throw Forged($"{_connection.Server} answered snapshot {receipt.Machine.Id} in place of {snapshot}");
    }

    /// <summary>Has the key service open a snapshot's root key for this device. Written to the member's log.</summary>
    /// <param name="receipt">The snapshot.</param>
    /// <param name="sealKey">This device's key, which the answer is sealed to.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    /// <exception cref="VaultException">Also <see cref="ErrorCode.RateLimited"/>, <see
    /// cref="ErrorCode.ApprovalRequired"/> and <see cref="ErrorCode.SealUnopenable"/>.</exception>
    public Task<Digest256> OpenRootKeyAsync(
        Receipt receipt, HpkePrivateKey sealKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        return OpenRootKeyAsync(
            $"v1/snapshots/{receipt.Machine.Id}/root-key", _identity.Device, receipt, sealKey, cancellationToken);
    }

    internal async Task<Digest256> OpenRootKeyAsync(
        string address, DeviceId from, Receipt receipt, HpkePrivateKey sealKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sealKey);
        var call = ServerCall.PostJson(
            address, new RootKeyRequest("restore"), ProtocolJson.Default.RootKeyRequest);
        var answer = await CallAsync(
            call, read => read.ReadJsonAsync(ProtocolJson.Default.RootKeyAnswer), cancellationToken)
            .ConfigureAwait(false);
        var commit = receipt.Machine.Commit;
        var info = Commit.ResealInfo(commit.Vault, from, commit.Sequence, commit.Root);
        var key = Hpke.Open(sealKey, answer.Enc, info, aad: [], answer.Sealed);
        if (key.Length != Digest256.Bytes) throw _connection.Malformed($"the root key it seals has {key.Length} bytes");
        var rootKey = new Digest256(key);
        CryptographicOperations.ZeroMemory(key);
        return rootKey;
    }

    /// <inheritdoc/>
    /// <remarks>More than 4,096 ids are asked for in several requests. Whoever stops early owns the buffers received so
    /// far.</remarks>
    /// <exception cref="ArgumentException">An id is there twice.</exception>
    public IAsyncEnumerable<FetchedRecord> FetchAsync(
        IReadOnlyList<RecordId> ids, CancellationToken cancellationToken) =>
            FetchAsync("v1/records", ids, cancellationToken);

    /// <summary>What an order of this device lets it read.</summary>
    /// <param name="order">The order, until it has ended.</param>
    /// <param name="from">Whose snapshot it names: this device's, or another's of the same member.</param>
    public OrderedReading ReadUnder(Guid order, DeviceId from) => new(this, order, from);

    internal async IAsyncEnumerable<FetchedRecord> FetchAsync(
        string address, IReadOnlyList<RecordId> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Distinct().Count() != ids.Count)
            throw new ArgumentException("Each record is asked for once.", nameof(ids));
        foreach (var batch in ids.Chunk(ProtocolConstants.RecordIdsMax))
        {
            using var fetch = new RecordFetch(_retry, SendAsync, _connection, _pool, address, batch);
            while (!fetch.IsComplete) yield return await fetch.ReadAsync(cancellationToken).ConfigureAwait(false);
            await fetch.EndAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The vault as this device may see it.</summary>
    public async Task<VaultMessage> GetVaultAsync(CancellationToken cancellationToken) => await CallAsync(
        ServerCall.Get("v1/vault"),
        answer => answer.ReadJsonAsync(ProtocolJson.Default.VaultMessage), cancellationToken)
        .ConfigureAwait(false);

    /// <summary>Says that the daemon is there, and hears what is wanted of it.</summary>
    public async Task<CheckInAnswer> CheckInAsync(CheckInRequest request, CancellationToken cancellationToken) =>
        await CallAsync(
            ServerCall.PostJson("v1/check-ins", request, ProtocolJson.Default.CheckInRequest),
            answer => answer.ReadJsonAsync(ProtocolJson.Default.CheckInAnswer), cancellationToken)
            .ConfigureAwait(false);

    /// <summary>Reports a run. The server keeps the first report of an id.</summary>
    public async Task ReportRunAsync(RunReport report, CancellationToken cancellationToken) => await CallAsync(
        ServerCall.PostJson("v1/runs", report, ProtocolJson.Default.RunReport), Nothing, cancellationToken)
        .ConfigureAwait(false);

    /// <summary>Reports how far an order is.</summary>
    /// <returns>Whether to go on with it.</returns>
    /// <exception cref="VaultException">Also <see cref="ErrorCode.NotFound"/>.</exception>
    public async Task<bool> ReportProgressAsync(
        Guid order, OrderProgress progress, CancellationToken cancellationToken)
    {
        var call = ServerCall.PostJson(
            $"v1/orders/{order:D}/progress", progress, ProtocolJson.Default.OrderProgress);
        var answer = await CallAsync(
            call, read => read.ReadJsonAsync(ProtocolJson.Default.OrderProgressAnswer), cancellationToken)
            .ConfigureAwait(false);
        return answer.GoOn;
    }

    /// <summary>Revokes this device. Its snapshots stay.</summary>
    public async Task UnenrolAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CallAsync(ServerCall.Post("v1/unenrolment"), Nothing, cancellationToken).ConfigureAwait(false);
        }
        catch (ServerFailureException exception) when (exception.Code == ErrorCode.DeviceRevoked)
        {
            // What was asked for is so: by an attempt whose answer was lost, or by somebody else meanwhile.
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _keeper.Dispose();
        return ValueTask.CompletedTask;
    }

    private static ValueTask<bool> Nothing(ServerAnswer answer) => new(true);

    private async ValueTask<Receipt> ReceiptAsync(ServerCall call, CancellationToken cancellationToken)
    {
        var bytes = await CallAsync(call, answer => answer.ReadBytesAsync(Commit.BytesMax), cancellationToken)
            .ConfigureAwait(false);
        var receipt = CommitCodec.ParseReceipt(bytes);
        return receipt.IsCountersignedBy(_identity.ServerKey)
            ? receipt
            : throw Forged($"The server's signature on snapshot {receipt.Machine.Id} does not verify with the key of "
                + "the enrolment");
    }

    private void ReadHave(ReadOnlySpan<byte> answer, Span<bool> stored)
    {
        if (answer.Length != stored.Length || answer.ContainsAnyExceptInRange((byte)0, (byte)1))
            throw _connection.Malformed($"it should be {stored.Length} bytes of 0 or 1 and has {answer.Length}");
        for (var i = 0; i < answer.Length; i++) stored[i] = answer[i] == 1;
    }

    private ValueTask<T> CallAsync<T>(
        ServerCall call, Func<ServerAnswer, ValueTask<T>> read, CancellationToken cancellationToken)
    {
        return _retry.RunAsync(AttemptAsync, cancellationToken);

        async ValueTask<T> AttemptAsync(CancellationToken token)
        {
            using var answer = await SendAsync(call, token).ConfigureAwait(false);
            return await read(answer).ConfigureAwait(false);
        }
    }

    /// <summary>Sends with the session's token; once more with a new one when the server does not know it.</summary>
    private async ValueTask<ServerAnswer> SendAsync(ServerCall call, CancellationToken cancellationToken)
    {
        var session = await _keeper.CurrentAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await _connection.SendAsync(call, session.Token, cancellationToken).ConfigureAwait(false);
        }
        catch (ServerFailureException exception) when (exception is { Status: 401, Code: ErrorCode.SessionRefused })
        {
            session = await _keeper.RenewAsync(session.Token, cancellationToken).ConfigureAwait(false);
            return await _connection.SendAsync(call, session.Token, cancellationToken).ConfigureAwait(false);
        }
    }

    private static VaultException Forged(string what) => new(ErrorCode.CommitForged, retryable: false,
        $"{what}. The server was replaced, or something alters its answers: tell the operator, and do not rely on "
            + "this snapshot.");
}
