using System.Buffers.Binary;
using System.Net;
using Beffroi.Vault.Recovery;

namespace Beffroi.Vault.Tests.Recovery;

public sealed class ProquintTests
{
    [Theory] // The examples of arXiv:0901.4016.
    [InlineData("127.0.0.1", "lusab-babad")]
    [InlineData("63.84.220.193", "gutih-tugad")]
    [InlineData("63.118.7.35", "gutuk-bisog")]
    [InlineData("140.98.193.141", "mudof-sakat")]
    [InlineData("64.255.6.200", "haguz-biram")]
    [InlineData("128.30.52.45", "mabiv-gibot")]
    [InlineData("147.67.119.2", "natag-lisaf")]
    [InlineData("212.58.253.68", "tibup-zujah")]
    [InlineData("216.35.68.215", "tobog-higil")]
    [InlineData("216.68.232.21", "todah-vobij")]
    [InlineData("198.81.129.136", "sinid-makam")]
    [InlineData("12.110.110.204", "budov-kuras")]
    public void The_published_examples_are_met(string address, string words) =>
        Assert.Equal(words, Proquint.Encode(IPAddress.Parse(address).GetAddressBytes()));

    [Fact]
    public void Every_word_comes_back_in_either_case()
    {
        Span<byte> bytes = stackalloc byte[2];
        for (var value = 0; value <= ushort.MaxValue; value++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
            var word = Proquint.Encode(bytes);
            Assert.True(Proquint.TryDecode(word, out var lower) && lower == value);
            Assert.True(Proquint.TryDecode(word.ToUpperInvariant(), out var upper) && upper == value);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("lusa")]
    [InlineData("lusabb")]
    [InlineData("lusac")]
    [InlineData("lesab")]
    [InlineData("ulsab")]
    [InlineData("lusa8")]
    [InlineData("luſab")] // The long s, which some comparisons take for an s.
    public void What_is_no_word_is_refused(string word) => Assert.False(Proquint.TryDecode(word, out _));

    [Fact]
    public void Half_a_word_cannot_be_written() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Proquint.Encode(new byte[3]));
}
