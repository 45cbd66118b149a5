using Beffroi.Vault.Crypto;
using Beffroi.Vault.Wire;

namespace Beffroi.Vault.Commits;

/// <summary>A commit as the machine signed it.</summary>
/// <param name="Commit">What it says.</param>
/// <param name="Bytes">The machine's part, signature included.</param>
public sealed record SignedCommit(Commit Commit, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>SHA-256 of the machine's part.</summary>
    public SnapshotId Id { get; } = new(Digest256.Of(Bytes.Span));

    /// <summary>Whether the machine's signature verifies.</summary>
    public bool IsSignedBy(VerifyingKey device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Verify(Bytes.Span[..^CommitCodec.SignatureBytes], Bytes.Span[^CommitCodec.SignatureBytes..]);
    }
}

/// <summary>A commit with the server's time and signature: the proof that the snapshot is stored.</summary>
/// <param name="Machine">The machine's part.</param>
/// <param name="Received">When, by the server's clock.</param>
/// <param name="ServerKeyId">Which server key countersigned.</param>
/// <param name="Bytes">The whole commit as stored.</param>
public sealed record Receipt(
    SignedCommit Machine, DateTimeOffset Received, KeyId ServerKeyId, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Whether the countersignature verifies.</summary>
    public bool IsCountersignedBy(VerifyingKey server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return server.Verify(Bytes.Span[..^CommitCodec.SignatureBytes], Bytes.Span[^CommitCodec.SignatureBytes..]);
    }
}

/// <summary>Writes and reads commits byte by byte (docs/format/commit.md §1).</summary>
public static class CommitCodec
{
    internal const int SignatureBytes = 64;
    private const byte Version = 1;
    private const byte EcdsaP256 = 1;
    private const byte HpkeSuite = 1;

    private static ReadOnlySpan<byte> Magic => [0x88, 0xa3, 0x33, 0x42, 0x65, 0x75, 0x65, 0x58];

    /// <summary>Writes the machine's part and signs it.</summary>
    public static SignedCommit Sign(Commit commit, SigningKey device)
    {
        ArgumentNullException.ThrowIfNull(commit);
        ArgumentNullException.ThrowIfNull(device);
        var writer = new ByteWriter(1024);
        WriteBody(writer, commit);
        writer.U8(EcdsaP256);
        writer.Bytes(device.Sign(writer.Written.Span));
        // Read back before it is sent: a commit that does not parse would hide its snapshot for ever.
        return ParseSigned(writer.ToArray());
    }

