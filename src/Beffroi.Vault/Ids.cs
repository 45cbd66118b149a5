using System.Security.Cryptography;

namespace Beffroi.Vault;

// The typed identifiers of a vault. Two of them cannot be swapped by accident; each is written in docs/format/vault.md.

/// <summary>Storage id of a record: SHA-256 of all its stored bytes, magic included.</summary>
public readonly record struct RecordId(Digest256 Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>Id of a pack: SHA-256 of its footer.</summary>
public readonly record struct PackId(Digest256 Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>Id of a snapshot: SHA-256 of the machine's part of its commit, signature included.</summary>
public readonly record struct SnapshotId(Digest256 Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>A vault: all that one member keeps. Sixteen random bytes.</summary>
public readonly record struct VaultId(Guid Value)
{
    /// <summary>A new random id.</summary>
    public static VaultId New() => new(RandomId.Next());

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("D");
}

/// <summary>A machine that backs up into a vault. Sixteen random bytes.</summary>
public readonly record struct DeviceId(Guid Value)
{
    /// <summary>A new random id.</summary>
    public static DeviceId New() => new(RandomId.Next());

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("D");
}

/// <summary>A convergence secret: which one derived the key of a record. Sixteen random bytes.</summary>
public readonly record struct SecretId(Guid Value)
{
    /// <summary>A new random id.</summary>
    public static SecretId New() => new(RandomId.Next());

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("D");
}

internal static class RandomId
{
    /// <summary>128 random bits: unguessable, unlike a Guid of the
    /// platform, whose generator makes no such promise.</summary>
    internal static Guid Next() => new(RandomNumberGenerator.GetBytes(16));
}
