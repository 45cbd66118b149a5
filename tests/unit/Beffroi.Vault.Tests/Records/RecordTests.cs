using Beffroi.Testing;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Tests.Records;

public sealed class RecordTests : IDisposable
{
    private readonly BufferPool _pool = new();
    private readonly RecordSealer _sealer;
    private readonly RecordOpener _opener;
    private readonly ConvergenceSecret _secret = new(
        new SecretId(Guid.Parse("6f1c0d1e-52a6-4c0b-9a43-111111111111")), new byte[32]);

    public RecordTests()
    {
        _sealer = new RecordSealer(CodecProfile.Default, _pool);
        _opener = new RecordOpener(_pool);
    }

    public void Dispose()
    {
        _sealer.Dispose();
        _opener.Dispose();
    }

    [Fact]
    public void A_sealed_record_opens_to_the_same_bytes()
    {
        var random = Seed.ForThisTest();
        for (var round = 0; round < 60; round++)
        {
            var plain = Content(random, random.Next(1, 200_000));
            var sealedRecord = Seal(plain);
            var opened = _opener.Open(sealedRecord.Buffer, sealedRecord.Bytes, sealedRecord.Ref);
            Assert.Equal(plain, opened.Plain.ToArray());
        }
    }

    [Fact]
    public void Sealing_twice_gives_the_same_record_and_a_batch_gives_the_same_as_one_by_one()
    {
        var random = Seed.ForThisTest();
        var contents = Enumerable.Range(0, 20).Select(_ => Content(random, random.Next(1, 50_000))).ToList();
        var alone = contents.Select(content => Seal(content)).ToList();
        var batch = new SealedRecord[contents.Count];
        _sealer.Seal(contents.Select(content => Plain(content, _secret)).ToArray(), batch);
        for (var i = 0; i < batch.Length; i++)
        {
            Assert.Equal(alone[i].Ref, batch[i].Ref);
            Assert.Equal(alone[i].Memory.ToArray(), batch[i].Memory.ToArray());
        }
    }

    [Fact]
    public void Another_header_is_another_key_even_for_the_same_payload()
    {
        // The fatal variant: one key for two associated data under a constant nonce gives away the authentication key.
        var plain = new byte[1000];
        System.Security.Cryptography.RandomNumberGenerator.Fill(plain);
        var chunk = Seal(plain);
        var bundle = Seal(plain, type: RecordType.Bundle);
        var otherSecretId = Seal(plain, secret: new ConvergenceSecret(SecretId.New(), new byte[32]));
        Assert.Equal(3, new[] { chunk.Ref.Key, bundle.Ref.Key, otherSecretId.Ref.Key }.Distinct().Count());
        Assert.Equal(3, new[] { chunk.Ref.Id, bundle.Ref.Id, otherSecretId.Ref.Id }.Distinct().Count());
    }

    [Fact]
    public void Another_payload_of_the_same_plain_bytes_is_another_key()
    {
        // The other fatal variant: deriving from the plain bytes would give two codecs' payloads one key and nonce.
        var plain = System.Text.Encoding.UTF8.GetBytes(
            string.Concat(Enumerable.Repeat("délibération du conseil municipal ", 400)));
        var keys = new HashSet<Digest256>();
        CodecProfile[] profiles =
            [CodecProfile.Stored, CodecProfile.Brotli(1), CodecProfile.Brotli(4), CodecProfile.Deflate(6)];
        foreach (var profile in profiles)
        {
            using var sealer = new RecordSealer(profile, _pool);
            var records = new SealedRecord[1];
            sealer.Seal([Plain(plain, _secret)], records);
            Assert.True(keys.Add(records[0].Ref.Key), $"{profile} has a key that another codec has");
        }
    }

