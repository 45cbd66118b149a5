using Beffroi.Protocol.Client;
using Beffroi.Testing.FakeServer;
using Beffroi.Vault;
using Beffroi.Vault.Operations;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Records;

namespace Beffroi.Agent.Tests.Protocol;

/// <summary>Records on their way back: what breaks is asked for again, and what is wrong costs no memory.</summary>
public sealed class FetchTests : IAsyncDisposable
{
    private const string Line = "POST /v1/records";

    private readonly ClientFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_stream_cut_anywhere_is_resumed_with_what_is_outstanding()
    {
        await using var session = await _fixture.OpenAsync();
        var pack = await StoreAsync(session, 500, 1, 300_000, 20_000);
        var whole = Stream(pack);
        var random = new Random(7);
        for (var round = 0; round < 25; round++)
        {
            var cut = random.Next(whole.Length);
            _fixture.Vault.Interfere(Line, FakeReply.Bytes(200, whole) with { CutAfterBytes = cut });
            Assert.Equal(Contents(pack), await FetchAsync(session, pack));
        }
        Assert.Equal(25, _fixture.Waits.Count);
        Assert.All(_fixture.Waits, wait => Assert.Equal(ErrorCode.ServerUnreachable, wait.Reason.Code));
        Assert.Equal(0, _fixture.Pool.LentBytes);
    }

    [Fact]
    public async Task What_came_before_the_cut_is_not_asked_for_again()
    {
        await using var session = await _fixture.OpenAsync();
        var pack = await StoreAsync(session, 500, 600, 700);
        var cut = 36 + pack.Records[0].Bytes + 36 + pack.Records[1].Bytes + 40;
        _fixture.Vault.Interfere(Line, FakeReply.Bytes(200, Stream(pack)) with { CutAfterBytes = cut });
        Assert.Equal(Contents(pack), await FetchAsync(session, pack));
        var again = _fixture.Vault.Requests.Last(request => request.Line == Line);
        Assert.Equal(pack.Records[2].Ref.Id.Value.ToArray(), again.Body);
    }

    [Fact]
    public async Task An_answer_that_ends_early_is_resumed_too()
    {
        await using var session = await _fixture.OpenAsync();
        var pack = await StoreAsync(session, 500, 600);
        _fixture.Vault.Interfere(Line, FakeReply.Bytes(200, Stream(pack)[..(36 + pack.Records[0].Bytes)]));
        Assert.Equal(Contents(pack), await FetchAsync(session, pack));
    }

    [Theory]
    [InlineData(1u)]
    [InlineData((uint)RecordLimits.RecordBytesMin - 1)]
    [InlineData((uint)RecordLimits.RecordBytesMax + 1)]
    [InlineData(0x7FFF_FFFFu)]
    [InlineData(0x8000_0000u)]
    [InlineData(0xFFFF_FFFEu)]
    public async Task A_length_that_no_record_has_is_refused_before_anything_is_rented(uint length)
    {
        await using var session = await _fixture.OpenAsync();
        var pack = await StoreAsync(session, 500);
        byte[] answer = [.. pack.Records[0].Ref.Id.Value.ToArray(), .. BitConverter.GetBytes(length), 1, 2, 3];
        await RefusedAsync(session, pack, answer);
    }

    [Fact]
    public async Task Garbage_is_refused()
    {
        await using var session = await _fixture.OpenAsync();
        var pack = await StoreAsync(session, 500);
        var random = new Random(3);
        for (var round = 0; round < 50; round++)
        {
            var garbage = new byte[random.Next(36, 300)];
            random.NextBytes(garbage);
            await RefusedAsync(session, pack, garbage);
        }
    }

    [Fact]
    public async Task A_record_that_was_not_asked_for_or_comes_twice_is_refused()
    {
        await using var session = await _fixture.OpenAsync();
        var pack = await StoreAsync(session, 500, 600);
        var first = Stream(pack)[..(36 + pack.Records[0].Bytes)];
        await RefusedAsync(session, pack, [.. first, .. first]);
        await RefusedAsync(session, await StoreAsync(session, 700), first);
        await RefusedAsync(session, pack, [.. Stream(pack), 0]);
    }

    [Fact]
    public async Task An_answer_of_another_type_is_refused()
    {
        await using var session = await _fixture.OpenAsync();
        var pack = await StoreAsync(session, 500);
        _fixture.Vault.Interfere(Line, FakeReply.Text(200, "text/html", "<h1>Welcome to our hotel</h1>"));
        Assert.Equal(ErrorCode.AnswerMalformed, await DeviceSessionTests.CodeOf(FetchAsync(session, pack)));
    }

    [Fact]
    public async Task Asking_twice_for_a_record_in_one_call_is_a_mistake_of_the_caller()
    {
        await using var session = await _fixture.OpenAsync();
        var id = new RecordId(Digest256.Of("x"u8));
        var fetch = session.FetchAsync([id, id], default).GetAsyncEnumerator();
        await Assert.ThrowsAsync<ArgumentException>(() => fetch.MoveNextAsync().AsTask());
        await fetch.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_stops_early_leaves_nothing_lent()
    {
        await using var session = await _fixture.OpenAsync();
        var pack = await StoreAsync(session, 300_000, 300_000, 300_000);
        await foreach (var record in session.FetchAsync([.. pack.Records.Select(sealing => sealing.Ref.Id)], default))
        {
            _fixture.Pool.Return(record.Buffer ?? throw new InvalidDataException("A stored record has bytes."));
            break;
        }
        Assert.Equal(0, _fixture.Pool.LentBytes);
    }

    private async Task RefusedAsync(DeviceSession session, BuiltPack pack, byte[] answer)
    {
        var lent = _fixture.Pool.LentBytes;
        _fixture.Vault.Interfere(Line, FakeReply.Bytes(200, answer));
        Assert.Equal(ErrorCode.AnswerMalformed, await DeviceSessionTests.CodeOf(FetchAsync(session, pack)));
        Assert.Equal(lent, _fixture.Pool.LentBytes);
        Assert.Empty(_fixture.Waits);
    }

    private async Task<BuiltPack> StoreAsync(DeviceSession session, params int[] plainBytes)
    {
        var pack = _fixture.Pack(plainBytes);
        await session.PutPackAsync(pack, default);
        return pack;
    }

    private static byte[] Stream(BuiltPack pack) => [.. pack.Records.SelectMany(record =>
        (byte[])[.. record.Ref.Id.Value.ToArray(), .. BitConverter.GetBytes(record.Bytes), .. record.Memory.Span])];

    private static Dictionary<RecordId, string> Contents(BuiltPack pack) =>
        pack.Records.ToDictionary(record => record.Ref.Id, record => Digest256.Of(record.Memory.Span).ToString());

    private async Task<Dictionary<RecordId, string>> FetchAsync(DeviceSession session, BuiltPack pack)
    {
        var contents = new Dictionary<RecordId, string>();
        await foreach (var record in session.FetchAsync([.. pack.Records.Select(sealing => sealing.Ref.Id)], default))
        {
            Assert.Equal(FetchOutcome.Found, record.Outcome);
            var buffer = record.Buffer ?? throw new InvalidDataException("A found record has bytes.");
            contents.Add(record.Id, Digest256.Of(buffer.AsSpan(0, record.Bytes)).ToString());
            _fixture.Pool.Return(buffer);
        }
        return contents;
    }
}
