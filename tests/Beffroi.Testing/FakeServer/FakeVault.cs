using System.Collections.Concurrent;
using System.Security.Cryptography;
using Beffroi.Protocol;
using Beffroi.Vault;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Packs;

namespace Beffroi.Testing.FakeServer;

/// <summary>What the protocol's client talks to in its own tests: one device, one vault, all in memory. A fake: it
/// checks what the client must get right (proofs, tokens, bodies), not what a server must refuse.</summary>
public sealed class FakeVault
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DateTimeOffset> _tokens = new(StringComparer.Ordinal);
    private readonly HashSet<string> _challenges = new(StringComparer.Ordinal);
    private readonly List<Func<FakeRequest, FakeReply?>> _interferences = [];
    private readonly TimeProvider _time;

    public FakeVault(TimeProvider time) => _time = time;

    public VaultId Vault { get; } = VaultId.New();

    public DeviceId Device { get; } = DeviceId.New();

    public SigningKey DeviceKey { get; } = SigningKey.Generate();

    public HpkePrivateKey SealKey { get; } = HpkePrivateKey.Generate();

    public SigningKey ServerKey { get; set; } = SigningKey.Generate();

    public HpkePrivateKey RecoveryKey { get; } = HpkePrivateKey.Generate();

    public byte[] RootKey { get; } = RandomNumberGenerator.GetBytes(Digest256.Bytes);

    public Dictionary<RecordId, byte[]> Records { get; } = [];

    public HashSet<RecordId> Damaged { get; } = [];

    public Dictionary<PackId, byte[]> Packs { get; } = [];

    public List<Receipt> Commits { get; } = [];

    /// <summary>What the server calls its authority.</summary>
    public byte[]? AuthorityDer { get; set; }

    public int SessionSeconds { get; set; } = 3600;

    /// <summary>Every request that came whole.</summary>
    public ConcurrentQueue<FakeRequest> Requests { get; } = new();

    public int Count(string line) => Requests.Count(request => request.Line == line);

    /// <summary>Answers in place of the vault, once: the first request for which <paramref name="reply"/> has an
    /// answer.</summary>
    public void Interfere(Func<FakeRequest, FakeReply?> reply)
    {
        lock (_gate) _interferences.Add(reply);
    }

    public void Interfere(string line, FakeReply reply) => Interfere(request => request.Line == line ? reply : null);

    /// <summary>As after a restart of the server: no token is known any more.</summary>
    public void ForgetSessions()
    {
        lock (_gate) _tokens.Clear();
    }

    public FakeReply Answer(FakeRequest request)
    {
        Requests.Enqueue(request);
        lock (_gate)
        {
            foreach (var interference in _interferences)
            {
                if (interference(request) is not { } reply) continue;
                _interferences.Remove(interference);
                return reply;
            }
            return WithoutSession(request) ?? WithSession(request);
        }
    }

    private FakeReply? WithoutSession(FakeRequest request) => request.Line switch
    {
        "GET /v1/server" => FakeReply.Json(
            200, new ServerDescription("beffroi", "0.1.0", 1, 1, _time.GetUtcNow()),
            ProtocolJson.Default.ServerDescription),
        "GET /v1/authority" => AuthorityDer is { } der
            ? new FakeReply(200, "application/pkix-cert", der)
            : new FakeReply(404, "text/plain", []),
        "POST /v1/enrolments" => Enrol(request),
        "POST /v1/challenges" => Challenge(),
        "POST /v1/sessions" => OpenSession(request),
        _ => null,
    };

    private FakeReply WithSession(FakeRequest request)
    {
        if (request.Bearer is not { } token || !_tokens.TryGetValue(token, out var end) || end <= _time.GetUtcNow())
            return FakeReply.Failure(401, "BEF-4004", "The session has ended.");
        return request.Line switch
        {
            "POST /v1/have" => FakeReply.Bytes(
                200, [.. Ids(request).Select(id => Records.ContainsKey(id) ? (byte)1 : (byte)0)]),
            "POST /v1/records" => FakeReply.Bytes(200, [.. Ids(request).SelectMany(RecordAnswer)]),
            "POST /v1/commits" => TakeCommit(request),
            "GET /v1/snapshots" => FakeReply.Json(
                200, new SnapshotList([.. Commits.Select(Describe)]), ProtocolJson.Default.SnapshotList),
            "GET /v1/vault" => FakeReply.Json(200, DescribeVault(), ProtocolJson.Default.VaultMessage),
            "POST /v1/unenrolment" => FakeReply.Bytes(204, []),
            _ => Named(request),
        };
    }

    private FakeReply Named(FakeRequest request)
    {
        var parts = request.Path.Split('/');
        if (parts[2] == "packs") return TakePack(request, new PackId(Digest256.Parse(parts[3])));
        var receipt = Commits.FirstOrDefault(commit => commit.Machine.Id.ToString() == parts[3]);
        if (receipt is null) return FakeReply.Failure(404, "BEF-4014", $"There is no snapshot {parts[3]}.");
        return parts.Length == 5 ? Reseal(receipt) : FakeReply.Bytes(200, receipt.Bytes.ToArray());
    }

    private FakeReply Enrol(FakeRequest request)
    {
        var asked = Read(request, ProtocolJson.Default.EnrolmentRequest);
        return asked.Token == "bef1.good"
            ? FakeReply.Json(201, new EnrolmentAnswer(
                Device.Value, Vault.Value, "Mairie", "managed", 1, Guid.Empty, new byte[32],
                RecoveryKey.PublicKey.ToArray(), RecoveryKey.PublicKey.ToArray(), ServerKey.PublicKey.ToArray(), null),
                ProtocolJson.Default.EnrolmentAnswer)
            : FakeReply.Failure(403, "BEF-4001", "This token is not known.");
    }

    private FakeReply Challenge()
    {
        var challenge = RandomNumberGenerator.GetBytes(32);
        _challenges.Add(Convert.ToHexString(challenge));
        return FakeReply.Json(200, new ChallengeAnswer(challenge), ProtocolJson.Default.ChallengeAnswer);
    }

    private FakeReply OpenSession(FakeRequest request)
    {
        var asked = Read(request, ProtocolJson.Default.SessionRequest);
        var proof = ProtocolConstants.SessionProof(Device.Value, asked.Challenge);
        var isProven = asked.Device == Device.Value && _challenges.Remove(Convert.ToHexString(asked.Challenge))
            && DeviceKey.PublicKey.Verify(proof, asked.Signature);
        if (!isProven) return FakeReply.Failure(403, "BEF-4004", "The signature does not verify.");
        var token = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        _tokens[token] = _time.GetUtcNow().AddSeconds(SessionSeconds);
        var last = Commits.LastOrDefault();
        return FakeReply.Json(201, new SessionAnswer(
            token, SessionSeconds, 0, last?.Machine.Commit.Sequence ?? 0, last?.Machine.Id.ToString(),
            _time.GetUtcNow(),
            1 << 30, 0, [.. Damaged.Select(id => id.ToString())]), ProtocolJson.Default.SessionAnswer);
    }

    private FakeReply TakePack(FakeRequest request, PackId id)
    {
        if (!request.Headers.ContainsKey("Content-Length"))
            return FakeReply.Failure(411, "BEF-4009", "Tell the length.");
        var footer = PackVerifier.Verify(request.Body, id, Vault).Footer;
        foreach (var entry in footer.Entries)
            Records[entry.Id] = request.Body[entry.Offset..(entry.Offset + entry.Bytes)];
        return FakeReply.Bytes(Packs.TryAdd(id, request.Body) ? 201 : 200, []);
    }

    private FakeReply TakeCommit(FakeRequest request)
    {
        var signed = CommitCodec.ParseSigned(request.Body);
        if (Commits.Find(commit => commit.Machine.Id == signed.Id) is { } known)
            return FakeReply.Bytes(200, known.Bytes.ToArray());
        if (signed.Commit.Sequence != Commits.Count + 1)
            return FakeReply.Failure(409, new FailureMessage("BEF-4008", "Out of order.", false,
                LastSequence: Commits.Count, LastSnapshot: Commits.LastOrDefault()?.Machine.Id.ToString()));
        Commits.Add(CommitCodec.Countersign(signed, _time.GetUtcNow(), ServerKey));
        return FakeReply.Bytes(201, Commits[^1].Bytes.ToArray());
    }

    private FakeReply Reseal(Receipt receipt)
    {
        var commit = receipt.Machine.Commit;
        var info = Commit.ResealInfo(Vault, Device, commit.Sequence, commit.Root);
        var answer = Hpke.Seal(SealKey.PublicKey, info, [], RootKey);
        return FakeReply.Json(
            200, new RootKeyAnswer(answer.Encapsulated, answer.Ciphertext), ProtocolJson.Default.RootKeyAnswer);
    }

    private byte[] RecordAnswer(RecordId id)
    {
        if (Damaged.Contains(id))
            return [.. id.Value.ToArray(), .. BitConverter.GetBytes(ProtocolConstants.DamagedRecordLength)];
        var record = Records.GetValueOrDefault(id, []);
        return [.. id.Value.ToArray(), .. BitConverter.GetBytes(record.Length), .. record];
    }

    private static SnapshotMessage Describe(Receipt receipt)
    {
        var commit = receipt.Machine.Commit;
        return new SnapshotMessage(
            receipt.Machine.Id.ToString(), commit.Sequence, commit.Started, commit.Ended, receipt.Received,
            commit.Counters.Files, commit.Counters.Directories, commit.Counters.LogicalBytes,
            commit.Counters.NewBytes, commit.Counters.Unreadable);
    }

    private VaultMessage DescribeVault() => new(
        Vault.Value, "Mairie", "managed", RecoveryKey.PublicKey.KeyId.ToString(), 1 << 30, 0,
        new DeviceMessage(Device.Value, "accueil", _time.GetUtcNow()));

    private static IEnumerable<RecordId> Ids(FakeRequest request) =>
        request.Body.Chunk(Digest256.Bytes).Select(bytes => new RecordId(new Digest256(bytes)));

    private static T Read<T>(FakeRequest request, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        System.Text.Json.JsonSerializer.Deserialize(request.Body, type)
            ?? throw new InvalidDataException($"{request.Line} carries the JSON word null.");
}
