using System.Buffers.Binary;
using System.Text;
using Beffroi.Vault.Compression;

namespace Beffroi.Vault.Tests.Compression;

public sealed class CompressionTests
{
    private const byte Sentinel = 0xA5;

    public static TheoryData<CodecProfile> Profiles => new(
        CodecProfile.Zstd(CodecProfile.ZstdLevelMin), CodecProfile.Zstd(-1), CodecProfile.Zstd(1), CodecProfile.Zstd(3),
        CodecProfile.Zstd(CodecProfile.ZstdLevelMax), CodecProfile.Brotli(0), CodecProfile.Brotli(1),
        CodecProfile.Brotli(11), CodecProfile.Deflate(0), CodecProfile.Deflate(1), CodecProfile.Deflate(9),
        CodecProfile.Stored);

    public static TheoryData<CodecProfile> Compressing => new(
        CodecProfile.Zstd(1), CodecProfile.Brotli(1), CodecProfile.Deflate(6));

    [Theory, MemberData(nameof(Profiles))]
    public void What_is_compressed_comes_back(CodecProfile profile)
    {
        var random = new Random(20_001);
        using var compressor = new Compressor(profile);
        using var decompressor = new Decompressor();
        foreach (var length in (int[])[0, 1, 2, 63, 64, 65, 1000, 16_384, 70_001])
            foreach (var plain in Contents(random, length))
                Assert.Equal(plain, RoundTrip(compressor, decompressor, plain));
    }

    [Theory, MemberData(nameof(Compressing))]
    public void A_chunk_of_four_mebibytes_comes_back(CodecProfile profile)
    {
        using var compressor = new Compressor(profile);
        using var decompressor = new Decompressor();
        var plain = Text(new Random(7), 4 * 1024 * 1024);
        var payload = new byte[plain.Length];
        var length = compressor.Compress(plain, payload);

        Assert.InRange(length, 1, plain.Length / 2);
        var back = new byte[plain.Length];
        decompressor.Decompress(profile.Id, payload.AsSpan(0, length), back);
        Assert.True(plain.AsSpan().SequenceEqual(back));
    }

    [Theory, MemberData(nameof(Compressing))]
    public void The_same_content_gives_the_same_payload_whatever_came_before(CodecProfile profile)
    {
        var plain = Text(new Random(1), 50_000);
        using var fresh = new Compressor(profile);
        using var used = new Compressor(profile);
        for (var round = 0; round < 5; round++) used.Compress(Text(new Random(round), 90_000), new byte[90_000]);

        Assert.Equal(Payload(fresh, plain), Payload(used, plain));
    }

    [Theory, MemberData(nameof(Compressing))]
    public void What_gains_nothing_is_left_to_be_stored(CodecProfile profile)
    {
        var plain = new byte[100_000];
        new Random(3).NextBytes(plain);
        using var compressor = new Compressor(profile);

        Assert.Equal(0, compressor.Compress(plain, new byte[200_000]));
        Assert.Equal(0, compressor.Compress([], new byte[100]));
    }

