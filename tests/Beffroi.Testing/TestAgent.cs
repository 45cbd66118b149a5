using System.Buffers.Binary;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Beffroi.Protocol;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Records;

namespace Beffroi.Testing;

/// <summary>A machine that speaks the protocol word by word, and says what a test wants it to say, right or
/// wrong.</summary>
public sealed class TestAgent(HttpClient http) : IDisposable
{
    private readonly RecordSealer _sealer = new(CodecProfile.Stored, new BufferPool());
    private SessionAnswer? _session;
    private SessionAnswer? _reading;

    public SigningKey Signing { get; init; } = SigningKey.Generate();
    public HpkePrivateKey Sealing { get; init; } = HpkePrivateKey.Generate();
    public ConvergenceSecret MachineSecret { get; init; } = ConvergenceSecret.Generate();

    /// <summary>The daemon's disk.</summary>
    public Guid Installation { get; set; } = new(1, 0, 0, new byte[8]);

    /// <summary>The daemon's life.</summary>
    public Guid Start { get; set; } = new(2, 0, 0, new byte[8]);

    /// <summary>The computer's clock, far off unless a test sets it.</summary>
    public DateTimeOffset Clock { get; set; } = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What the enrolment answered; a test may put another agent's here.</summary>
    public EnrolmentAnswer Identity { get; set; } = null!; // Set by the enrolment, with which every test begins.

    public SessionAnswer Session => _session ?? throw new InvalidOperationException("No session is open.");
    public ConvergenceSecret GroupSecret => new(new SecretId(Identity.GroupSecretId), Identity.GroupSecret);
    public VaultId Vault => new(Identity.Vault);
    public DeviceId Device => new(Identity.Device);

    public Task<HttpResponseMessage> TryEnrolAsync(string token, string name = "accueil") => PostAsync(
        "/v1/enrolments",
        new EnrolmentRequest(
            token, name, "linux", "0.1.0", Signing.PublicKey.ToArray(), Sealing.PublicKey.ToArray(),
            MachineSecret.Id.Value),
        ProtocolJson.Default.EnrolmentRequest);

    public async Task EnrolAsync(string token)
    {
        using var answer = await TryEnrolAsync(token);
        Identity = await ReadAsync(answer, ProtocolJson.Default.EnrolmentAnswer);
    }

    public async Task<HttpResponseMessage> TryOpenSessionAsync(string purpose = "backup", byte[]? challenge = null)
    {
        challenge ??= await ChallengeAsync();
        var proof = Signing.Sign(ProtocolConstants.SessionProof(Identity.Device, challenge));
        return await PostAsync(
            "/v1/sessions", new SessionRequest(Identity.Device, challenge, proof, "0.1.0", purpose),
            ProtocolJson.Default.SessionRequest);
    }

    public async Task<byte[]> ChallengeAsync()
    {
        using var answer = await PostAsync(
            "/v1/challenges", new ChallengeRequest(Identity.Device), ProtocolJson.Default.ChallengeRequest);
        return (await ReadAsync(answer, ProtocolJson.Default.ChallengeAnswer)).Challenge;
    }

    /// <summary>Opens a session to back up, and one to restore for the verbs that read.</summary>
    public async Task<SessionAnswer> OpenSessionAsync()
    {
        var reading = await OpenSessionAsync("restore");
        var session = await OpenSessionAsync("backup");
        _reading = reading;
        return session;
    }

    /// <summary>Opens a session that every verb then uses.</summary>
    public async Task<SessionAnswer> OpenSessionAsync(string purpose)
    {
        using var answer = await TryOpenSessionAsync(purpose);
        _reading = null;
        return _session = await ReadAsync(answer, ProtocolJson.Default.SessionAnswer);
    }

    /// <summary>A 1 for each record that the server says is stored, else a 0.</summary>
    public async Task<string> HaveAsync(params RecordId[] ids)
    {
        using var answer = await SendAsync(HttpMethod.Post, "/v1/have", BytesOf(ids));
        answer.EnsureSuccessStatusCode();
        return string.Concat(await answer.Content.ReadAsByteArrayAsync());
    }

    public Task<HttpResponseMessage> PutAsync(BuiltPack pack) => PutAsync(pack.Id, pack.ToArray());

    public Task<HttpResponseMessage> PutAsync(PackId id, byte[] bytes) =>
        SendAsync(HttpMethod.Put, $"/v1/packs/{id}", bytes);

    public Task<HttpResponseMessage> CommitAsync(SignedCommit commit) =>
        SendAsync(HttpMethod.Post, "/v1/commits", commit.Bytes.ToArray());

