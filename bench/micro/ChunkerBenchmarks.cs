using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Chunking;
using BenchmarkDotNet.Attributes;

namespace Beffroi.Benchmarks;

/// <summary>Time to cut one MiB into chunks.</summary>
public class ChunkerBenchmarks
{
    private const int Mebibytes = 64; // More than the processor's caches hold, as a file's bytes are.

    private readonly byte[] _content = SampleBytes.Create(SampleKind.Noise, Mebibytes << 20, seed: 1);
    private GearChunker _chunker = null!;

    [Params(ChunkClass.Standard, ChunkClass.Fine)]
    public ChunkClass Sizes { get; set; }

    [GlobalSetup]
    public void Setup() =>
        _chunker = new GearChunker(
            new GearTable(SampleBytes.Create(SampleKind.Noise, GearTable.Bytes, seed: 2)), ChunkSizes.Of(Sizes));

    [Benchmark(OperationsPerInvoke = Mebibytes)]
    public int Cut()
    {
        var chunks = 0;
        for (var rest = _content.AsSpan(); rest.Length > 0; chunks++)
            rest = rest[_chunker.FindEnd(rest, isComplete: true)..];
        return chunks;
    }
}
