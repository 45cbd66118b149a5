using System.Security.Cryptography;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Chunking;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Tests.Vectors;

/// <summary>The frozen bytes of format version 1. If one of these fails, vaults in the field cannot be read, or no
/// longer deduplicate: the code is wrong, never the vector.</summary>
/// <remarks>Files are made once, for a new version, by running these tests with BEFFROI_WRITE_VECTORS=1.</remarks>
public sealed class GoldenVectorTests
{
    private static readonly VaultId Vault = new(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"));
    private static readonly DeviceId Device = new(Guid.Parse("0f0e0d0c-0b0a-0908-0706-050403020100"));

    private static readonly ConvergenceSecret Secret = new(
        new SecretId(Guid.Parse("a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf")), SHA256.HashData("secret of the vectors"u8));

    [Fact]
    public void A_stored_record_is_made_bit_for_bit()
    {
        var record = Seal(CodecProfile.Stored, Text);
        AssertFrozen("record-v1/stored.bin", record.Memory.ToArray());
        AssertFrozen("record-v1/stored.key", record.Ref.Key.ToArray());
        AssertFrozen("record-v1/stored.id", record.Ref.Id.Value.ToArray());
    }

    [Theory]
    [InlineData("zstd", CodecId.Zstd)]
    [InlineData("brotli", CodecId.Brotli)]
    [InlineData("deflate", CodecId.Deflate)]
    public void A_compressed_record_opens(string name, CodecId codec)
    {
        // Another version of a codec may give other bytes; what was written must be read for ever.
        if (IsWriting)
        {
            var level = (sbyte)(codec == CodecId.Deflate ? 6 : 1);
            var written = Seal(new CodecProfile(codec, level, 1), Text);
            Write($"record-v1/{name}.bin", written.Memory.ToArray());
            Write($"record-v1/{name}.key", written.Ref.Key.ToArray());
        }
        var bytes = Read($"record-v1/{name}.bin");
        var pool = new BufferPool();
        using var opener = new RecordOpener(pool);
        var reference = new RecordRef(new RecordId(Digest256.Of(bytes)), new Digest256(Read($"record-v1/{name}.key")));
        var opened = opener.Open(bytes, bytes.Length, reference);
        Assert.Equal(codec, opened.Header.Codec.Id);
        Assert.Equal(Text, opened.Plain.ToArray());
    }

    [Fact]
    public void A_pack_is_made_bit_for_bit()
    {
        var builder = new PackBuilder(Vault, PackKind.Data);
        builder.Add(Seal(CodecProfile.Stored, Text));
        builder.Add(Seal(CodecProfile.Stored, "autre contenu"u8.ToArray()));
        var pack = builder.Complete();
        AssertFrozen("pack-v1/data.bin", pack.ToArray());
        AssertFrozen("pack-v1/data.id", pack.Id.Value.ToArray());
        var verified = PackVerifier.Verify(Read("pack-v1/data.bin"), pack.Id, Vault);
        Assert.Equal(2, verified.Headers.Count);
    }

    [Fact]
    public void A_segment_and_a_chunk_list_are_written_bit_for_bit()
    {
        var chunk = new RecordRef(new RecordId(Digest256.Of([1])), Digest256.Of([2]));
        AssertFrozen("catalogue-v1/entries.bin", SegmentCodec.WriteEntries(Entries(chunk)).Plain.ToArray());
        AssertFrozen("catalogue-v1/list.bin", SegmentCodec.WriteList(0, [new ListItem(chunk, 70_000)]).Plain.ToArray());
        var link = new SegmentLink(Entries(chunk)[0].Path, chunk, 3);
        AssertFrozen("catalogue-v1/links.bin", SegmentCodec.WriteLinks(1, [link]).Plain.ToArray());
        Assert.Equal(3, SegmentCodec.ReadEntries(Read("catalogue-v1/entries.bin"), [chunk.Id]).Count);
    }

    [Fact]
    public void A_commit_is_read_and_its_signatures_verify()
    {
        if (IsWriting) WriteCommit();
        var receipt = CommitCodec.ParseReceipt(Read("commit-v1/receipt.bin"));
        Assert.True(receipt.Machine.IsSignedBy(VerifyingKey.Import(Read("commit-v1/device.point"))));
        Assert.True(receipt.IsCountersignedBy(VerifyingKey.Import(Read("commit-v1/server.point"))));
        var commit = receipt.Machine.Commit;
        Assert.Equal((7L, Vault, Device), (commit.Sequence, commit.Vault, commit.Device));
        using var recovery = HpkePrivateKey.Import(Read("commit-v1/recovery.scalar"));
        var recipient = commit.Recipients[0];
        var info = Commit.SealInfo(Vault, Device, 7, commit.Root);
        var rootKey = Hpke.Open(recovery, recipient.Encapsulated.Span, info, [], recipient.Sealed.Span);
        Assert.Equal(Digest256.Of("root key"u8).ToArray(), rootKey);
    }

    [Theory]
    [InlineData(ChunkClass.Standard)]
    [InlineData(ChunkClass.Fine)]
    public void Contents_are_cut_where_they_always_were(ChunkClass chunkClass)
    {
        var content = Noise(12 << 20);
        var chunker = new GearChunker(Secret.CreateGearTable(), ChunkSizes.Of(chunkClass));
        var cuts = new List<int>();
        for (var at = 0; at < content.Length; at += cuts[^1])
            cuts.Add(chunker.FindEnd(content.AsSpan(at), isComplete: true));
        var text = string.Join('\n', cuts) + "\n";
        AssertFrozen($"chunker-1/{chunkClass}.cuts".ToLowerInvariant(), System.Text.Encoding.ASCII.GetBytes(text));
    }

    private static byte[] Text => System.Text.Encoding.UTF8.GetBytes(
        string.Concat(Enumerable.Repeat("Délibération du conseil municipal.\n", 20)));

    private static SealedRecord Seal(CodecProfile profile, byte[] plain)
    {
        var pool = new BufferPool();
        using var sealer = new RecordSealer(profile, pool);
        var buffer = pool.Rent(plain.Length);
        plain.CopyTo(buffer, RecordLimits.FixedHeaderBytes);
        var records = new SealedRecord[1];
        sealer.Seal([new PlainContent(RecordType.Chunk, Secret, buffer, plain.Length)], records);
        return records[0];
    }

    private static List<Entry> Entries(RecordRef chunk) =>
    [
        new() { Path = EntryPath.FromSlashes("mairie"u8), Kind = EntryKind.Directory, Mode = 0x1ED, ModifiedNs = -1 },
        new()
        {
            Path = EntryPath.FromSlashes("mairie/budget.csv"u8), Kind = EntryKind.File, Bytes = 42, Mode = 0x1A4,
            ModifiedNs = 1_700_000_000_123_456_789, UserId = 1000, GroupId = 1000,
            UserName = "anne", GroupName = "anne",
            Content = new Content(ContentKind.Slice, ChunkClass.Standard, [new Piece(chunk, 7, 42)]),
            ExtendedAttributes = [new ExtendedAttribute("user.note"u8.ToArray(), "é"u8.ToArray())],
        },
        new()
        {
            Path = EntryPath.FromSlashes("mairie/lien"u8), Kind = EntryKind.SymbolicLink,
            LinkTarget = "budget.csv"u8.ToArray(),
        },
    ];

    private static void WriteCommit()
    {
        using var device = SigningKey.Generate();
        using var server = SigningKey.Generate();
        using var recovery = HpkePrivateKey.Generate();
        var root = new RecordId(Digest256.Of("root"u8));
        var sealedKey = Hpke.Seal(
            recovery.PublicKey, Commit.SealInfo(Vault, Device, 7, root), [], Digest256.Of("root key"u8).ToArray());
        var commit = new Commit
        {
            Vault = Vault, Device = Device, Sequence = 7, Previous = Digest256.Of("before"u8),
            Started = DateTimeOffset.UnixEpoch.AddDays(20_000), Ended = DateTimeOffset.UnixEpoch.AddDays(20_001),
            Root = root, Counters = new CommitCounters(1, 2, 3, 4, 5, 6), Platform = SourcePlatform.Linux,
            AgentVersion = "0.1.0",
            Recipients =
            [
                new(RecipientRole.Recovery, recovery.PublicKey.KeyId, sealedKey.Encapsulated, sealedKey.Ciphertext),
            ],
        };
        var received = DateTimeOffset.UnixEpoch.AddDays(20_002);
        var receipt = CommitCodec.Countersign(CommitCodec.Sign(commit, device), received, server);
        Write("commit-v1/receipt.bin", receipt.Bytes.ToArray());
        Write("commit-v1/device.point", device.PublicKey.ToArray());
        Write("commit-v1/server.point", server.PublicKey.ToArray());
        Write("commit-v1/recovery.scalar", recovery.Export());
    }

    /// <summary>SHA-256 of a counter, over and over: bytes that anyone can make again.</summary>
    private static byte[] Noise(int length)
    {
        var noise = new byte[length];
        for (var at = 0; at < length; at += 32) SHA256.HashData(BitConverter.GetBytes(at / 32), noise.AsSpan(at));
        return noise;
    }

    private static bool IsWriting => Environment.GetEnvironmentVariable("BEFFROI_WRITE_VECTORS") == "1";

    private static void AssertFrozen(string name, byte[] actual)
    {
        if (IsWriting) Write(name, actual);
        Assert.Equal(Convert.ToHexString(Read(name)), Convert.ToHexString(actual));
    }

    private static byte[] Read(string name) => File.ReadAllBytes(PathOf(name));

    private static void Write(string name, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!); // It has a folder.
        File.WriteAllBytes(PathOf(name), bytes);
    }

    private static string PathOf(string name)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Beffroi.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No Beffroi.slnx above.");
        return Path.Combine(folder, "tests", "conformance", "vectors", name);
    }
}
