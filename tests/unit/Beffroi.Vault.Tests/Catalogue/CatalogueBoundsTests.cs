using Beffroi.Vault.Catalogue;

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

    private static Entry EntryAt(string path) => new()
    {
        Path = EntryPath.FromSlashes(System.Text.Encoding.UTF8.GetBytes(path)),
        Kind = EntryKind.File,
    };
}