    [Theory, MemberData(nameof(Compressing))]
    public void What_does_not_fit_is_refused_and_nothing_is_written_behind(CodecProfile profile)
    {
        var plain = Text(new Random(4), 60_000);
        using var compressor = new Compressor(profile);
        var whole = compressor.Compress(plain, new byte[plain.Length]);
        foreach (var room in (int[])[0, 1, 17, whole / 2, whole - 1])
        {
            var buffer = Filled(room + 64);
            Assert.Equal(0, compressor.Compress(plain, buffer.AsSpan(0, room)));
            Assert.Equal(-1, buffer.AsSpan(room).IndexOfAnyExcept(Sentinel));
        }
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Another_length_than_the_contents_is_refused(CodecProfile profile)
    {
        var plain = Text(new Random(5), 20_000);
        using var compressor = new Compressor(profile);
        using var decompressor = new Decompressor();
        var (codec, payload) = Encode(compressor, plain);
        foreach (var wrong in (int[])[0, 1, plain.Length - 1, plain.Length + 1, plain.Length * 3])
        {
            var buffer = Filled(wrong + 64);
            var failure = Assert.Throws<VaultException>(() =>
                decompressor.Decompress(codec, payload, buffer.AsSpan(0, wrong)));
            Assert.Equal(ErrorCode.RecordMalformed, failure.Code);
            Assert.Equal(-1, buffer.AsSpan(wrong).IndexOfAnyExcept(Sentinel));
        }
    }

    [Theory, MemberData(nameof(Compressing))]
    public void A_truncated_payload_is_refused(CodecProfile profile)
    {
        var plain = Text(new Random(6), 2_000);
        using var compressor = new Compressor(profile);
        using var decompressor = new Decompressor();
        var payload = Payload(compressor, plain);
        // The last bytes of a Deflate stream may be only its end mark: the content is whole without them.
        var lengthMax = profile.Id == CodecId.Deflate ? payload.Length - 4 : payload.Length;
        for (var length = 0; length < lengthMax; length++)
        {
            var part = payload.AsSpan(0, length).ToArray();
            AssertMalformed(decompressor, profile.Id, part, plain.Length);
        }
    }

    [Theory, MemberData(nameof(Compressing))]
    public void A_damaged_payload_never_writes_outside(CodecProfile profile)
    {
        var random = new Random(8);
        var plain = Text(random, 3_000);
        using var compressor = new Compressor(profile);
        using var decompressor = new Decompressor();
        var payload = Payload(compressor, plain);
        var refused = 0;
        for (var round = 0; round < 1_000; round++)
        {
            var damaged = payload.ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                damaged[random.Next(damaged.Length)] ^= (byte)random.Next(1, 256);
            if (!TryWithin(decompressor, profile.Id, damaged, plain.Length)) refused++;
        }
        Assert.InRange(refused, 150, 1_000);
        Assert.Equal(plain, RoundTrip(compressor, decompressor, plain)); // The context survived all of it.
    }

    [Theory, MemberData(nameof(Compressing))]
    public void Garbage_is_refused(CodecProfile profile)
    {
        var random = new Random(9);
        using var decompressor = new Decompressor();
        for (var round = 0; round < 500; round++)
        {
            var garbage = new byte[random.Next(0, 300)];
            random.NextBytes(garbage);
            if (round % 2 == 0 && garbage.Length >= 4) BinaryPrimitives.WriteUInt32LittleEndian(garbage, 0xFD2FB528);
            AssertMalformed(decompressor, profile.Id, garbage, 70_001);
        }
    }

    [Theory, MemberData(nameof(Compressing))]
    public void A_bomb_is_refused_without_memory_in_proportion(CodecProfile profile)
    {
        var payload = Bomb(profile, 32 * 1024 * 1024);
        using var decompressor = new Decompressor();
        AssertMalformed(decompressor, profile.Id, payload, 1000); // Warm: contexts and tables are allocated once.
        var before = GC.GetAllocatedBytesForCurrentThread();

        AssertMalformed(decompressor, profile.Id, payload, 1000);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 * 1024);
    }

    [Fact]
    public void Bytes_behind_the_stream_are_refused()
    {
        using var decompressor = new Decompressor();
        foreach (var profile in (CodecProfile[])[CodecProfile.Zstd(1), CodecProfile.Brotli(1), CodecProfile.Deflate(6)])
        {
            using var compressor = new Compressor(profile);
            var plain = Text(new Random(10), 2_000);
            AssertMalformed(decompressor, profile.Id, [.. Payload(compressor, plain), 0], plain.Length);
        }
    }

