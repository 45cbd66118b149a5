namespace Beffroi.Vault.Records;

/// <summary>What sealing and opening must agree on.</summary>
internal static class RecordCipher
{
    /// <summary>Twelve zero bytes. Safe because a key meets one (header, payload) pair only (docs/format/record.md
    /// §2).</summary>
    internal static ReadOnlySpan<byte> Nonce => new byte[12];
}
