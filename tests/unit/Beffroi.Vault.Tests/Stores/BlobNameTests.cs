using Beffroi.Vault.Stores;

namespace Beffroi.Vault.Tests.Stores;

public sealed class BlobNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("t/6f/p/4f/4f09")]
    [InlineData("a.b-c_d/e..")]
    public void A_name_of_allowed_parts_is_kept(string value)
    {
        Assert.True(BlobName.IsValid(value));
        Assert.Equal(value, new BlobName(value).Value);
    }

    [Theory]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("a/.tmp-1")]
    [InlineData("A")]
    [InlineData("a b")]
    [InlineData("a\\b")]
    [InlineData("a:b")]
    [InlineData("é")]
    [InlineData("a\0")]
    public void Anything_else_is_refused(string value)
    {
        Assert.False(BlobName.IsValid(value));
        Assert.Throws<ArgumentException>(() => new BlobName(value));
    }

    [Fact]
    public void Length_is_bounded_in_all_and_part_by_part()
    {
        Assert.False(BlobName.IsValid(""));
        Assert.True(BlobName.IsValid(new string('a', 255)));
        Assert.False(BlobName.IsValid(new string('a', 256)));
        Assert.True(BlobName.IsValid($"{new string('a', 255)}/{new string('a', 254)}/a"));
        Assert.False(BlobName.IsValid($"{new string('a', 255)}/{new string('a', 255)}/a"));
    }

    [Fact]
    public void Names_are_ordered_as_bytes()
    {
        string[] ordered = ["a", "a-b", "a.b", "a/b", "a0", "a_", "aa", "b"];
        var names = ordered.Reverse().Select(value => new BlobName(value));
        Assert.Equal(ordered, names.Order().Select(name => name.Value));
    }
}
