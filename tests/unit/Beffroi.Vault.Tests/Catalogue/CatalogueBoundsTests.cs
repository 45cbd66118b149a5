using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Tests.Catalogue;

/// <summary>What a source may hand over and the format cannot say as it is.</summary>
public sealed class CatalogueBoundsTests
{
    [Theory]
    [InlineData(long.MinValue, -8_999_999_999_000_000_000)] // 1677, where a file time of 1601 ends as well.
    [InlineData(-9_000_000_000_000_000_000, -8_999_999_999_000_000_000)]
    [InlineData(-8_999_999_999_000_000_000, -8_999_999_999_000_000_000)]
    [InlineData(-1, -1)]
    [InlineData(8_999_999_999_999_999_999, 8_999_999_999_999_999_999)]
    [InlineData(9_000_000_000_000_000_000, 8_999_999_999_999_999_999)] // 2255.
    [InlineData(long.MaxValue, 8_999_999_999_999_999_999)]
    public void A_time_that_the_format_cannot_say_becomes_the_nearest(long modified, long read)
    {
        var (plain, references) = SegmentCodec.WriteEntries([EntryAt("a") with { ModifiedNs = modified }]);
        Assert.Equal(read, Assert.Single(SegmentCodec.ReadEntries(plain, references)).ModifiedNs);
    }

    [Fact]
    public void Attributes_beyond_an_entry_are_left_out_and_named()
    {
        // 17 of the largest that Linux knows.
        var attributes = Enumerable.Range(0, 17)
            .Select(i => new ExtendedAttribute(Name($"user.{i:D2}"), new byte[64 << 10]))
            .Append(new ExtendedAttribute(Name("user.small"), new byte[10])).ToList();
        var (entry, leftOut) = EntryBounds.Fit(EntryAt("a") with { ExtendedAttributes = attributes });
        Assert.Equal(["user.15", "user.16"], leftOut);
        var (plain, references) = SegmentCodec.WriteEntries([entry]);
        Assert.Equal(16, Assert.Single(SegmentCodec.ReadEntries(plain, references)).ExtendedAttributes.Count);
    }

    [Fact]
    public void Streams_with_more_chunks_than_a_record_may_refer_to_are_left_out_and_named()
    {
        var id = 0;
        var streams = Enumerable.Range(0, 300).Select(i => new AlternateStream(
            $"flux {i:D3}", Content.PiecesMax,
            new Content(ContentKind.Chunks, ChunkClass.Fine, [.. Enumerable.Range(0, Content.PiecesMax).Select(_ =>
                new Piece(new RecordRef(new RecordId(Digest256.Of(BitConverter.GetBytes(id++))), default), 0, 1))])))
            .ToList();
        var whole = EntryAt("a") with { Windows = new WindowsMetadata { Streams = streams } };
        var (entry, leftOut) = EntryBounds.Fit(whole);
        Assert.Equal(streams.Skip(256).Select(stream => stream.Name), leftOut);
        var (plain, references) = SegmentCodec.WriteEntries([entry]);
        Assert.Equal(RecordLimits.ReferencesMax, references.Count);
        Assert.Single(SegmentCodec.ReadEntries(plain, references));
    }

    [Fact]
    public void An_entry_that_fits_stays_the_same()
    {
        var usual = EntryAt("a") with
        {
            ExtendedAttributes = [new(Name("user.a"), new byte[900 << 10])],
            Windows = new WindowsMetadata { Streams = [new AlternateStream("flux", 0, Content.Empty)] },
        };
        var (entry, leftOut) = EntryBounds.Fit(usual);
        Assert.Same(usual, entry);
        Assert.Empty(leftOut);
    }

    [Fact]
    public void A_segment_whose_shared_paths_would_fill_the_memory_is_refused()
    {
        // 90 KB that stand for 164 MB of paths.
        var plain = new MemoryStream();
        plain.Write([1, 0, 0, 0, .. Varint(5000)]); // Version, level, reserved, items.
        var directory = Enumerable.Repeat((byte)'d', 32_000).ToArray();
        for (var i = 0; i < 5000; i++)
        {
            var name = Name($"{i:D4}");
            byte[] suffix = i == 0 ? [.. directory, .. name] : name;
            byte[] body = [
                .. Varint(i == 0 ? 0 : directory.Length), .. Varint(suffix.Length), .. suffix,
                (byte)EntryKind.Fifo, 0, 0, 0, 0, 0, 0, 0,
            ];
            plain.Write([.. Varint(body.Length), .. body]);
        }
        var failure = Assert.Throws<VaultException>(() => SegmentCodec.ReadEntries(plain.ToArray(), []));
        Assert.Equal(ErrorCode.CatalogueMalformed, failure.Code);
        Assert.Contains("paths", failure.Message, StringComparison.Ordinal);
    }

    private static byte[] Varint(int value) =>
        value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];

    private static byte[] Name(string name) => System.Text.Encoding.UTF8.GetBytes(name);

    private static Entry EntryAt(string path) => new()
    {
        Path = EntryPath.FromSlashes(System.Text.Encoding.UTF8.GetBytes(path)),
        Kind = EntryKind.File,
    };
}
