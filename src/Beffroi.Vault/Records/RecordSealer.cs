using System.Buffers.Binary;
using System.Security.Cryptography;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Crypto;

namespace Beffroi.Vault.Records;

/// <summary>Makes records: compress, derive the key from the exact message, encrypt, name
/// (docs/format/record.md).</summary>
/// <remarks>Several contents at once, because two thirds of the work is SHA-256 where the processor has no instructions
/// for it, and <see cref="Sha256Batch"/> hashes many messages for little more than the price of one. For one thread at
/// a time.</remarks>
public sealed class RecordSealer(CodecProfile profile, BufferPool pool) : IDisposable
{
    /// <summary>Most contents in one call.</summary>
    public const int BatchMax = 64;

    private const int PrefixBytes = sizeof(uint) + RecordLimits.FixedHeaderBytes;

    private readonly Compressor _compressor = new(profile);
    private readonly byte[] _prefixes = new byte[BatchMax * PrefixBytes];
    private readonly Draft[] _drafts = new Draft[BatchMax];
    private readonly Sha256Message[] _messages = new Sha256Message[BatchMax];
    private readonly Digest256[] _digests = new Digest256[BatchMax];

    /// <summary>Seals contents of files. Takes over their buffers; those of the results belong to the caller.</summary>
    /// <param name="contents">1 to <see cref="BatchMax"/> contents without references.</param>
    /// <param name="records">Receives as many records, in the same order.</param>
    public void Seal(ReadOnlySpan<PlainContent> contents, Span<SealedRecord> records)
    {
        for (var i = 0; i < contents.Length; i++)
        {
            var content = contents[i];
            _drafts[i] = Draw(content.Type, content.Secret, content.Buffer, content.PlainBytes, []);
            _messages[i] = MessageOf(_drafts[i], _prefixes.AsMemory(i * PrefixBytes, PrefixBytes));
        }
        Finish(contents.Length, records);
    }

    /// <summary>Seals one content of the catalogue, whose plain bytes mention other records.</summary>
    /// <param name="type">Segment or chunk list.</param>
    /// <param name="secret">The machine's secret.</param>
    /// <param name="plain">1 to <see cref="RecordLimits.PlainBytesMax"/> bytes.</param>
    /// <param name="references">Ids that the content points at by position, strictly ascending.</param>
    public SealedRecord Seal(
        RecordType type, ConvergenceSecret secret, ReadOnlySpan<byte> plain, IReadOnlyList<RecordId> references)
    {
        ArgumentNullException.ThrowIfNull(references);
        var headerBytes = RecordLimits.FixedHeaderBytes + references.Count * Digest256.Bytes;
        var buffer = pool.Rent(headerBytes + plain.Length);
        plain.CopyTo(buffer.AsSpan(headerBytes));
        _drafts[0] = Draw(type, secret, buffer, plain.Length, references);
        _messages[0] = MessageOf(_drafts[0], new byte[sizeof(uint) + headerBytes]);
        var records = new SealedRecord[1];
        Finish(1, records);
        return records[0];
    }

    /// <inheritdoc/>
    public void Dispose() => _compressor.Dispose();

    private Draft Draw(
        RecordType type, ConvergenceSecret secret, byte[] plainBuffer, int plainBytes,
        IReadOnlyList<RecordId> references)
    {
        var headerBytes = RecordLimits.FixedHeaderBytes + references.Count * Digest256.Bytes;
        var (buffer, payloadBytes) = Encode(plainBuffer, headerBytes, plainBytes);
        var header = new RecordHeader
        {
            Type = type,
            Codec = ReferenceEquals(buffer, plainBuffer) ? CodecProfile.Stored : _compressor.Profile,
            PlainBytes = plainBytes,
            PayloadBytes = payloadBytes,
            Secret = secret.Id,
            References = references,
        };
        header.WriteTo(buffer);
        return new Draft(header, secret, buffer);
    }

    /// <summary>Compresses into another array, or leaves the plain bytes where they are when that does not
    /// pay.</summary>
    private (byte[] Buffer, int PayloadBytes) Encode(byte[] plainBuffer, int headerBytes, int plainBytes)
    {
        var plain = plainBuffer.AsSpan(headerBytes, plainBytes);
        if (Compressor.LooksIncompressible(plain)) return (plainBuffer, plainBytes);
        var buffer = pool.Rent(headerBytes + plainBytes);
        var payloadBytes = _compressor.Compress(plain, buffer.AsSpan(headerBytes, plainBytes));
        pool.Return(payloadBytes == 0 ? buffer : plainBuffer);
        return payloadBytes == 0 ? (plainBuffer, plainBytes) : (buffer, payloadBytes);
    }

    private static Sha256Message MessageOf(Draft draft, Memory<byte> prefix)
    {
        var headerBytes = draft.Header.HeaderBytes;
        BinaryPrimitives.WriteInt32LittleEndian(prefix.Span, headerBytes);
        draft.Buffer.AsSpan(0, headerBytes).CopyTo(prefix.Span[sizeof(uint)..]);
        return new Sha256Message(prefix, draft.Buffer.AsMemory(headerBytes, draft.Header.PayloadBytes));
    }

    private void Finish(int count, Span<SealedRecord> records)
    {
        var digests = _digests.AsSpan(0, count);
        Sha256Batch.HashMany(_messages.AsSpan(0, count), digests);
        Span<Digest256> keys = stackalloc Digest256[count];
        for (var i = 0; i < count; i++)
        {
            var draft = _drafts[i];
            keys[i] = draft.Secret.KeyFor(digests[i]);
            Encrypt(draft.Header, draft.Buffer, keys[i]);
            _messages[i] = new Sha256Message(default, draft.Buffer.AsMemory(0, draft.Header.RecordBytes));
        }
        Sha256Batch.HashMany(_messages.AsSpan(0, count), digests);
        for (var i = 0; i < count; i++)
        {
            var (header, secret, buffer) = _drafts[i];
            records[i] = new SealedRecord(
                new RecordRef(new RecordId(digests[i]), keys[i]), header.Type, secret.Id, buffer, header.RecordBytes,
                header.PlainBytes);
            _drafts[i] = default;
        }
    }

    private static void Encrypt(RecordHeader header, byte[] buffer, Digest256 key)
    {
        var payload = buffer.AsSpan(header.HeaderBytes, header.PayloadBytes);
        using var aes = new AesGcm(key.ToArray(), RecordLimits.TagBytes);
        aes.Encrypt(
            RecordCipher.Nonce, payload, payload,
            buffer.AsSpan(header.HeaderBytes + header.PayloadBytes, RecordLimits.TagBytes),
            buffer.AsSpan(0, header.HeaderBytes));
    }

    private readonly record struct Draft(RecordHeader Header, ConvergenceSecret Secret, byte[] Buffer);
}