    public async Task<IReadOnlyList<SnapshotMessage>> SnapshotsAsync()
    {
        using var answer = await SendAsync(HttpMethod.Get, "/v1/snapshots", body: null);
        return (await ReadAsync(answer, ProtocolJson.Default.SnapshotList)).Snapshots;
    }

    public Task<HttpResponseMessage> RootKeyAsync(SnapshotId snapshot) => PostAsync(
        $"/v1/snapshots/{snapshot}/root-key", new RootKeyRequest("restore"), ProtocolJson.Default.RootKeyRequest);

    /// <summary>The snapshot that an order of this device names.</summary>
    public Task<HttpResponseMessage> OrderedSnapshotAsync(Guid order) =>
        SendAsync(HttpMethod.Get, $"/v1/orders/{order:D}/snapshot", body: null);

    /// <summary>As <see cref="RootKeyAsync"/>, under an order.</summary>
    public Task<HttpResponseMessage> OrderedRootKeyAsync(Guid order) => PostAsync(
        $"/v1/orders/{order:D}/root-key", new RootKeyRequest("restore"), ProtocolJson.Default.RootKeyRequest);

    /// <summary>Records as the server sends them: bytes, nothing when missing, and <see cref="Damaged"/>.</summary>
    public Task<Dictionary<RecordId, byte[]>> RecordsAsync(params RecordId[] ids) => FetchAsync("/v1/records", ids);

    /// <summary>As <see cref="RecordsAsync"/>, under an order.</summary>
    public Task<Dictionary<RecordId, byte[]>> OrderedRecordsAsync(Guid order, params RecordId[] ids) =>
        FetchAsync($"/v1/orders/{order:D}/records", ids);

    private async Task<Dictionary<RecordId, byte[]>> FetchAsync(string path, RecordId[] ids)
    {
        using var answer = await SendAsync(HttpMethod.Post, path, BytesOf(ids));
        answer.EnsureSuccessStatusCode();
        var stream = (await answer.Content.ReadAsByteArrayAsync()).AsSpan();
        Dictionary<RecordId, byte[]> records = [];
        while (stream.Length > 0)
        {
            var id = new RecordId(new Digest256(stream[..Digest256.Bytes]));
            var length = BinaryPrimitives.ReadUInt32LittleEndian(stream[Digest256.Bytes..]);
            stream = stream[(Digest256.Bytes + sizeof(uint))..];
            var isDamaged = length == ProtocolConstants.DamagedRecordLength;
            records.Add(id, isDamaged ? Damaged : stream[..(int)length].ToArray());
            if (!isDamaged) stream = stream[(int)length..];
        }
        return records;
    }

