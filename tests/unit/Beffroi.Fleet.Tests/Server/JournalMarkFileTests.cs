using Beffroi.Identity.Journal;
using Beffroi.Server.Journal;
using Beffroi.Vault;

namespace Beffroi.Fleet.Tests.Server;

/// <summary>What was remembered comes back, and what somebody else wrote does not pass for it.</summary>
public sealed class JournalMarkFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("beffroi-mark").FullName;

    private string File => Path.Combine(_folder, "journal-mark");

    [Fact]
    public void Nothing_is_remembered_before_the_first_time_and_then_the_last_head()
    {
        var mark = new JournalMarkFile(File);
        var before = mark.Read();
        mark.Write(new JournalHead(7, new string('a', 64)));
        mark.Write(new JournalHead(1_234_567, new string('b', 64)));

        Assert.Null(before);
        Assert.Equal(new JournalHead(1_234_567, new string('b', 64)), new JournalMarkFile(File).Read());
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("-7 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("7 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("7 aaaa")]
    public void What_is_no_head_is_refused_by_name(string content)
    {
        System.IO.File.WriteAllText(File, content);

        var refused = Assert.Throws<VaultException>(() => new JournalMarkFile(File).Read());

        Assert.Contains(File, refused.Message, StringComparison.Ordinal);
        Assert.Contains("--accept", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
