using System.Globalization;
using Beffroi.Vault.Stores;

namespace Beffroi.Vault;

/// <summary>Names of a vault's blobs (docs/format/vault.md §2).</summary>
public static class BlobNames
{
    /// <summary>Start of the names of all blobs of a vault.</summary>
    public static string VaultPrefix(VaultId vault) => $"t/{vault}/";

    /// <summary>A pack.</summary>
    public static BlobName Pack(VaultId vault, PackId pack)
    {
        var name = pack.ToString();
        return new BlobName($"t/{vault}/p/{name[..2]}/{name}");
    }

    /// <summary>Start of the names of all packs.</summary>
    public static string PackPrefix(VaultId vault) => $"t/{vault}/p/";

    /// <summary>A snapshot commit.</summary>
    public static BlobName Commit(VaultId vault, DeviceId device, long sequence, SnapshotId snapshot) =>
        new($"t/{vault}/s/{device}/{Number(sequence)}-{snapshot}");

    /// <summary>Start of the names of all commits of a vault.</summary>
    public static string CommitPrefix(VaultId vault) => $"t/{vault}/s/";

    /// <summary>Start of the names of the commits of a device.</summary>
    public static string CommitPrefix(VaultId vault, DeviceId device) => $"t/{vault}/s/{device}/";

    /// <summary>A wrapped key.</summary>
    public static BlobName Key(VaultId vault, string name) => new($"t/{vault}/k/{name}");

    /// <summary>An entry of the member's log.</summary>
    public static BlobName LogEntry(VaultId vault, long number) => new($"t/{vault}/l/{Number(number)}");

    /// <summary>Start of the names of the log's entries.</summary>
    public static string LogPrefix(VaultId vault) => $"t/{vault}/l/";

    /// <summary>Number of the log's entry that a blob is, or null when its name is that of no entry.</summary>
    /// <param name="prefix">Start of the names of the log's entries.</param>
    /// <param name="name">Name of the blob.</param>
    public static long? LogEntryNumber(string prefix, BlobName name)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (!name.Value.StartsWith(prefix, StringComparison.Ordinal)) return null;
        var digits = name.Value.AsSpan(prefix.Length);
        var isNumber = digits.Length == 16 && !digits.ContainsAnyExceptInRange('0', '9');
        return isNumber ? long.Parse(digits, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Whether it is the name of an entry of a member's log, whichever member's.</summary>
    public static bool IsLogEntry(BlobName name) =>
        name.Value.Split('/') is ["t", var vault, "l", ..] && LogEntryNumber($"t/{vault}/l/", name) is not null;

    private static string Number(long number) => number.ToString("D16", CultureInfo.InvariantCulture);
}
