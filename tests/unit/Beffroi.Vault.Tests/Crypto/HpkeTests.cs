using System.Text;
using Beffroi.Vault.Crypto;

namespace Beffroi.Vault.Tests.Crypto;

public sealed class HpkeTests
{
    private static readonly byte[] Info = "beffroi test"u8.ToArray();
    private static readonly byte[] Aad = "bound"u8.ToArray();
    private static readonly byte[] Secret = "thirty-two bytes of a root key.."u8.ToArray();

    [Theory]
    [InlineData("hpke/rfc9180-a3.json")]
    [InlineData("hpke/aes-256-gcm.json")]
    public void Key_material_gives_the_key_pairs_of_the_vectors(string file)
    {
        var keys = VectorFile.Read(file);
        using var ephemeral = DhKem.DeriveKeyPair(keys.Hex("ikmE"));
        using var recipient = DhKem.DeriveKeyPair(keys.Hex("ikmR"));

        Assert.Equal(keys.Hex("skEm"), ephemeral.Export());
        Assert.Equal(keys.Hex("pkEm"), ephemeral.PublicKey.ToArray());
        Assert.Equal(keys.Hex("skRm"), recipient.Export());
        Assert.Equal(keys.Hex("pkRm"), recipient.PublicKey.ToArray());
    }

    [Theory]
    [InlineData("hpke/rfc9180-a3.json")]
    [InlineData("hpke/aes-256-gcm.json")]
    public void The_ephemeral_key_of_the_vectors_seals_to_their_bytes_and_opens_them(string file)
    {
        var keys = VectorFile.Read(file);
        var suite = new HpkeSuite(keys.GetProperty("aeadId").GetUInt16(), keys.GetProperty("aeadKeyBytes").GetInt32());
        using var ephemeral = HpkePrivateKey.Import(keys.Hex("skEm"));
        using var recipient = HpkePrivateKey.Import(keys.Hex("skRm"));
        foreach (var vector in keys.List("vectors"))
        {
            var (info, aad, plaintext) = (vector.Hex("info"), vector.Hex("aad"), vector.Hex("plaintext"));
            var made = Hpke.SealWith(suite, ephemeral, recipient.PublicKey, info, aad, plaintext);

            Assert.Equal(keys.Hex("pkEm"), made.Encapsulated);
            Assert.Equal(vector.Hex("ciphertext"), made.Ciphertext);
            Assert.Equal(plaintext, Hpke.OpenWith(suite, recipient, made.Encapsulated, info, aad, made.Ciphertext));
        }
    }

    [Fact]
    public void What_another_implementation_sealed_opens()
    {
        var file = VectorFile.Read("hpke/sealed-elsewhere.json");
        using var recipient = HpkePrivateKey.Import(file.Hex("skRm"));
        foreach (var vector in file.List("vectors"))
        {
            var opened = Hpke.Open(
                recipient, vector.Hex("encapsulated"), vector.Hex("info"), aad: [], vector.Hex("ciphertext"));
            Assert.Equal(vector.Hex("plaintext"), opened);
        }
    }

    [Fact]
    public void What_is_sealed_opens_whatever_its_length_and_twice_the_same_looks_different()
    {
        using var recipient = HpkePrivateKey.Generate();
        foreach (var length in (int[])[0, 1, 15, 16, 17, 32, 1000, 70_000])
        {
            var plaintext = new byte[length];
            new Random(length).NextBytes(plaintext);
            var first = Hpke.Seal(recipient.PublicKey, Info, Aad, plaintext);
            var second = Hpke.Seal(recipient.PublicKey, Info, Aad, plaintext);

            Assert.Equal(plaintext, Hpke.Open(recipient, first.Encapsulated, Info, Aad, first.Ciphertext));
            Assert.Equal(length + Hpke.TagBytes, first.Ciphertext.Length);
            Assert.NotEqual(first.Encapsulated, second.Encapsulated);
            Assert.NotEqual(first.Ciphertext, second.Ciphertext);
        }
    }

    [Fact]
    public void Any_changed_bit_keeps_it_closed()
    {
        using var recipient = HpkePrivateKey.Generate();
        var made = Hpke.Seal(recipient.PublicKey, Info, Aad, Secret);
        for (var bit = 0; bit < 8 * (made.Encapsulated.Length + made.Ciphertext.Length); bit++)
        {
            byte[] all = [.. made.Encapsulated, .. made.Ciphertext];
            all[bit / 8] ^= (byte)(1 << (bit % 8));
            DemandClosed(() => Hpke.Open(
                recipient, all.AsSpan(..Hpke.EncapsulatedBytes), Info, Aad, all.AsSpan(Hpke.EncapsulatedBytes..)));
        }
    }

    [Fact]
    public void Another_key_info_or_aad_keeps_it_closed()
    {
        using var recipient = HpkePrivateKey.Generate();
        using var stranger = HpkePrivateKey.Generate();
        var made = Hpke.Seal(recipient.PublicKey, Info, Aad, Secret);

        var message = DemandClosed(() => Hpke.Open(stranger, made.Encapsulated, Info, Aad, made.Ciphertext));
        Assert.Contains(stranger.PublicKey.KeyId.ToString(), message, StringComparison.Ordinal);
        DemandClosed(() => Hpke.Open(recipient, made.Encapsulated, Aad, Aad, made.Ciphertext));
        DemandClosed(() => Hpke.Open(recipient, made.Encapsulated, Info, Info, made.Ciphertext));
        DemandClosed(() => Hpke.Open(recipient, made.Encapsulated, [.. Info, .. Aad], [], made.Ciphertext));
    }

    [Fact]
    public void A_cut_seal_is_refused_and_says_so()
    {
        using var recipient = HpkePrivateKey.Generate();
        var made = Hpke.Seal(recipient.PublicKey, Info, Aad, Secret);
        for (var length = 0; length < made.Ciphertext.Length; length++)
            DemandClosed(() => Hpke.Open(recipient, made.Encapsulated, Info, Aad, made.Ciphertext.AsSpan(..length)));
        for (var length = 0; length < made.Encapsulated.Length; length++)
            DemandClosed(() => Hpke.Open(recipient, made.Encapsulated.AsSpan(..length), Info, Aad, made.Ciphertext));

        var message = DemandClosed(() => Hpke.Open(recipient, made.Encapsulated, Info, Aad, new byte[15]));
        Assert.Contains("15 bytes", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_threads_open_with_one_key()
    {
        using var recipient = HpkePrivateKey.Generate();
        var opened = new string[64];
        Parallel.For(0, opened.Length, index =>
        {
            var text = Encoding.UTF8.GetBytes($"secret {index}");
            var made = Hpke.Seal(recipient.PublicKey, Info, Aad, text);
            var plaintext = Hpke.Open(recipient, made.Encapsulated, Info, Aad, made.Ciphertext);
            opened[index] = Encoding.UTF8.GetString(plaintext);
        });
        Assert.Equal(Enumerable.Range(0, opened.Length).Select(index => $"secret {index}"), opened);
    }

    private static string DemandClosed(Func<byte[]> open)
    {
        var failure = Assert.Throws<VaultException>(open);
        Assert.Equal(ErrorCode.SealUnopenable, failure.Code);
        Assert.False(failure.IsRetryable);
        return failure.Message;
    }
}
