using System.Security.Cryptography;
using Beffroi.Vault.Crypto;

namespace Beffroi.Vault.Tests.Crypto;

public sealed class SigningKeyTests
{
    private static readonly byte[] Data = "what was signed"u8.ToArray();

    [Fact]
    public void The_signatures_of_rfc_6979_verify_and_the_key_has_the_id_of_the_format()
    {
        var file = VectorFile.Read("keys/signature.json");
        var key = VerifyingKey.Import(file.Hex("publicKey"));
        var vectors = file.List("vectors");

        Assert.Equal(file.Text("keyId"), key.KeyId.ToString());
        foreach (var vector in vectors) Assert.True(key.Verify(vector.Hex("data"), vector.Hex("signature")));
        Assert.False(key.Verify(vectors[0].Hex("data"), vectors[1].Hex("signature")));
    }

    [Fact]
    public void The_platform_verifies_what_was_signed()
    {
        using var key = SigningKey.Generate();
        using var platform = ECDsa.Create();
        platform.ImportPkcs8PrivateKey(key.ExportPkcs8(), out _);
        var signature = key.Sign(Data);

        Assert.Equal(VerifyingKey.SignatureBytes, signature.Length);
        Assert.True(platform.VerifyData(Data, signature, HashAlgorithmName.SHA256));
        Assert.True(key.PublicKey.Verify(Data, platform.SignData(Data, HashAlgorithmName.SHA256)));
    }

    [Fact]
    public void Any_changed_bit_or_length_of_a_signature_fails()
    {
        using var key = SigningKey.Generate();
        var signature = key.Sign(Data);
        for (var bit = 0; bit < 8 * signature.Length; bit++)
        {
            var other = (byte[])signature.Clone();
            other[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(key.PublicKey.Verify(Data, other));
        }
        for (var length = 0; length < signature.Length; length++)
            Assert.False(key.PublicKey.Verify(Data, signature.AsSpan(..length)));
        Assert.False(key.PublicKey.Verify(Data, [.. signature, 0]));
        Assert.False(key.PublicKey.Verify([.. Data, 0], signature));
    }

    [Fact]
    public void A_signature_of_zeros_or_above_the_order_fails_without_an_exception()
    {
        using var key = SigningKey.Generate();
        var signature = key.Sign(Data);
        byte[] ones = [.. Enumerable.Repeat((byte)0xff, 32)];

        Assert.False(key.PublicKey.Verify(Data, new byte[64]));
        Assert.False(key.PublicKey.Verify(Data, [.. ones, .. ones]));
        Assert.False(key.PublicKey.Verify(Data, [.. signature[..32], .. new byte[32]]));
        Assert.False(key.PublicKey.Verify(Data, [.. ones, .. signature[32..]]));
    }

    [Fact]
    public void Another_key_does_not_verify()
    {
        using var key = SigningKey.Generate();
        using var stranger = SigningKey.Generate();
        Assert.False(stranger.PublicKey.Verify(Data, key.Sign(Data)));
        Assert.NotEqual(stranger.PublicKey, key.PublicKey);
    }

    [Fact]
    public void An_exported_key_comes_back_as_itself()
    {
        using var key = SigningKey.Generate();
        using var again = SigningKey.ImportPkcs8(key.ExportPkcs8());
        Assert.Equal(key.PublicKey, again.PublicKey);
        Assert.True(key.PublicKey.Verify(Data, again.Sign(Data)));
        Assert.Equal(key.PublicKey, VerifyingKey.Import(again.PublicKey.Point));
    }

    [Fact]
    public void Only_a_whole_private_key_of_the_curve_is_imported()
    {
        using var key = SigningKey.Generate();
        using var larger = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        using var platform = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var spelledOut = ECDsa.Create(platform.ExportExplicitParameters(includePrivateParameters: true));
        byte[][] refused = [[], [0x30], larger.ExportPkcs8PrivateKey(), rsa.ExportPkcs8PrivateKey(),
            spelledOut.ExportPkcs8PrivateKey(),
            [.. key.ExportPkcs8(), 0], key.ExportPkcs8()[..^1]];
        foreach (var bytes in refused)
            Assert.Throws<FormatException>(() => SigningKey.ImportPkcs8(bytes).Dispose());
    }

    [Fact]
    public void A_point_off_the_curve_verifies_nothing_because_it_is_no_key()
    {
        using var key = SigningKey.Generate();
        var point = key.PublicKey.ToArray();
        point[64] ^= 1;
        Assert.False(VerifyingKey.TryImport(point, out _));
        Assert.Throws<FormatException>(() => VerifyingKey.Import(point));
    }
}
