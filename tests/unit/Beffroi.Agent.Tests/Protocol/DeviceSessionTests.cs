using Beffroi.Protocol.Client;
using Beffroi.Testing.FakeServer;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Operations;
using Beffroi.Vault.Records;

namespace Beffroi.Agent.Tests.Protocol;

/// <summary>The verbs of the protocol against a fake server on a loopback port.</summary>
public sealed class DeviceSessionTests : IAsyncDisposable
{
    private readonly ClientFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task What_is_stored_can_be_asked_for_and_read_back()
    {
        await using var session = await _fixture.OpenAsync();
        var pack = _fixture.Pack(1, 100, 70_000, 1 << 20, RecordLimits.PlainBytesMax);
        var ids = pack.Records.Select(record => record.Ref.Id).ToList();
        var unknown = new RecordId(Digest256.Of("unknown"u8));

        Assert.All(await session.HaveAsync(ids, default), Assert.False);
        await session.PutPackAsync(pack, default);
        var stored = await session.HaveAsync([.. ids, unknown], default);
        Assert.Equal([true, true, true, true, true, false], stored);
        Assert.Equal(pack.ToArray(), _fixture.Vault.Packs[pack.Id]);

        _fixture.Vault.Damaged.Add(ids[1]);
        var fetched = await FetchAsync(session, [unknown, .. ids]);
        Assert.Equal(6, fetched.Count);
        Assert.Equal(FetchOutcome.Missing, fetched[unknown].Outcome);
        Assert.Equal(FetchOutcome.Damaged, fetched[ids[1]].Outcome);
        Assert.All(pack.Records.Where(record => record.Ref.Id != ids[1]), record =>
            Assert.Equal(record.Memory.ToArray(), fetched[record.Ref.Id].Bytes));
        Assert.Equal(0, _fixture.Pool.LentBytes);
    }

    [Fact]
    public async Task The_session_tells_what_the_server_said()
    {
        await using var session = await _fixture.OpenAsync();
        Assert.Equal(3600, session.Session.ExpiresInSeconds);
        Assert.Equal(1 << 30, session.Session.QuotaBytes);
        var request = Assert.Single(_fixture.Vault.Requests, request => request.Line == "POST /v1/sessions");
        Assert.Equal("1", request.Headers["Beffroi-Protocol"]);
        Assert.Equal("beffroi/test", request.Headers["User-Agent"]);
        Assert.False(request.Headers.ContainsKey("Expect"));
    }

    [Fact]
    public async Task A_long_question_is_asked_in_parts_and_answered_in_order()
    {
        await using var session = await _fixture.OpenAsync();
        var ids = Enumerable.Range(0, 8192 * 2 + 5)
            .Select(i => new RecordId(Digest256.Of(BitConverter.GetBytes(i)))).ToList();
        for (var i = 0; i < ids.Count; i += 3) _fixture.Vault.Records[ids[i]] = [1];
        var stored = await session.HaveAsync(ids, default);
        Assert.Equal(ids.Select((_, i) => i % 3 == 0), stored);
        Assert.Equal(3, _fixture.Vault.Count("POST /v1/have"));
        Assert.Empty(await session.HaveAsync([], default));
    }

    [Fact]
    public async Task A_commit_comes_back_with_a_receipt_and_can_be_read_and_opened()
    {
        await using var session = await _fixture.OpenAsync();
        var commit = _fixture.Commit(sequence: 1);
        var receipt = await session.CommitAsync(commit, default);
        Assert.Equal(commit.Id, receipt.Machine.Id);
        Assert.Equal(receipt.Bytes.ToArray(), (await session.CommitAsync(commit, default)).Bytes.ToArray());
        Assert.Equal(receipt.Bytes.ToArray(), (await session.GetCommitAsync(commit.Id, default)).Bytes.ToArray());
        var listed = Assert.Single(await session.ListSnapshotsAsync(default));
        Assert.Equal((commit.Id.ToString(), 1, 3L), (listed.Id, listed.Sequence, listed.Files));
        Assert.Equal(
            new Digest256(_fixture.Vault.RootKey),
            await session.OpenRootKeyAsync(receipt, _fixture.Vault.SealKey, default));
    }

