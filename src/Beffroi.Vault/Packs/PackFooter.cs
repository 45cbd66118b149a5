using System.Buffers.Binary;
using Beffroi.Vault.Records;
using Beffroi.Vault.Wire;

namespace Beffroi.Vault.Packs;

/// <summary>Where a record lies in its pack.</summary>
/// <param name="Id">Storage id.</param>
/// <param name="Offset">First byte, from the start of the pack.</param>
/// <param name="Bytes">Length.</param>
/// <param name="Type">What the record holds.</param>
/// <param name="Secret">Secret that its header names.</param>
public readonly record struct PackEntry(RecordId Id, int Offset, int Bytes, RecordType Type, SecretId Secret);

/// <summary>The list at the end of a pack, and the bytes that frame it (docs/format/pack.md).</summary>
public sealed record PackFooter(PackKind Kind, Digest256 HeaderDigest, IReadOnlyList<PackEntry> Entries)
{
    private const byte Version = 1;

    private static ReadOnlySpan<byte> HeaderMagic => [0x21, 0x26, 0xce, 0xd0, 0xbd, 0xdf, 0x89, 0x8d];

    private static ReadOnlySpan<byte> FooterMagic => [0x02, 0x0c, 0x44, 0x59, 0xd0, 0xfc, 0x3c, 0x18];

    private static ReadOnlySpan<byte> EndMagic => [0x44, 0x46, 0x63, 0x7c, 0x9d, 0x0d, 0x7b, 0x8d];

    /// <summary>Offset of the byte after the last record, where the footer starts.</summary>
    public int RecordsEnd => Entries.Count == 0 ? PackLimits.HeaderBytes : Entries[^1].Offset + Entries[^1].Bytes;

    /// <summary>The 32 bytes that start a pack.</summary>
    internal static byte[] WriteHeader(PackKind kind, VaultId vault)
    {
        var writer = new ByteWriter(PackLimits.HeaderBytes);
        writer.Bytes(HeaderMagic);
        writer.U8(Version);
        writer.U8((byte)kind);
        writer.Zeros(6);
        writer.Uuid(vault.Value);
        return writer.ToArray();
    }

    /// <summary>Reads the start of a pack.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.PackMalformed"/>.</exception>
    internal static (PackKind Kind, VaultId Vault) ParseHeader(ReadOnlyMemory<byte> header)
    {
        var reader = new ByteReader(header, ErrorCode.PackMalformed, "a pack header");
        reader.Magic(HeaderMagic);
        var kind = ReadVersionAndKind(ref reader);
        reader.Zeros(6);
        return (kind, new VaultId(reader.Uuid()));
    }

    /// <summary>The footer's bytes, whose SHA-256 is the pack's id.</summary>
    internal byte[] Write()
    {
        var secrets = Entries.Select(entry => entry.Secret).Distinct()
            .OrderBy(id => id.Value.ToByteArray(bigEndian: true), ByteOrder)
            .ToList();
        var writer = new ByteWriter(
            PackLimits.FooterFixedBytes + secrets.Count * 16 + Entries.Count * PackLimits.EntryBytes);
        writer.Bytes(FooterMagic);
        writer.U8(Version);
        writer.U8((byte)Kind);
        writer.U16(secrets.Count);
        writer.U32((uint)Entries.Count);
        writer.Digest(HeaderDigest);
        foreach (var secret in secrets) writer.Uuid(secret.Value);
        foreach (var entry in Entries)
        {
            writer.Digest(entry.Id.Value);
            writer.U32((uint)entry.Offset);
            writer.U32((uint)entry.Bytes);
            writer.U8((byte)entry.Type);
            writer.U8(secrets.IndexOf(entry.Secret));
            writer.U16(0);
        }
        return writer.ToArray();
    }

    /// <summary>The 12 bytes after the footer.</summary>
    internal static byte[] WriteEnd(int footerBytes)
    {
        var end = new byte[PackLimits.EndBytes];
        BinaryPrimitives.WriteInt32LittleEndian(end, footerBytes);
        EndMagic.CopyTo(end.AsSpan(sizeof(int)));
        return end;
    }

    /// <summary>Length of the footer, from the last 12 bytes of a pack.</summary>
    /// <param name="end">The last <see cref="PackLimits.EndBytes"/> bytes.</param>
    /// <param name="packBytes">Length of the whole pack.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.PackMalformed"/> or
    /// <see cref="ErrorCode.PackLengthWrong"/>.</exception>
    public static int ParseEnd(ReadOnlySpan<byte> end, long packBytes)
    {
        if (end.Length != PackLimits.EndBytes || !end[sizeof(int)..].SequenceEqual(EndMagic))
            throw WrongLength(packBytes, "it does not end as a pack does: it was cut, or bytes follow its end");
        var bytes = BinaryPrimitives.ReadUInt32LittleEndian(end);
        var least = PackLimits.FooterFixedBytes + 16 + PackLimits.EntryBytes;
        return bytes >= least && bytes <= packBytes - PackLimits.HeaderBytes - PackLimits.EndBytes
            && bytes <= PackLimits.TailBytesMax
            ? (int)bytes
            : throw WrongLength(packBytes, $"it says that its footer has {bytes} bytes");
    }

