namespace Beffroi.Vault.Crypto;

/// <summary>The ways in which <see cref="Sha256Batch"/> can hash.</summary>
internal enum Sha256Path
{
    /// <summary>The platform's SHA-256, one message after the other.</summary>
    OneByOne,

    /// <summary>Eight lanes with AVX2.</summary>
    Avx2,

    /// <summary>Sixteen lanes with AVX-512, eight when no more messages are left.</summary>
    Avx512,
}