    [Fact]
    public async Task A_root_key_sealed_to_another_device_does_not_open()
    {
        await using var session = await _fixture.OpenAsync();
        var receipt = await session.CommitAsync(_fixture.Commit(sequence: 1), default);
        using var other = HpkePrivateKey.Generate();
        Assert.Equal(ErrorCode.SealUnopenable, await CodeOf(session.OpenRootKeyAsync(receipt, other, default)));
    }

    [Fact]
    public async Task A_commit_out_of_order_tells_the_last_one()
    {
        await using var session = await _fixture.OpenAsync();
        var first = await session.CommitAsync(_fixture.Commit(sequence: 1), default);
        var failure = await Assert.ThrowsAsync<CommitOutOfOrderException>(
            () => session.CommitAsync(_fixture.Commit(sequence: 3), default));
        Assert.Equal((1, first.Machine.Id), (failure.LastSequence, failure.LastSnapshot));
        Assert.Equal(ErrorCode.CommitOutOfOrder, failure.Code);
    }

    [Fact]
    public async Task A_receipt_for_another_commit_is_refused()
    {
        await using var session = await _fixture.OpenAsync();
        var other = await session.CommitAsync(_fixture.Commit(sequence: 1), default);
        _fixture.Vault.Interfere("POST /v1/commits", FakeReply.Bytes(201, other.Bytes.ToArray()));
        Assert.Equal(ErrorCode.CommitForged, await CodeOf(session.CommitAsync(_fixture.Commit(sequence: 2), default)));
        _fixture.Vault.Interfere(request => request.Method == "GET"
            ? FakeReply.Bytes(200, other.Bytes.ToArray())
            : null);
        Assert.Equal(
            ErrorCode.CommitForged, await CodeOf(session.GetCommitAsync(new SnapshotId(Digest256.Of("x"u8)), default)));
    }

    [Fact]
    public async Task A_countersignature_by_another_key_is_refused()
    {
        await using var session = await _fixture.OpenAsync();
        _fixture.Vault.ServerKey = SigningKey.Generate();
        Assert.Equal(ErrorCode.CommitForged, await CodeOf(session.CommitAsync(_fixture.Commit(sequence: 1), default)));
    }

    [Fact]
    public async Task Missing_references_are_listed()
    {
        await using var session = await _fixture.OpenAsync();
        var missing = new RecordId(Digest256.Of("missing"u8));
        var pack = _fixture.Pack(10);
        _fixture.Vault.Interfere($"PUT /v1/packs/{pack.Id}", FakeReply.Failure(409, new Beffroi.Protocol.FailureMessage(
            "BEF-4007", "Records are missing.", Retryable: false, Missing: [missing.ToString()])));
        var failure = await Assert.ThrowsAsync<MissingRecordsException>(
            () => session.PutPackAsync(pack, default).AsTask());
        Assert.Equal([missing], failure.Missing);
        Assert.Equal(ErrorCode.ReferencesMissing, failure.Code);
    }

    [Fact]
    public async Task The_vault_is_shown_and_left()
    {
        await using var session = await _fixture.OpenAsync();
        Assert.Equal(_fixture.Vault.Vault.Value, (await session.GetVaultAsync(default)).Vault);
        await session.UnenrolAsync(default);
        Assert.Equal(1, _fixture.Vault.Count("POST /v1/unenrolment"));
    }