    [Fact]
    public void Another_secret_is_another_record()
    {
        var plain = new byte[100];
        Assert.NotEqual(Seal(plain).Ref.Id, Seal(plain, secret: ConvergenceSecret.Generate()).Ref.Id);
    }

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        var random = Seed.ForThisTest();
        var record = Seal(Content(random, 300)).Memory.ToArray();
        var reference = Seal(Content(random, 300));
        record = reference.Memory.ToArray();
        for (var at = 0; at < record.Length; at++)
        {
            var copy = record.ToArray();
            copy[at] ^= (byte)(1 << random.Next(8));
            var failure = Assert.Throws<VaultException>(() => _opener.Open(copy, copy.Length, reference.Ref));
            Assert.Equal(ErrorCode.RecordDamaged, failure.Code);
        }
    }

    [Fact]
    public void A_record_under_another_key_does_not_open()
    {
        var record = Seal(new byte[500]);
        var wrong = record.Ref with { Key = Digest256.Of([1]) };
        Assert.Equal(
            ErrorCode.RecordUndecryptable,
            Assert.Throws<VaultException>(() => _opener.Open(record.Buffer, record.Bytes, wrong)).Code);
    }

    [Fact]
    public void Garbage_is_refused_and_never_crashes()
    {
        var random = Seed.ForThisTest();
        var record = Seal(Content(random, 400)).Memory.ToArray();
        for (var round = 0; round < 5000; round++)
        {
            var copy = record.ToArray();
            for (var flips = random.Next(1, 6); flips > 0; flips--) copy[random.Next(48)] = (byte)random.Next(256);
            try
            {
                var header = RecordHeader.Parse(copy.AsSpan(0, random.Next(copy.Length + 1)));
                Assert.InRange(header.PlainBytes, 1, RecordLimits.PlainBytesMax);
                Assert.InRange(header.References.Count, 0, RecordLimits.ReferencesMax);
            }
            catch (VaultException refused)
            {
                Assert.Contains(refused.Code, new[] { ErrorCode.RecordMalformed, ErrorCode.RecordUnsupported });
            }
        }
    }

    [Theory]
    [InlineData(8, 2, ErrorCode.RecordUnsupported)]
    [InlineData(9, 0, ErrorCode.RecordMalformed)]
    [InlineData(9, 5, ErrorCode.RecordMalformed)]
    [InlineData(10, 2, ErrorCode.RecordUnsupported)]
    [InlineData(11, 9, ErrorCode.RecordUnsupported)]
    [InlineData(13, 1, ErrorCode.RecordMalformed)]
    [InlineData(14, 1, ErrorCode.RecordMalformed)]
    [InlineData(23, 0xFF, ErrorCode.RecordMalformed)]
    [InlineData(27, 0xFF, ErrorCode.RecordMalformed)]
    [InlineData(31, 0xFF, ErrorCode.RecordMalformed)]
    public void Fields_out_of_range_are_refused(int offset, byte value, ErrorCode expected)
    {
        var record = Seal(new byte[100]).Memory.ToArray();
        record[offset] = value;
        Assert.Equal(expected, Assert.Throws<VaultException>(() => RecordHeader.Parse(record)).Code);
    }

    private SealedRecord Seal(byte[] plain, RecordType type = RecordType.Chunk, ConvergenceSecret? secret = null)
    {
        var records = new SealedRecord[1];
        _sealer.Seal([Plain(plain, secret ?? _secret) with { Type = type }], records);
        return records[0];
    }

    private PlainContent Plain(byte[] plain, ConvergenceSecret secret)
    {
        var buffer = _pool.Rent(plain.Length);
        plain.CopyTo(buffer.AsSpan(RecordLimits.FixedHeaderBytes));
        return new PlainContent(RecordType.Chunk, secret, buffer, plain.Length);
    }

    /// <summary>Bytes of which half compress well and half not at all.</summary>
    private static byte[] Content(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        if (random.Next(2) == 0) bytes.AsSpan(0, length / 2).Fill((byte)'a');
        return bytes;
    }
}
