using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Records;
using BenchmarkDotNet.Attributes;

namespace Beffroi.Benchmarks;

/// <summary>Time of one batch of contents to and from records. Sealing and opening take buffers over, so that each
/// includes a copy of what it starts from: some 0.1 ms per MiB.</summary>
[MemoryDiagnoser]
public class RecordBenchmarks : IDisposable
{
    private readonly BufferPool _pool = new();
    private readonly ConvergenceSecret _secret = new(new SecretId(Guid.Empty), new byte[ConvergenceSecret.Bytes]);
    private RecordSealer? _sealer;
    private RecordOpener? _opener;
    private byte[][] _plain = [];
    private PlainContent[] _contents = [];
    private SealedRecord[] _results = [];
    private SealedRecord[] _stored = [];
    private (RecordId Id, byte[] Buffer, int Bytes)[] _received = [];
    private VerifiedRecord?[] _verified = [];

    [Params("16 × 256 KiB", "1 × 1 MiB")]
    public string Batch { get; set; } = "";

    [Params(SampleKind.Prose, SampleKind.Noise)]
    public SampleKind Content { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var (count, bytes) = Batch.StartsWith("16", StringComparison.Ordinal) ? (16, 256 << 10) : (1, 1 << 20);
        _sealer = new RecordSealer(CodecProfile.Default, _pool);
        _opener = new RecordOpener(_pool);
        _plain = [.. Enumerable.Range(0, count).Select(seed => SampleBytes.Create(Content, bytes, seed))];
        _contents = new PlainContent[count];
        _results = new SealedRecord[count];
        _received = new (RecordId, byte[], int)[count];
        _verified = new VerifiedRecord?[count];
        SealAll();
        _stored = [.. _results];
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _sealer?.Dispose();
        _opener?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public void Seal()
    {
        SealAll();
        foreach (var record in _results) _pool.Return(record.Buffer);
    }

    [Benchmark]
    public void VerifyAndOpen()
    {
        for (var i = 0; i < _stored.Length; i++)
        {
            var buffer = _pool.Rent(_stored[i].Bytes);
            _stored[i].Memory.Span.CopyTo(buffer);
            _received[i] = (_stored[i].Ref.Id, buffer, _stored[i].Bytes);
        }
        RecordOpener.Verify(_received, _verified);
        for (var i = 0; i < _stored.Length; i++)
        {
            var record = _verified[i] ?? throw RecordOpener.Damaged(_stored[i].Ref.Id);
            _pool.Return(_opener!.Open(record, _stored[i].Ref.Key).Buffer);
        }
    }

    private void SealAll()
    {
        for (var i = 0; i < _plain.Length; i++)
        {
            var buffer = _pool.Rent(_plain[i].Length);
            _plain[i].CopyTo(buffer.AsSpan(RecordLimits.FixedHeaderBytes));
            _contents[i] = new PlainContent(RecordType.Chunk, _secret, buffer, _plain[i].Length);
        }
        _sealer!.Seal(_contents, _results);
    }
}