    [Fact]
    public async Task A_vault_that_was_left_by_an_attempt_whose_answer_was_lost_is_left()
    {
        await using var session = await _fixture.OpenAsync();
        _fixture.Vault.Interfere(
            "POST /v1/unenrolment", FakeReply.Bytes(204, []) with { CutHeadAfterBytes = 5 });
        _fixture.Vault.Interfere("POST /v1/unenrolment", FakeReply.Failure(403, "BEF-4005", "It is shut out."));
        await session.UnenrolAsync(default);
        Assert.Equal(2, _fixture.Vault.Count("POST /v1/unenrolment"));
    }

    [Theory]
    [InlineData(61, 2)]
    [InlineData(59, 1)]
    public async Task A_challenge_that_has_aged_on_the_way_is_asked_for_once_more(int seconds, int challenges)
    {
        _fixture.Vault.Interfere(request =>
        {
            if (request.Line != "POST /v1/sessions") return null;
            _fixture.Time.Advance(TimeSpan.FromSeconds(seconds));
            return FakeReply.Failure(403, "BEF-4004", "Its challenge is too old.");
        });
        var opening = _fixture.OpenAsync(options: _fixture.Options with { IdleTimeout = TimeSpan.FromHours(1) });
        if (challenges == 1) Assert.Equal(ErrorCode.SessionRefused, await CodeOf(opening));
        else await (await opening).DisposeAsync();
        Assert.Equal(challenges, _fixture.Vault.Count("POST /v1/challenges"));
    }

    [Fact]
    public async Task A_session_is_renewed_before_it_ends()
    {
        await using var session = await _fixture.OpenAsync();
        var first = session.Session.Token;
        _fixture.Time.Advance(TimeSpan.FromSeconds(3600 - 61));
        await session.GetVaultAsync(default);
        Assert.Equal(first, session.Session.Token);
        _fixture.Time.Advance(TimeSpan.FromSeconds(2));
        await session.GetVaultAsync(default);
        Assert.NotEqual(first, session.Session.Token);
        Assert.Equal(2, _fixture.Vault.Count("GET /v1/vault")); // Nothing was refused on the way.
    }

    [Fact]
    public async Task A_session_that_the_server_forgot_is_renewed_once_for_all()
    {
        await using var session = await _fixture.OpenAsync();
        _fixture.Vault.ForgetSessions();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => session.GetVaultAsync(default)));
        Assert.Equal(2, _fixture.Vault.Count("POST /v1/sessions"));
        Assert.Empty(_fixture.Waits);
    }

    [Fact]
    public async Task A_token_that_is_never_accepted_is_refused_for_good()
    {
        await using var session = await _fixture.OpenAsync();
        for (var i = 0; i < 2; i++)
            _fixture.Vault.Interfere("GET /v1/vault", FakeReply.Failure(401, "BEF-4004", "The session has ended."));
        Assert.Equal(ErrorCode.SessionRefused, await CodeOf(session.GetVaultAsync(default)));
    }

    [Fact]
    public async Task A_wrong_device_key_is_refused_at_once()
    {
        using var stranger = SigningKey.Generate();
        var opening = DeviceSession.OpenAsync(_fixture.Connect(), _fixture.Identity with { SignKey = stranger },
            SessionPurpose.Backup, _fixture.Patient, _fixture.Pool, default);
        Assert.Equal(ErrorCode.SessionRefused, await CodeOf(opening));
        Assert.Empty(_fixture.Waits);
    }

    internal static async Task<ErrorCode> CodeOf(Task task) =>
        (await Assert.ThrowsAnyAsync<VaultException>(() => task)).Code;

    private async Task<Dictionary<RecordId, (FetchOutcome Outcome, byte[]? Bytes)>> FetchAsync(
        DeviceSession session, IReadOnlyList<RecordId> ids)
    {
        var fetched = new Dictionary<RecordId, (FetchOutcome, byte[]?)>();
        await foreach (var record in session.FetchAsync(ids, default))
        {
            fetched.Add(record.Id, (record.Outcome, record.Buffer?[..record.Bytes]));
            if (record.Buffer is not null) _fixture.Pool.Return(record.Buffer);
        }
        return fetched;
    }
}
