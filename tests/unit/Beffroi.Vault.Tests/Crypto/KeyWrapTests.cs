using Beffroi.Vault.Crypto;

namespace Beffroi.Vault.Tests.Crypto;

public sealed class KeyWrapTests
{
    private const string Purpose = "member-key/1";

    private static readonly byte[] WrappingKey = [.. Enumerable.Range(1, 32).Select(value => (byte)value)];
    private static readonly byte[] Secret = "a secret of some length"u8.ToArray();

    [Fact]
    public void The_golden_vectors_are_made_and_opened()
    {
        foreach (var vector in VectorFile.Read("keys/key-wrap.json").List("vectors"))
        {
            var (key, purpose) = (vector.Hex("wrappingKey"), vector.Text("purpose")!);
            var wrapped = KeyWrap.WrapWith(vector.Hex("nonce"), key, purpose, vector.Hex("secret"));

            Assert.Equal(vector.Hex("wrapped"), wrapped);
            Assert.Equal(vector.Hex("secret"), KeyWrap.Open(key, purpose, vector.Hex("wrapped")));
        }
    }

    [Fact]
    public void What_is_wrapped_opens_and_twice_the_same_looks_different()
    {
        foreach (var length in (int[])[1, 32, 33, KeyWrap.SecretBytesMax])
        {
            var secret = new byte[length];
            new Random(length).NextBytes(secret);
            var first = KeyWrap.Wrap(WrappingKey, Purpose, secret);

            Assert.Equal(length + KeyWrap.OverheadBytes, first.Length);
            Assert.Equal(secret, KeyWrap.Open(WrappingKey, Purpose, first));
            Assert.NotEqual(first, KeyWrap.Wrap(WrappingKey, Purpose, secret));
        }
    }

    [Fact]
    public void Any_changed_bit_keeps_it_closed()
    {
        var wrapped = KeyWrap.Wrap(WrappingKey, Purpose, Secret);
        for (var bit = 0; bit < 8 * wrapped.Length; bit++)
        {
            var other = (byte[])wrapped.Clone();
            other[bit / 8] ^= (byte)(1 << (bit % 8));
            DemandClosed(() => KeyWrap.Open(WrappingKey, Purpose, other));
        }
    }

    [Fact]
    public void Another_purpose_or_wrapping_key_keeps_it_closed()
    {
        var wrapped = KeyWrap.Wrap(WrappingKey, Purpose, Secret);
        foreach (var purpose in (string[])["member-key/2", "member-key/", "Member-key/1", "member-key/1 "])
        {
            var message = DemandClosed(() => KeyWrap.Open(WrappingKey, purpose, wrapped));
            Assert.Contains($"'{purpose}'", message, StringComparison.Ordinal);
        }
        DemandClosed(() => KeyWrap.Open(new byte[32], Purpose, wrapped));
    }

    [Fact]
    public void Cut_or_lengthened_bytes_are_refused()
    {
        var wrapped = KeyWrap.Wrap(WrappingKey, Purpose, Secret);
        for (var length = 0; length < wrapped.Length; length++)
            DemandClosed(() => KeyWrap.Open(WrappingKey, Purpose, wrapped.AsSpan(..length)));
        DemandClosed(() => KeyWrap.Open(WrappingKey, Purpose, [.. wrapped, 0]));

        byte[] tooLong = [1, .. new byte[KeyWrap.SecretBytesMax + KeyWrap.OverheadBytes]];
        Assert.Contains(
            "4126 bytes", DemandClosed(() => KeyWrap.Open(WrappingKey, Purpose, tooLong)), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_version_says_so()
    {
        var wrapped = KeyWrap.Wrap(WrappingKey, Purpose, Secret);
        wrapped[0] = 2;
        Assert.Contains(
            "version is 2", DemandClosed(() => KeyWrap.Open(WrappingKey, Purpose, wrapped)), StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_out_of_bounds_are_refused_before_anything_is_made()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => KeyWrap.Wrap(WrappingKey, Purpose, []));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => KeyWrap.Wrap(WrappingKey, Purpose, new byte[KeyWrap.SecretBytesMax + 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => KeyWrap.Wrap(new byte[16], Purpose, Secret));
        Assert.Throws<ArgumentOutOfRangeException>(() => KeyWrap.Wrap(WrappingKey, "", Secret));
        Assert.Throws<ArgumentOutOfRangeException>(() => KeyWrap.Wrap(WrappingKey, new string('é', 128), Secret));
    }

    private static string DemandClosed(Func<byte[]> open)
    {
        var failure = Assert.Throws<VaultException>(open);
        Assert.Equal(ErrorCode.KeyFileMissing, failure.Code);
        Assert.False(failure.IsRetryable);
        return failure.Message;
    }
}
