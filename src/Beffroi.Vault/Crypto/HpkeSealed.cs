namespace Beffroi.Vault.Crypto;

/// <summary>What <see cref="Hpke.Seal"/> makes: both parts are needed to open it, neither is secret.</summary>
/// <param name="encapsulated">The ephemeral public key ("enc" of RFC 9180), <see cref="Hpke.EncapsulatedBytes"/> bytes.
/// </param>
/// <param name="ciphertext">As long as the plaintext, and <see cref="Hpke.TagBytes"/> more.</param>
public sealed class HpkeSealed(byte[] encapsulated, byte[] ciphertext)
{
    /// <summary>The ephemeral public key, <see cref="Hpke.EncapsulatedBytes"/> bytes ("enc" of RFC 9180).</summary>
    public byte[] Encapsulated { get; } = encapsulated;

    /// <summary>The encrypted bytes with the tag at their end.</summary>
    public byte[] Ciphertext { get; } = ciphertext;
}
