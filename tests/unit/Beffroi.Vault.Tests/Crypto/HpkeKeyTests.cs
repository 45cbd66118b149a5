using System.Security.Cryptography;
using Beffroi.Vault.Crypto;

namespace Beffroi.Vault.Tests.Crypto;

public sealed class HpkeKeyTests
{
    private const string Order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    private const string Prime = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";

    [Fact]
    public void An_exported_key_comes_back_as_itself()
    {
        for (var round = 0; round < 50; round++)
        {
            using var key = HpkePrivateKey.Generate();
            var scalar = key.Export();
            using var again = HpkePrivateKey.Import(scalar);

            Assert.Equal(32, scalar.Length);
            Assert.Equal(scalar, again.Export());
            Assert.Equal(key.PublicKey, again.PublicKey);
        }
    }

    [Fact]
    public void The_scalar_one_is_the_generator_and_keeps_its_leading_zeros()
    {
        byte[] one = [.. new byte[31], 1];
        using var key = HpkePrivateKey.Import(one);

        Assert.Equal(
            "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
            + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
            Convert.ToHexStringLower(key.PublicKey.Point));
        Assert.Equal(one, key.Export());
    }

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData(Order)]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("000000000000000000000000000000000000000000000000000000000000000001")]
    public void A_scalar_out_of_range_is_refused(string hex) =>
        Assert.Throws<FormatException>(() => HpkePrivateKey.Import(Convert.FromHexString(hex)).Dispose());

    [Fact]
    public void A_public_key_that_is_no_point_of_the_curve_is_refused()
    {
        using var key = HpkePrivateKey.Generate();
        var point = key.PublicKey.ToArray();
        for (var bit = 0; bit < 8 * point.Length; bit++)
        {
            var other = key.PublicKey.ToArray();
            other[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(HpkePublicKey.TryImport(other, out _));
        }
        Assert.False(HpkePublicKey.TryImport(new byte[65], out _));
        Assert.False(HpkePublicKey.TryImport([0x00], out _)); // How SEC 1 writes the point at infinity.
        Assert.False(HpkePublicKey.TryImport([.. point, 0], out _));
        Assert.Throws<FormatException>(() => HpkePublicKey.Import(point.AsSpan(..64)));
    }

    [Fact]
    public void A_coordinate_is_refused_when_it_is_not_reduced()
    {
        // x = 0 is on P-256; x = p says the same number with other bytes, which would be a second id for one key.
        const string Y = "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4";
        Assert.True(HpkePublicKey.TryImport(Convert.FromHexString("04" + new string('0', 64) + Y), out _));
        Assert.False(HpkePublicKey.TryImport(Convert.FromHexString("04" + Prime + Y), out _));
    }

    [Fact]
    public void Keys_are_equal_by_their_point_and_named_by_its_hash()
    {
        using var first = HpkePrivateKey.Generate();
        using var second = HpkePrivateKey.Generate();
        var copy = HpkePublicKey.Import(first.PublicKey.Point);

        Assert.Equal(first.PublicKey, copy);
        Assert.Equal(first.PublicKey.GetHashCode(), copy.GetHashCode());
        Assert.NotEqual(first.PublicKey, second.PublicKey);
        Assert.Equal(SHA256.HashData(copy.Point)[..16], copy.KeyId.ToArray());
        Assert.Equal(copy.KeyId, KeyId.Parse(copy.KeyId.ToString().ToUpperInvariant()));
        Assert.Throws<FormatException>(() => KeyId.Parse("00"));
    }

    [Fact]
    public void A_private_key_does_not_print_itself()
    {
        using var key = HpkePrivateKey.Generate();
        var start = Convert.ToHexStringLower(key.Export())[..16];
        Assert.DoesNotContain(start, key.ToString(), StringComparison.OrdinalIgnoreCase);
    }
}
