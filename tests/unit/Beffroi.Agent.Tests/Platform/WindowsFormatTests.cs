using System.Text;
using Beffroi.Agent.Platform.Windows;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Tests.Platform;

/// <summary>What of the Windows side is pure, so that it can be tested anywhere.</summary>
public sealed class WindowsFormatTests
{
    private static readonly Dictionary<string, string> s_live = [];

    [Theory]
    [InlineData("C:", @"\\?\C:\")]
    [InlineData("C:/Mairie/Zoé", @"\\?\C:\Mairie\Zoé")]
    [InlineData("UNC/server/share/a", @"\\?\UNC\server\share\a")]
    public void A_path_of_an_entry_is_one_of_Windows(string path, string system) =>
        Assert.Equal(system, WindowsPaths.ToSystem(At(path), s_live));

    [Theory]
    [InlineData(@"C:\Mairie\Zoé\", "C:/Mairie/Zoé")]
    [InlineData("C:/a", "C:/a")]
    [InlineData(@"c:\a", "C:/a")]
    [InlineData(@"\\server\share\a", "UNC/server/share/a")]
    [InlineData(@"\\?\c:\a", "C:/a")]
    [InlineData(@"\\?\unc\server\share\a", "UNC/server/share/a")]
    [InlineData(@"C:\to\C%3A\%43ON.txt", "C:/to/C:/CON.txt")]
    public void A_path_of_Windows_is_one_of_an_entry(string system, string path) =>
        Assert.Equal(At(path), WindowsPaths.FromSystem(system));

    [Fact]
    public void A_frozen_volume_stands_for_its_drive()
    {
        var volumes = new Dictionary<string, string> { ["C:"] = @"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy7" };

        Assert.Equal(@"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy7\a", WindowsPaths.ToSystem(At("c:/a"), volumes));
        Assert.Equal(@"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy7\", WindowsPaths.ToSystem(At("C:"), volumes));
        Assert.Equal(@"\\?\D:\a", WindowsPaths.ToSystem(At("D:/a"), volumes));
    }

    [Fact]
    public void A_restored_path_cannot_leave_its_directory()
    {
        Assert.Equal(@"\\?\D:\r\C%3A\a%5C..%5Cb", WindowsPaths.Below(@"\\?\D:\r\", At("C:/a\\..\\b")));
        Assert.Equal(@"\\?\D:\r", WindowsPaths.Below(@"\\?\D:\r", default));
        Assert.Equal(@"\\?\D:\r", WindowsPaths.WithoutLimits(@"D:\r"));
        Assert.Equal(@"\\?\UNC\server\share", WindowsPaths.WithoutLimits(@"\\server\share"));
    }

    [Theory]
    [InlineData(@"C:\target\é", @"C:\target\é", 0)]
    [InlineData(@"\\server\share\x", @"\\server\share\x", 0)]
    [InlineData("../a/b", @"..\a\b", 1)]
    public void A_link_is_written_as_Windows_reads_it(string target, string read, int flags)
    {
        var data = ReparseData.OfLink(Encoding.UTF8.GetBytes(target));

        Assert.Equal(Encoding.UTF8.GetBytes(read), ReparseData.LinkTarget(data));
        Assert.Equal(data.Length - 8, BitConverter.ToUInt16(data, 4));
        Assert.Equal(flags, BitConverter.ToInt32(data, 16));
    }

    [Fact]
    public void Malformed_reparse_data_are_no_link()
    {
        var data = ReparseData.OfLink("C:\\target"u8);
        for (var length = 0; length < data.Length; length++)
            Assert.NotEqual("C:\\target"u8.ToArray(), ReparseData.LinkTarget(data.AsSpan(0, length)));
        Assert.Null(ReparseData.LinkTarget(new byte[20]));
    }

    [Fact]
    public void Times_are_exact_to_100_ns_and_bounded()
    {
        Assert.Equal(0, WindowsStatus.ToNanoseconds(116_444_736_000_000_000));
        Assert.Equal(-(116_444_736_000_000_000L / 2) * 100, WindowsStatus.ToNanoseconds(116_444_736_000_000_000 / 2));
        // 1601 lies before what 64 bits of nanoseconds can say; the catalogue's own bound is nearer still.
        Assert.Equal(long.MinValue, WindowsStatus.ToNanoseconds(1));
        Assert.Equal(long.MaxValue, WindowsStatus.ToNanoseconds(long.MaxValue));
        Assert.Equal(116_444_736_000_000_000 - 1, WindowsStatus.ToFileTime(-1));
        Assert.Equal(116_444_736_000_000_001, WindowsStatus.ToFileTime(199));
    }

    [Fact]
    public void What_a_directory_says_becomes_a_status()
    {
        var record = new DirectoryRecord { Attributes = 0x400, ReparseTag = 0xA000000C, Bytes = 7, FileId = 5 };

        Assert.Equal(EntryKind.SymbolicLink, WindowsStatus.Of(record, 1).Kind);
        Assert.Equal(EntryKind.ReparsePoint, WindowsStatus.Of(record with { ReparseTag = 0xA0000003 }, 1).Kind);
        const uint Deduplicated = 0x80000013;
        Assert.Equal((EntryKind.File, 7L, Deduplicated), Parts(record with { ReparseTag = Deduplicated }));
        Assert.Equal((EntryKind.File, 7L, 0u), Parts(record with { Attributes = 0x20 }));
        Assert.Equal((EntryKind.Directory, 0L, 0u), Parts(record with { Attributes = 0x10 }));
    }

    private static (EntryKind Kind, long Bytes, uint Tag) Parts(DirectoryRecord record)
    {
        var status = WindowsStatus.Of(record, 1);
        return (status.Kind, status.Bytes, status.ReparseTag);
    }

    private static EntryPath At(string path) => EntryPath.FromSlashes(Encoding.UTF8.GetBytes(path));
}