    /// <summary>Adds the server's time and signature.</summary>
    public static Receipt Countersign(SignedCommit machine, DateTimeOffset received, SigningKey server)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(server);
        var writer = new ByteWriter(1024);
        writer.Bytes(machine.Bytes.Span);
        writer.I64(received.ToUnixTimeMilliseconds());
        writer.U64(0); // Epoch: reserved for the deletion protocol.
        writer.Bytes(server.PublicKey.KeyId.ToArray());
        writer.U8(EcdsaP256);
        writer.Bytes(server.Sign(writer.Written.Span));
        return ParseReceipt(writer.ToArray());
    }

    /// <summary>Reads the machine's part alone.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.CommitMalformed"/>. The signature is not checked
    /// here.</exception>
    public static SignedCommit ParseSigned(ReadOnlyMemory<byte> bytes)
    {
        var reader = new ByteReader(bytes, ErrorCode.CommitMalformed, "a snapshot commit");
        var signed = ReadSigned(ref reader, bytes);
        reader.End();
        return signed;
    }

    /// <summary>Reads a whole commit.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.CommitMalformed"/>. The signatures are not checked
    /// here.</exception>
    public static Receipt ParseReceipt(ReadOnlyMemory<byte> bytes)
    {
        var reader = new ByteReader(bytes, ErrorCode.CommitMalformed, "a snapshot commit");
        var signed = ReadSigned(ref reader, bytes);
        var received = ReadTime(ref reader);
        if (reader.U64() != 0) throw reader.Refuse("it names an epoch, which a later version wrote");
        var keyId = new KeyId(reader.Bytes(KeyId.Bytes).Span);
        ReadSignature(ref reader);
        reader.End();
        return new Receipt(signed, received, keyId, bytes);
    }

    private static void WriteBody(ByteWriter writer, Commit commit)
    {
        writer.Bytes(Magic);
        writer.U8(Version);
        writer.Zeros(3);
        writer.Uuid(commit.Vault.Value);
        writer.Uuid(commit.Device.Value);
        writer.U64((ulong)commit.Sequence);
        writer.Digest(commit.Previous);
        writer.I64(commit.Started.ToUnixTimeMilliseconds());
        writer.I64(commit.Ended.ToUnixTimeMilliseconds());
        writer.Digest(commit.Root.Value);
        var counters = commit.Counters;
        foreach (var count in new[]
        {
            counters.Files, counters.Directories, counters.Others, counters.LogicalBytes, counters.NewBytes,
            counters.Unreadable,
        })
        {
            writer.U64((ulong)count);
        }
        writer.U8((byte)commit.Platform);
        var version = System.Text.Encoding.UTF8.GetBytes(commit.AgentVersion);
        writer.U8(version.Length);
        writer.Bytes(version);
        writer.U8(commit.Recipients.Count);
        foreach (var recipient in commit.Recipients) WriteRecipient(writer, recipient);
    }

    private static void WriteRecipient(ByteWriter writer, Recipient recipient)
    {
        writer.U8((byte)recipient.Role);
        writer.U8(0);
        writer.Bytes(recipient.KeyId.ToArray());
        writer.Bytes(recipient.Encapsulated.Span);
        writer.Bytes(recipient.Sealed.Span);
        writer.U8(HpkeSuite);
    }

    private static SignedCommit ReadSigned(ref ByteReader reader, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > Commit.BytesMax) throw reader.Refuse($"it has more than {Commit.BytesMax} bytes");
        var commit = ReadBody(ref reader);
        ReadSignature(ref reader);
        return new SignedCommit(commit, bytes[..reader.Position]);
    }

    private static Commit ReadBody(ref ByteReader reader)
    {
        reader.Magic(Magic);
        var version = reader.U8();
        if (version != Version) throw reader.Refuse($"version {version} is not known");
        reader.Zeros(3);
        return new Commit
        {
            Vault = new VaultId(reader.Uuid()),
            Device = new DeviceId(reader.Uuid()),
            Sequence = ReadCount(ref reader, least: 1),
            Previous = reader.Digest(),
            Started = ReadTime(ref reader),
            Ended = ReadTime(ref reader),
            Root = new RecordId(reader.Digest()),
            Counters = new CommitCounters(
                ReadCount(ref reader), ReadCount(ref reader), ReadCount(ref reader),
                ReadCount(ref reader), ReadCount(ref reader), ReadCount(ref reader)),
            Platform = ReadPlatform(ref reader),
            AgentVersion = reader.Utf8(reader.Bytes(reader.U8()).Span),
            Recipients = ReadRecipients(ref reader),
        };
    }

    private static SourcePlatform ReadPlatform(ref ByteReader reader)
    {
        var platform = (SourcePlatform)reader.U8();
        return Enum.IsDefined(platform) ? platform : throw reader.Refuse($"platform {(byte)platform} is not known");
    }

    private static long ReadCount(ref ByteReader reader, long least = 0)
    {
        var count = reader.U64();
        return count <= long.MaxValue && (long)count >= least
            ? (long)count
            : throw reader.Refuse($"the number {count} is out of range");
    }

    private static DateTimeOffset ReadTime(ref ByteReader reader)
    {
        var milliseconds = reader.I64();
        // Years 1 to 9999: what every system can show.
        return milliseconds is >= -62_135_596_800_000 and <= 253_402_300_799_999
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : throw reader.Refuse("a time is out of range");
    }

    private static Recipient[] ReadRecipients(ref ByteReader reader)
    {
        var count = reader.U8();
        if (count is 0 or > Commit.RecipientsMax) throw reader.Refuse($"it has {count} recipients");
        var recipients = new Recipient[count];
        for (var i = 0; i < count; i++)
        {
            var role = (RecipientRole)reader.U8();
            if (!Enum.IsDefined(role)) throw reader.Refuse($"recipient role {(byte)role} is not known");
            reader.Zeros(1);
            recipients[i] = new Recipient(
                role, new KeyId(reader.Bytes(KeyId.Bytes).Span), reader.Bytes(65), reader.Bytes(48));
            var suite = reader.U8();
            if (suite != HpkeSuite) throw reader.Refuse($"suite {suite} is not known");
        }
        return recipients.Any(recipient => recipient.Role == RecipientRole.Recovery)
            ? recipients
            : throw reader.Refuse("it has no recovery recipient");
    }

    private static void ReadSignature(ref ByteReader reader)
    {
        var algorithm = reader.U8();
        if (algorithm != EcdsaP256) throw reader.Refuse($"signature algorithm {algorithm} is not known");
        reader.Bytes(SignatureBytes);
    }
}
