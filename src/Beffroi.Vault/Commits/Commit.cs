using Beffroi.Vault.Crypto;
using Beffroi.Vault.Wire;

namespace Beffroi.Vault.Commits;

/// <summary>Who can open a snapshot. The numbers are written in the format.</summary>
public enum RecipientRole : byte
{
    /// <summary>The member's recovery key: always present.</summary>
    Recovery = 1,
    /// <summary>The syndicate's key service, in managed mode.</summary>
    KeyService = 2,
}

/// <summary>The operating system that a snapshot was taken on. The numbers are written in the format.</summary>
public enum SourcePlatform : byte
{
    /// <summary>Linux.</summary>
    Linux = 1,
    /// <summary>Windows.</summary>
    Windows = 2,
    /// <summary>macOS.</summary>
    MacOS = 3,
}

/// <summary>The root key of a snapshot, sealed to one public key.</summary>
/// <param name="Role">Whose key it is.</param>
/// <param name="KeyId">Names the public key.</param>
/// <param name="Encapsulated">HPKE encapsulated key, 65 bytes.</param>
/// <param name="Sealed">Sealed root key, 48 bytes.</param>
public sealed record Recipient(
    RecipientRole Role, KeyId KeyId, ReadOnlyMemory<byte> Encapsulated, ReadOnlyMemory<byte> Sealed);

/// <summary>What a snapshot counts.</summary>
/// <param name="Files">Regular files.</param>
/// <param name="Directories">Directories.</param>
/// <param name="Others">Links, pipes, devices and so on.</param>
/// <param name="LogicalBytes">Sum of the files' lengths.</param>
/// <param name="NewBytes">Bytes of the records that this run stored.</param>
/// <param name="Unreadable">Files that could not be read.</param>
public sealed record CommitCounters(
    long Files, long Directories, long Others, long LogicalBytes, long NewBytes, long Unreadable);

/// <summary>A snapshot commit (docs/format/commit.md): the machine's part and, once the server has it, the
/// server's.</summary>
public sealed record Commit
{
    /// <summary>Longest commit in bytes.</summary>
    public const int BytesMax = 8192;

    /// <summary>Most recipients.</summary>
    public const int RecipientsMax = 8;

    /// <summary>Vault that the snapshot is in.</summary>
    public required VaultId Vault { get; init; }

    /// <summary>Machine that took it.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>1 for the machine's first snapshot, then one more each time.</summary>
    public required long Sequence { get; init; }

    /// <summary>The machine's snapshot before; zero for the first.</summary>
    public required Digest256 Previous { get; init; }

    /// <summary>Start by the machine's clock: shown, never relied on.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>End by the machine's clock.</summary>
    public required DateTimeOffset Ended { get; init; }

    /// <summary>Root segment of the catalogue.</summary>
    public required RecordId Root { get; init; }

    /// <summary>What it counts.</summary>
    public required CommitCounters Counters { get; init; }

    /// <summary>System that the machine ran.</summary>
    public required SourcePlatform Platform { get; init; }

    /// <summary>Version of the agent, at most 255 bytes of UTF-8.</summary>
    public required string AgentVersion { get; init; }

    /// <summary>The root key, sealed to each who may read; 1 to <see cref="RecipientsMax"/>.</summary>
    public required IReadOnlyList<Recipient> Recipients { get; init; }

    /// <summary>The HPKE <c>info</c> that ties a sealed root key to this commit.</summary>
    public static byte[] SealInfo(VaultId vault, DeviceId device, long sequence, RecordId root) =>
        InfoOf("beffroi root key v1"u8, vault, device, sequence, root);

    /// <summary>The HPKE <c>info</c> of a root key that the key service seals anew to the device.</summary>
    public static byte[] ResealInfo(VaultId vault, DeviceId device, long sequence, RecordId root) =>
        InfoOf("beffroi reseal v1"u8, vault, device, sequence, root);

    private static byte[] InfoOf(
        ReadOnlySpan<byte> purpose, VaultId vault, DeviceId device, long sequence, RecordId root)
    {
        var writer = new ByteWriter();
        writer.Bytes(purpose);
        writer.Uuid(vault.Value);
        writer.Uuid(device.Value);
        writer.U64((ulong)sequence);
        writer.Digest(root.Value);
        return writer.ToArray();
    }
}
