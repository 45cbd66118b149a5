using Beffroi.Vault.Catalogue;

namespace Beffroi.Vault.Records;

/// <summary>A content on its way to become a record. Its bytes lie behind room for the header, so that most are sealed
/// in place.</summary>
/// <param name="Type">Chunk or bundle.</param>
/// <param name="Secret">Secret that will derive the key.</param>
/// <param name="Buffer">An array of the pool; the plain bytes start at <see cref="RecordLimits.FixedHeaderBytes"/>. The
/// sealer takes it over.</param>
/// <param name="PlainBytes">How many there are, 1 to <see cref="RecordLimits.PlainBytesMax"/>.</param>
public readonly record struct PlainContent(RecordType Type, ConvergenceSecret Secret, byte[] Buffer, int PlainBytes);

/// <summary>A finished record in memory.</summary>
/// <param name="Ref">Its id, and the key for its parent.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Secret">Secret named in its header.</param>
/// <param name="Buffer">An array of the pool that starts with the record; whoever holds the record returns it.</param>
/// <param name="Bytes">Length of the record.</param>
/// <param name="PlainBytes">Length of its content.</param>
public readonly record struct SealedRecord(
    RecordRef Ref, RecordType Type, SecretId Secret, byte[] Buffer, int Bytes, int PlainBytes)
{
    /// <summary>The record's bytes.</summary>
    public ReadOnlyMemory<byte> Memory => Buffer.AsMemory(0, Bytes);
}
