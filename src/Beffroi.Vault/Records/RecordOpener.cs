using System.Security.Cryptography;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Crypto;

namespace Beffroi.Vault.Records;

/// <summary>A record whose bytes are those that its id names. Only <see cref="RecordOpener.Verify"/> makes
/// one.</summary>
public readonly record struct VerifiedRecord
{
    internal VerifiedRecord(RecordId id, byte[] buffer, int bytes) => (Id, Buffer, Bytes) = (id, buffer, bytes);

    /// <summary>Storage id.</summary>
    public RecordId Id { get; }

    internal byte[] Buffer { get; }

    internal int Bytes { get; }
}

/// <summary>The content of a record, in an array of the pool.</summary>
/// <param name="Header">Its clear part.</param>
/// <param name="Buffer">The array, to be returned to the pool.</param>
/// <param name="Offset">First plain byte.</param>
public readonly record struct OpenedRecord(RecordHeader Header, byte[] Buffer, int Offset)
{
    /// <summary>The plain bytes.</summary>
    public ReadOnlyMemory<byte> Plain => Buffer.AsMemory(Offset, Header.PlainBytes);
}

/// <summary>Verifies, decrypts and decompresses records (docs/format/record.md §4). For one thread at a time.</summary>
public sealed class RecordOpener(BufferPool pool) : IDisposable
{
    private readonly Decompressor _decompressor = new();

    /// <summary>Compares the SHA-256 of records with the ids they were asked by.</summary>
    /// <param name="records">Id, array and length of each.</param>
    /// <param name="verified">Receives as many; <see langword="null"/> for a record whose bytes are not its
    /// id's.</param>
    public static void Verify(
        ReadOnlySpan<(RecordId Id, byte[] Buffer, int Bytes)> records, Span<VerifiedRecord?> verified)
    {
        var messages = new Sha256Message[records.Length];
        var digests = new Digest256[records.Length];
        for (var i = 0; i < records.Length; i++)
            messages[i] = new Sha256Message(default, records[i].Buffer.AsMemory(0, records[i].Bytes));
        Sha256Batch.HashMany(messages, digests);
        for (var i = 0; i < records.Length; i++)
        {
            var (id, buffer, bytes) = records[i];
            verified[i] = digests[i] == id.Value ? new VerifiedRecord(id, buffer, bytes) : null;
        }
    }

    /// <summary>Opens a record with the key that its parent holds. Takes over the record's buffer; the result's is the
    /// caller's.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.RecordMalformed"/>,
    /// <see cref="ErrorCode.RecordUnsupported"/> or <see cref="ErrorCode.RecordUndecryptable"/>; the buffer is then
    /// lost to the pool, which does no harm.</exception>
    public OpenedRecord Open(VerifiedRecord record, Digest256 key)
    {
        var header = RecordHeader.Parse(record.Buffer.AsSpan(0, record.Bytes));
        if (header.RecordBytes != record.Bytes)
            throw RecordHeader.Malformed($"it says {header.RecordBytes} bytes and has {record.Bytes}");
        Decrypt(header, record, key);
        if (header.Codec.Id == CodecId.Stored) return new OpenedRecord(header, record.Buffer, header.HeaderBytes);

        var plain = pool.Rent(header.PlainBytes);
        _decompressor.Decompress(
            header.Codec.Id, record.Buffer.AsSpan(header.HeaderBytes, header.PayloadBytes),
            plain.AsSpan(0, header.PlainBytes));
        pool.Return(record.Buffer);
        return new OpenedRecord(header, plain, 0);
    }

    /// <summary>Verifies and opens one record, for readers that take them one by one.</summary>
    /// <exception cref="VaultException">As <see cref="Open(VerifiedRecord, Digest256)"/>, or
    /// <see cref="ErrorCode.RecordDamaged"/>.</exception>
    public OpenedRecord Open(byte[] buffer, int bytes, RecordRef expected)
    {
        var verified = new VerifiedRecord?[1];
        Verify([(expected.Id, buffer, bytes)], verified);
        return Open(verified[0] ?? throw Damaged(expected.Id), expected.Key);
    }

    /// <inheritdoc/>
    public void Dispose() => _decompressor.Dispose();

    /// <summary>The failure of a record whose bytes are not those of its id.</summary>
    public static VaultException Damaged(RecordId id) => new(ErrorCode.RecordDamaged, retryable: false,
        $"Record {id} is damaged: its bytes are not those that its name stands for. The store or a disk changed them. "
        + "The files that need it cannot be restored; 'beffroi-server admin check --read-data' lists the extent, and "
        + "the next backup of a computer that still has the files stores the record again.");

    /// <summary>The failure of a record whose parent holds another key than the one it was sealed with.</summary>
    internal static VaultException Undecryptable(RecordId id, Exception? cause = null) => new(
        ErrorCode.RecordUndecryptable, retryable: false,
        $"Record {id} does not open with the key that its parent holds: the program that wrote one of the two was "
        + "wrong. The files that need it cannot be restored from this snapshot; try an earlier one.", cause);

    private static void Decrypt(RecordHeader header, VerifiedRecord record, Digest256 key)
    {
        var payload = record.Buffer.AsSpan(header.HeaderBytes, header.PayloadBytes);
        var tag = record.Buffer.AsSpan(header.HeaderBytes + header.PayloadBytes, RecordLimits.TagBytes);
        try
        {
            using var aes = new AesGcm(key.ToArray(), RecordLimits.TagBytes);
            aes.Decrypt(RecordCipher.Nonce, payload, tag, payload, record.Buffer.AsSpan(0, header.HeaderBytes));
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw Undecryptable(record.Id, exception);
        }
    }
}
