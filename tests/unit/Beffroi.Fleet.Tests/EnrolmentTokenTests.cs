using System.Buffers.Text;
using Beffroi.Protocol;
using Beffroi.Vault;

namespace Beffroi.Fleet.Tests;

public sealed class EnrolmentTokenTests
{
    [Fact]
    public void A_token_reads_back_as_written_with_and_without_an_authority()
    {
        foreach (Digest256? authority in new Digest256?[] { null, Digest256.Of([1, 2, 3]) })
        {
            var token = EnrolmentToken.Create(authority);
            var read = EnrolmentToken.Parse($"  {token.ToText()}\n");

            Assert.Equal(token.SecretHash, read.SecretHash);
            Assert.Equal(authority, read.Authority);
            Assert.Equal(token.ToText(), read.ToText());
        }
    }

    [Fact]
    public void The_layout_is_the_documented_one()
    {
        byte[] secret = [.. Enumerable.Range(100, EnrolmentToken.SecretBytes).Select(value => (byte)value)];
        var text = "bef1." + Base64Url.EncodeToString([1, .. secret, 0]);

        Assert.Equal("bef1.AWRlZmdoaWprbG1ub3BxcnN0dXZ3AA", text);
        Assert.Equal(Digest256.Of(secret), EnrolmentToken.Parse(text).SecretHash);
    }

    [Fact]
    public void Two_tokens_differ()
    {
        Assert.NotEqual(EnrolmentToken.Create(null).SecretHash, EnrolmentToken.Create(null).SecretHash);
    }

    [Fact]
    public void A_token_never_prints_its_secret()
    {
        Assert.Equal("bef1.***", EnrolmentToken.Create(null).ToString());
    }

    [Fact]
    public void Every_other_text_is_refused()
    {
        var good = EnrolmentToken.Create(Digest256.Of([7])).ToText();
        byte[] secret = new byte[EnrolmentToken.SecretBytes];
        string[] bad =
        [
            "", "bef1.", "bef2." + good[5..], good[5..], good[..^1], good + "A", good.Insert(9, " "), good + "=",
            good + "é",
            Token([2, .. secret, 0]),
            Token([1, .. secret, 1]),
            Token([1, .. secret, 2]),
            Token([1, .. secret, 0, .. new byte[32]]),
            Token([1, .. secret, 1, .. new byte[31]]),
            Token([1, .. secret, 1, .. new byte[200]]),
        ];
        foreach (var text in bad)
        {
            Assert.False(EnrolmentToken.TryParse(text, out _), text);
            Assert.Equal(ErrorCode.TokenInvalid, Assert.Throws<VaultException>(() => EnrolmentToken.Parse(text)).Code);
        }
    }

    private static string Token(byte[] bytes) => "bef1." + Base64Url.EncodeToString(bytes);
}
