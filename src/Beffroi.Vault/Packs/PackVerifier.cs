using Beffroi.Vault.Crypto;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Packs;

/// <summary>A pack of which every byte was checked, as far as that goes without keys.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Footer">Its list of records.</param>
/// <param name="Headers">Header of each record, in the same order.</param>
public sealed record VerifiedPack(PackId Id, PackFooter Footer, IReadOnlyList<RecordHeader> Headers);

/// <summary>Checks packs whole (docs/format/pack.md §2, record.md §4).</summary>
public static class PackVerifier
{
    /// <summary>Checks a pack: its framing, its name, its vault, and each record.</summary>
    /// <param name="pack">All bytes.</param>
    /// <param name="expected">Name that it was sent or stored under.</param>
    /// <param name="vault">Vault that it must belong to.</param>
    /// <exception cref="VaultException">One of the BEF-21nn and BEF-20nn codes that the format names.</exception>
    public static VerifiedPack Verify(ReadOnlyMemory<byte> pack, PackId expected, VaultId vault)
    {
        var footer = VerifyFrame(pack, expected, vault);
        var headers = new RecordHeader[footer.Entries.Count];
        var damaged = FindDamaged(pack, footer, headers);
        return damaged.Count == 0
            ? new VerifiedPack(expected, footer, headers)
            : throw damaged[0].Failure;
    }

    /// <summary>Checks all but the records, for readers that take the sound records of a damaged pack.</summary>
    public static PackFooter VerifyFrame(ReadOnlyMemory<byte> pack, PackId expected, VaultId vault)
    {
        if (pack.Length < PackLimits.HeaderBytes + PackLimits.EndBytes)
            throw PackFooter.WrongLength(pack.Length, "it is too short");
        var footerBytes = PackFooter.ParseEnd(pack.Span[^PackLimits.EndBytes..], pack.Length);
        var footer = pack.Slice(pack.Length - PackLimits.EndBytes - footerBytes, footerBytes);
        if (Digest256.Of(footer.Span) != expected.Value)
            throw Damaged(expected, "its list of records is not the one its name stands for");
        var parsed = PackFooter.Parse(footer, pack.Length);
        VerifyHeader(pack[..PackLimits.HeaderBytes], parsed, expected, vault);
        return parsed;
    }

    /// <summary>The records of a pack whose bytes are not those that their entries list.</summary>
    /// <param name="pack">All bytes.</param>
    /// <param name="footer">Its footer, verified.</param>
    /// <param name="headers">If given, receives the header of each sound record.</param>
    public static IReadOnlyList<(PackEntry Entry, VaultException Failure)> FindDamaged(
        ReadOnlyMemory<byte> pack, PackFooter footer, RecordHeader[]? headers = null)
    {
        ArgumentNullException.ThrowIfNull(footer);
        var messages = new Sha256Message[footer.Entries.Count];
        var digests = new Digest256[messages.Length];
        for (var i = 0; i < messages.Length; i++)
            messages[i] = new Sha256Message(default, pack.Slice(footer.Entries[i].Offset, footer.Entries[i].Bytes));
        Sha256Batch.HashMany(messages, digests);

        var damaged = new List<(PackEntry, VaultException)>();
        for (var i = 0; i < messages.Length; i++)
        {
            var entry = footer.Entries[i];
            var failure = digests[i] == entry.Id.Value
                ? Inspect(entry, messages[i].Body.Span, out var header)
                : Fail(RecordOpener.Damaged(entry.Id), out header);
            if (failure is not null) damaged.Add((entry, failure));
            else if (headers is not null) headers[i] = header!;
        }
        return damaged;
    }

    /// <summary>Whether those bytes are the record that a pack lists.</summary>
    /// <param name="entry">What the pack lists, in a footer that was verified.</param>
    /// <param name="record">The bytes that lie where it says.</param>
    public static bool IsSound(PackEntry entry, ReadOnlySpan<byte> record) =>
        Digest256.Of(record) == entry.Id.Value && Inspect(entry, record, out _) is null;

    private static VaultException? Inspect(PackEntry entry, ReadOnlySpan<byte> record, out RecordHeader? header)
    {
        header = null;
        try
        {
            header = RecordHeader.Parse(record);
        }
        catch (VaultException malformed)
        {
            return malformed;
        }
        var asListed = header.RecordBytes == entry.Bytes && header.Type == entry.Type && header.Secret == entry.Secret;
        return asListed ? null : new VaultException(ErrorCode.PackDamaged, retryable: false,
            $"Record {entry.Id} has another length, type or secret than its pack lists. The program that made the pack "
            + "was wrong; the pack is refused.");
    }

    private static VaultException Fail(VaultException failure, out RecordHeader? header)
    {
        header = null;
        return failure;
    }

    private static void VerifyHeader(ReadOnlyMemory<byte> header, PackFooter footer, PackId id, VaultId vault)
    {
        if (Digest256.Of(header.Span) != footer.HeaderDigest) throw Damaged(id, "its first bytes were changed");
        var (kind, owner) = PackFooter.ParseHeader(header);
        if (kind != footer.Kind) throw Damaged(id, "its header and its footer are of different kinds");
        if (owner != vault)
            throw new VaultException(ErrorCode.PackForeign, retryable: false,
                $"Pack {id} belongs to vault {owner}, not to {vault}. It is refused: a vault holds one member's data "
                + "only.");
    }

    private static VaultException Damaged(PackId id, string why) => new(ErrorCode.PackDamaged, retryable: false,
        $"Pack {id} is damaged: {why}. The records in it that are still sound can be used; "
        + "'beffroi-server admin check --read-data' lists the others.");
}