    [Fact]
    public void A_zstd_frame_that_hides_its_content_size_is_refused()
    {
        // Magic, descriptor 0x00 (no content size, one byte of window), window, one raw last block "abc".
        byte[] frame = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58, 0x19, 0x00, 0x00, (byte)'a', (byte)'b', (byte)'c'];
        using var decompressor = new Decompressor();
        AssertMalformed(decompressor, CodecId.Zstd, frame, 3);
    }

    [Fact]
    public void An_unknown_codec_is_unsupported_not_malformed()
    {
        using var decompressor = new Decompressor();
        var failure = Assert.Throws<VaultException>(() => decompressor.Decompress((CodecId)4, [1, 2, 3], new byte[3]));
        Assert.Equal(ErrorCode.RecordUnsupported, failure.Code);
    }

    [Fact]
    public void Codecs_and_levels_out_of_range_are_refused()
    {
        CodecProfile[] wrong =
        [
            new(CodecId.Zstd, -8, 0), new(CodecId.Zstd, 20, 0), new(CodecId.Brotli, -1, 0), new(CodecId.Brotli, 12, 0),
            new(CodecId.Deflate, -1, 0), new(CodecId.Deflate, 10, 0), new(CodecId.Stored, 1, 0), new((CodecId)9, 0, 0),
        ];
        foreach (var profile in wrong) Assert.Throws<ArgumentOutOfRangeException>(() => new Compressor(profile));
    }

    [Fact]
    public void The_default_is_zstd_where_the_system_has_it()
    {
        Assert.Equal(Zstd.IsAvailable ? CodecId.Zstd : CodecId.Brotli, CodecProfile.Default.Id);
        Assert.True(CodecProfile.Default.IsValid);
        Assert.Equal(Zstd.IsAvailable, Zstd.Version >= 10_400);
    }

    [Fact]
    public void Random_bytes_look_incompressible_and_text_code_and_base64_do_not()
    {
        var random = new byte[200_000];
        new Random(11).NextBytes(random);
        var half = random.ToArray();
        half.AsSpan(half.Length / 2).Clear();

        Assert.True(Compressor.LooksIncompressible(random));
        Assert.False(Compressor.LooksIncompressible(half));
        Assert.False(Compressor.LooksIncompressible(Text(new Random(12), 200_000)));
        Assert.False(Compressor.LooksIncompressible(Encoding.ASCII.GetBytes(Convert.ToBase64String(random))));
        Assert.False(Compressor.LooksIncompressible(File.ReadAllBytes(typeof(CompressionTests).Assembly.Location)));
        Assert.False(Compressor.LooksIncompressible(random.AsSpan(0, 16_383)));
    }

    [Fact]
    public void What_looks_incompressible_gains_almost_nothing()
    {
        var random = new Random(13);
        using var compressor = new Compressor(CodecProfile.Default);
        for (var round = 0; round < 40; round++)
        {
            var plain = new byte[random.Next(16_384, 400_000)];
            random.NextBytes(plain);
            // From nothing to everything is text; somewhere between, the answer turns.
            Text(random, plain.Length / 40 * round).CopyTo(plain, 0);
            if (!Compressor.LooksIncompressible(plain)) continue;
            var length = compressor.Compress(plain, new byte[plain.Length]);
            Assert.True(length == 0 || length > plain.Length * 0.60, $"round {round}: {length} of {plain.Length}");
        }
    }

    private static void AssertMalformed(Decompressor decompressor, CodecId codec, byte[] payload, int plainLength)
    {
        var failure = Assert.Throws<VaultException>(() =>
            decompressor.Decompress(codec, payload, new byte[plainLength]));
        Assert.Equal(ErrorCode.RecordMalformed, failure.Code);
    }

    private static bool TryWithin(Decompressor decompressor, CodecId codec, byte[] payload, int plainLength)
    {
        var buffer = Filled(plainLength + 128);
        try
        {
            decompressor.Decompress(codec, payload, buffer.AsSpan(64, plainLength));
            return true;
        }
        catch (VaultException failure)
        {
            Assert.Equal(ErrorCode.RecordMalformed, failure.Code);
            return false;
        }
        finally
        {
            Assert.Equal(-1, buffer.AsSpan(0, 64).IndexOfAnyExcept(Sentinel));
            Assert.Equal(-1, buffer.AsSpan(64 + plainLength).IndexOfAnyExcept(Sentinel));
        }
    }

    private static byte[] Bomb(CodecProfile profile, int bytes)
    {
        using var compressor = new Compressor(profile);
        var payload = Payload(compressor, new byte[bytes]);
        Assert.InRange(payload.Length, 1, bytes / 500);
        return payload;
    }

    private static byte[] Payload(Compressor compressor, byte[] plain)
    {
        var buffer = new byte[plain.Length];
        return buffer[..compressor.Compress(plain, buffer)];
    }

    private static (CodecId Codec, byte[] Payload) Encode(Compressor compressor, byte[] plain)
    {
        var payload = Payload(compressor, plain);
        return payload.Length == 0 ? (CodecId.Stored, plain) : (compressor.Profile.Id, payload);
    }

    private static byte[] RoundTrip(Compressor compressor, Decompressor decompressor, byte[] plain)
    {
        var (codec, payload) = Encode(compressor, plain);
        var back = new byte[plain.Length];
        decompressor.Decompress(codec, payload, back);
        return back;
    }

    private static IEnumerable<byte[]> Contents(Random random, int length)
    {
        var noise = new byte[length];
        random.NextBytes(noise);
        return [noise, new byte[length], Text(random, length)];
    }

    private static byte[] Filled(int length)
    {
        var buffer = new byte[length];
        buffer.AsSpan().Fill(Sentinel);
        return buffer;
    }

    private static byte[] Text(Random random, int length)
    {
        string[] words = ["délibération", "du", "conseil", "municipal", "le", "budget", "voirie", "2026", ";", "\n"];
        var text = new StringBuilder();
        while (text.Length < length)
            text.Append(words[random.Next(words.Length)]).Append(' ').Append(random.Next(1000));
        return Encoding.UTF8.GetBytes(text.ToString())[..length];
    }
}
