using System.Runtime.Versioning;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Platform.Linux;
using Beffroi.Agent.Restore;
using Beffroi.Agent.Tests.Platform;
using Beffroi.Testing;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Operations;
using Beffroi.Vault.Records;

namespace Beffroi.Agent.Tests.Restore;

/// <summary>Catalogues that no backup of this program makes.</summary>
[SupportedOSPlatform("linux")]
public sealed class AnnouncedPieceTests : IDisposable
{
    private const int RecordBytes = 8;

    private readonly VaultId _id = VaultId.New();
    private readonly ConvergenceSecret _secret = ConvergenceSecret.Generate();
    private readonly BufferPool _pool = new();
    private readonly TemporaryTree _target = new();
    private readonly MemoryVault _vault;

    public AnnouncedPieceTests() => _vault = new MemoryVault(_id);

    public void Dispose() => _target.Dispose();

    [Theory]
    [InlineData(RecordType.Chunk, ContentKind.Chunks, RecordBytes, true)]
    [InlineData(RecordType.Chunk, ContentKind.Chunks, RecordBytes - 1, false)]
    [InlineData(RecordType.Chunk, ContentKind.Chunks, RecordBytes + 1, false)]
    [InlineData(RecordType.Bundle, ContentKind.Chunks, RecordBytes, false)]
    [InlineData(RecordType.Chunk, ContentKind.List, RecordBytes, true)]
    [InlineData(RecordType.Chunk, ContentKind.List, RecordBytes - 1, false)]
    [InlineData(RecordType.Bundle, ContentKind.List, RecordBytes, false)]
    [InlineData(RecordType.Chunk, ContentKind.Slice, RecordBytes - 1, true)]
    [InlineData(RecordType.Bundle, ContentKind.Slice, RecordBytes - 1, true)]
    [InlineData(RecordType.Bundle, ContentKind.Slice, RecordBytes + 1, false)]
    public async Task A_piece_is_what_the_catalogue_announces_or_refused(
        RecordType type, ContentKind kind, int bytes, bool isRestored)
    {
        var root = await WriteAsync(type, kind, bytes);
        var problems = new List<RestoreProblem>();
        using var target = new LinuxTarget(_target.Root, new TargetOptions(), problem => Assert.Fail(problem.Why));
        using var records = new RecordReader(_vault, _pool);
        var progress = new RestoreProgress();
        using var run = new RestoreRun(
            new RestoreOptions { Paths = [] }, new CatalogueReader(records), root, _vault, target, progress,
            problems.Add);
        await run.ExecuteAsync(CancellationToken.None);

        Assert.Equal(isRestored ? 1 : 0, progress.Files);
        Assert.Equal(isRestored, File.Exists(Path.Combine(_target.Root, "a")));
        Assert.Equal(isRestored ? [] : [ErrorCode.CatalogueMalformed], problems.Select(problem => problem.Code));
    }

    /// <summary>A snapshot of one file, whose content is announced so.</summary>
    private async Task<RecordRef> WriteAsync(RecordType type, ContentKind kind, int bytes)
    {
        await using var uploader = new RecordUploader(_id, _vault, _pool);
        await using var sealing = new SealingPool(uploader, _pool, CodecProfile.Stored, workers: 1);
        using var sink = new CatalogueSink(uploader, _pool, CodecProfile.Stored, _secret);
        var plain = new PlainContent(type, _secret, _pool.Rent(RecordBytes), RecordBytes);
        var record = (await await sealing.AddAsync(plain, CancellationToken.None)).Ref;
        if (kind == ContentKind.List)
            record = (await sink.AddAsync(
                RecordType.ChunkList, SegmentCodec.WriteList(0, [new ListItem(record, bytes)]),
                CancellationToken.None)).Ref;
        var writer = new CatalogueWriter(sink);
        await writer.AddAsync(
            new Entry
            {
                Path = EntryPath.FromSlashes("a"u8),
                Kind = EntryKind.File,
                Bytes = bytes,
                Mode = 0x1A4,
                Content = new Content(kind, ChunkClass.Standard, [new Piece(record, 0, bytes)]),
            },
            CancellationToken.None);
        var root = await writer.FinishAsync(CancellationToken.None);
        await uploader.CompleteAsync();
        return root;
    }
}