    /// <summary>What stands for a damaged record.</summary>
    public static byte[] Damaged { get; } = [0xDA];

    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, byte[]? body, string mediaType = "application/octet-stream")
    {
        var request = Request(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        }
        return http.SendAsync(request);
    }

    public SealedRecord SealChunk(byte[] content, bool shared = false) =>
        _sealer.Seal(RecordType.Chunk, shared ? GroupSecret : MachineSecret, content, []);

    public SealedRecord SealSegment(byte[] content, params SealedRecord[] children) => _sealer.Seal(
        RecordType.Segment, MachineSecret, content,
        [.. children.Select(child => child.Ref.Id).OrderBy(id => id.Value)]);

    public BuiltPack Pack(PackKind kind, params SealedRecord[] records)
    {
        var builder = new PackBuilder(Vault, kind);
        foreach (var record in records) builder.Add(record);
        return builder.Complete();
    }

    /// <summary>A commit that is right in everything that is not given.</summary>
    public SignedCommit Sign(
        long sequence, SnapshotId? previous, SealedRecord root, Func<Commit, Commit>? change = null)
    {
        var commit = new Commit
        {
            Vault = Vault,
            Device = Device,
            Sequence = sequence,
            Previous = previous?.Value ?? default,
            Started = new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero), // A clock off by decades must not matter.
            Ended = new DateTimeOffset(2001, 1, 1, 0, 1, 0, TimeSpan.Zero),
            Root = root.Ref.Id,
            Counters = new CommitCounters(1, 1, 0, 5, 5, 0),
            Platform = SourcePlatform.Linux,
            AgentVersion = "0.1.0",
            Recipients =
            [
                RecipientOf(RecipientRole.Recovery, Identity.RecoveryKey, sequence, root),
                RecipientOf(RecipientRole.KeyService, Identity.ServiceKey, sequence, root),
            ],
        };
        return CommitCodec.Sign(change?.Invoke(commit) ?? commit, Signing);
    }

    /// <summary>Backs up one chunk under one segment.</summary>
    public async Task<TestSnapshot> BackUpAsync(byte[] content, long sequence = 1, SnapshotId? previous = null)
    {
        var chunk = SealChunk(content, shared: true);
        var root = SealSegment([1, .. content], chunk);
        var (data, catalogue) = (Pack(PackKind.Data, chunk), Pack(PackKind.Catalogue, root));
        (await PutAsync(data)).EnsureSuccessStatusCode();
        (await PutAsync(catalogue)).EnsureSuccessStatusCode();
        var commit = Sign(sequence, previous, root);
        using var answer = await CommitAsync(commit);
        answer.EnsureSuccessStatusCode();
        var receipt = CommitCodec.ParseReceipt(await answer.Content.ReadAsByteArrayAsync());
        return new TestSnapshot(chunk, root, data, catalogue, commit, receipt);
    }

    /// <summary>What the server wants of a daemon that has this plan and does nothing.</summary>
    public async Task<CheckInAnswer> CheckInAsync(Func<CheckInRequest, CheckInRequest>? change = null)
    {
        var request = new CheckInRequest(
            Installation, Start, "0.1.0", "linux", "Debian GNU/Linux 12", "accueil", Clock, "mains", "free",
            PlanRevision: 0, UnsentRuns: 0);
        using var answer = await PostAsync(
            "/v1/check-ins", change?.Invoke(request) ?? request, ProtocolJson.Default.CheckInRequest);
        return await ReadAsync(answer, ProtocolJson.Default.CheckInAnswer);
    }

    /// <summary>Reports a run of ten minutes that failed, or what a test makes of it.</summary>
    public Task<HttpResponseMessage> ReportRunAsync(Guid id, Func<RunReport, RunReport>? change = null)
    {
        var report = new RunReport(
            id, "schedule", PlanRevision: 1, "0.1.0", Clock, Clock.AddMinutes(-10), Clock, "failed",
            new RunCounts(5, 2, 500, 400, 300, 310, 3, 1), ["/srv/mairie/x.pst"], ["The dump 'compta' failed."],
            ["BEF-4006"], Code: "BEF-4006", Message: "The quota is used up.");
        return PostAsync("/v1/runs", change?.Invoke(report) ?? report, ProtocolJson.Default.RunReport);
    }

    /// <summary>Says how far an order is.</summary>
    public Task<HttpResponseMessage> ReportProgressAsync(Guid order, string state, long bytes = 0) => PostAsync(
        $"/v1/orders/{order:D}/progress",
        new OrderProgress(
            state, Files: 1, FilesTotal: 4, bytes, BytesTotal: 100, Problems: 0),
        ProtocolJson.Default.OrderProgress);

    /// <summary>What a refusal says.</summary>
    public static async Task<FailureMessage> FailureAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync(ProtocolJson.Default.FailureMessage))!;

    /// <summary>What an answer says; throws with the refusal if it is one.</summary>
    public static async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type)
    {
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonSerializer.Deserialize(text, type)!
            : throw new HttpRequestException($"{(int)answer.StatusCode} {text}");
    }

    public void Dispose()
    {
        _sealer.Dispose();
        Signing.Dispose();
        Sealing.Dispose();
    }

    private Recipient RecipientOf(RecipientRole role, byte[] point, long sequence, SealedRecord root)
    {
        var key = HpkePublicKey.Import(point);
        var rootKey = new byte[Digest256.Bytes];
        root.Ref.Key.CopyTo(rootKey);
        var info = Commit.SealInfo(Vault, Device, sequence, root.Ref.Id);
        var seal = Hpke.Seal(key, info, [], rootKey);
        return new Recipient(role, key.KeyId, seal.Encapsulated, seal.Ciphertext);
    }

    private Task<HttpResponseMessage> PostAsync<T>(string path, T message, JsonTypeInfo<T> type)
    {
        var request = Request(HttpMethod.Post, path);
        request.Content = JsonContent.Create(message, type);
        return http.SendAsync(request);
    }

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add(ProtocolConstants.VersionHeader, "1");
        var isReading = path.EndsWith("/records", StringComparison.Ordinal)
            || path.EndsWith("/root-key", StringComparison.Ordinal)
            || path.EndsWith("/snapshot", StringComparison.Ordinal);
        if ((isReading ? _reading ?? _session : _session) is { } session)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session.Token);
        return request;
    }

    private static byte[] BytesOf(RecordId[] ids) => [.. ids.SelectMany(id => id.Value.ToArray())];
}

/// <summary>What <see cref="TestAgent.BackUpAsync"/> stored.</summary>
public sealed record TestSnapshot(
    SealedRecord Chunk, SealedRecord Root, BuiltPack Data, BuiltPack Catalogue, SignedCommit Commit, Receipt Receipt);
