using System.Security.Cryptography;
using Beffroi.Vault.Chunking;

namespace Beffroi.Vault.Records;

/// <summary>A secret from which the keys of records follow: equal contents under one secret are one record.</summary>
/// <remarks>It decrypts nothing that is stored; but whoever holds it can test guesses of low-entropy
/// contents.</remarks>
public sealed class ConvergenceSecret
{
    /// <summary>Length of a secret.</summary>
    public const int Bytes = 32;

    private readonly byte[] _value;

    /// <summary>Wraps 32 secret bytes.</summary>
    public ConvergenceSecret(SecretId id, ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(value.Length, Bytes);
        Id = id;
        _value = value.ToArray();
    }

    /// <summary>Names the secret in record headers.</summary>
    public SecretId Id { get; }

    /// <summary>A new random secret.</summary>
    public static ConvergenceSecret Generate() => new(SecretId.New(), RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>The 32 bytes, to be kept in an owner-only file.</summary>
    public byte[] Export() => [.. _value];

    /// <summary>Never the secret.</summary>
    public override string ToString() => $"{Id} ***";

    /// <summary>Key of the record whose u32(header length) ‖ header ‖ payload has this SHA-256 (docs/format/record.md
    /// §2).</summary>
    internal Digest256 KeyFor(Digest256 messageDigest)
    {
        Span<byte> message = stackalloc byte[Digest256.Bytes];
        Span<byte> key = stackalloc byte[Digest256.Bytes];
        messageDigest.CopyTo(message);
        HMACSHA256.HashData(_value, message, key);
        return new Digest256(key);
    }

    /// <summary>The table that decides where contents under this secret are cut.</summary>
    internal GearTable CreateGearTable()
    {
        var table = new byte[GearTable.Bytes];
        HKDF.Expand(HashAlgorithmName.SHA256, _value, table, "beffroi gear table v1"u8);
        return new GearTable(table);
    }
}