    /// <summary>Reads and checks a footer.</summary>
    /// <param name="footer">Exactly the footer's bytes.</param>
    /// <param name="packBytes">Length of the whole pack, against which the offsets are checked.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.PackMalformed"/> or
    /// <see cref="ErrorCode.PackLengthWrong"/>.</exception>
    public static PackFooter Parse(ReadOnlyMemory<byte> footer, long packBytes)
    {
        var reader = new ByteReader(footer, ErrorCode.PackMalformed, "a pack footer");
        reader.Magic(FooterMagic);
        var kind = ReadVersionAndKind(ref reader);
        if (packBytes > PackLimits.BytesMax(kind))
            throw WrongLength(packBytes, $"the limit is {PackLimits.BytesMax(kind)}");
        var secretCount = reader.U16();
        var recordCount = reader.U32();
        if (secretCount is 0 or > PackLimits.SecretsMax) throw reader.Refuse($"it has {secretCount} secrets");
        if (recordCount is 0 or > PackLimits.RecordsMax) throw reader.Refuse($"it has {recordCount} records");
        var digest = reader.Digest();
        var secrets = ReadSecrets(ref reader, secretCount);
        var entries = ReadEntries(ref reader, kind, secrets, (int)recordCount);
        reader.End();
        var parsed = new PackFooter(kind, digest, entries);
        if (parsed.RecordsEnd + footer.Length + PackLimits.EndBytes != packBytes)
            throw WrongLength(packBytes, $"its parts make {parsed.RecordsEnd + footer.Length + PackLimits.EndBytes}");
        return parsed;
    }

    private static PackKind ReadVersionAndKind(ref ByteReader reader)
    {
        var version = reader.U8();
        if (version != Version) throw reader.Refuse($"version {version} is not known");
        var kind = (PackKind)reader.U8();
        return kind is PackKind.Data or PackKind.Catalogue
            ? kind
            : throw reader.Refuse($"kind {(byte)kind} is not known");
    }

    private static SecretId[] ReadSecrets(ref ByteReader reader, int count)
    {
        var secrets = new SecretId[count];
        ReadOnlySpan<byte> previous = default;
        for (var i = 0; i < count; i++)
        {
            var bytes = reader.Bytes(16).Span;
            if (i > 0 && bytes.SequenceCompareTo(previous) <= 0) throw reader.Refuse("its secrets are not in order");
            previous = bytes;
            secrets[i] = new SecretId(new Guid(bytes, bigEndian: true));
        }
        return secrets;
    }

    private static PackEntry[] ReadEntries(ref ByteReader reader, PackKind kind, SecretId[] secrets, int count)
    {
        var entries = new PackEntry[count];
        var seen = new HashSet<RecordId>(count);
        var used = new bool[secrets.Length];
        var expected = PackLimits.HeaderBytes;
        for (var i = 0; i < count; i++)
        {
            var id = new RecordId(reader.Digest());
            var (offset, bytes) = (reader.U32(), reader.U32());
            var (type, secret) = ((RecordType)reader.U8(), reader.U8());
            reader.Zeros(2);
            if (offset != expected) throw reader.Refuse($"record {i} starts at {offset}, not at {expected}");
            if (bytes is < RecordLimits.RecordBytesMin or > RecordLimits.RecordBytesMax)
                throw reader.Refuse($"record {i} has {bytes} bytes");
            if (!Belongs(type, kind)) throw reader.Refuse($"record {i} is of type {(byte)type}");
            if (secret >= secrets.Length) throw reader.Refuse($"record {i} names secret {secret} of {secrets.Length}");
            if (!seen.Add(id)) throw reader.Refuse($"record {id} is listed twice");
            used[secret] = true;
            entries[i] = new PackEntry(id, (int)offset, (int)bytes, type, secrets[secret]);
            expected += (int)bytes;
            if (expected > PackLimits.BytesMax(kind))
                throw reader.Refuse($"record {i} ends beyond the limit of a pack");
        }
        return used.Contains(false) ? throw reader.Refuse("it lists a secret that no record uses") : entries;
    }

    private static bool Belongs(RecordType type, PackKind kind) =>
        type is >= RecordType.Chunk and <= RecordType.Segment && type.IsCatalogue() == (kind == PackKind.Catalogue);

    internal static VaultException WrongLength(long packBytes, string why) =>
        new(ErrorCode.PackLengthWrong, retryable: false,
            $"A pack of {packBytes} bytes has the wrong length: {why}. The upload or the copy was cut or mixed up; "
            + "send it again.");

    private static readonly Comparer<byte[]> ByteOrder = Comparer<byte[]>.Create(
        (a, b) => a.AsSpan().SequenceCompareTo(b));
}
