using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Vault.Tests.Stores;

/// <summary>Small files that must outlive a power cut.</summary>
public sealed class DurableFileTests : IDisposable
{
    private readonly DiskFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_file_is_flushed_named_and_its_folder_flushed()
    {
        var durability = new RecordingDurability(_folder.Path);

        Assert.True(DurableFile.WriteNew(_folder.PathOf("key"), [1, 2], durability));

        Assert.Equal(["flush file", "publish key", "flush ."], durability.Calls);
        Assert.Equal(["key"], _folder.Files());
        if (!OperatingSystem.IsWindows())
            Assert.Equal((UnixFileMode)0b110_000_000, File.GetUnixFileMode(_folder.PathOf("key")));
    }

    [Fact]
    public void What_is_there_stays_and_what_is_replaced_is_whole()
    {
        Assert.True(DurableFile.WriteNew(_folder.PathOf("key"), [1, 2]));
        Assert.False(DurableFile.WriteNew(_folder.PathOf("key"), [3]));
        Assert.Equal([1, 2], File.ReadAllBytes(_folder.PathOf("key")));

        DurableFile.Replace(_folder.PathOf("key"), [4]);

        Assert.Equal([4], File.ReadAllBytes(_folder.PathOf("key")));
        Assert.Equal(["key"], _folder.Files());
    }

    [Fact]
    public void A_disk_that_fails_leaves_nothing_behind()
    {
        var durability = new RecordingDurability(_folder.Path)
        {
            Fault = call => call == "flush file" ? new IOException("It is full.") : null,
        };

        Assert.Throws<IOException>(() => DurableFile.WriteNew(_folder.PathOf("key"), [1], durability));

        Assert.Empty(_folder.Files());
    }
}
