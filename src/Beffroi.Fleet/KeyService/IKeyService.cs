using Beffroi.Vault;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Crypto;

namespace Beffroi.Fleet.KeyService;

/// <summary>Holds the operator's half of the vaults' keys. No private key leaves it; another implementation may keep
/// them in a hardware module.</summary>
internal interface IKeyService
{
    /// <summary>Makes the keys of a new vault. What is wrapped can be stored anywhere.</summary>
    NewVaultKeys CreateVaultKeys(VaultId vault);

    /// <summary>Opens the secret of a vault's dedupe group, which every machine of the vault is given when it
    /// enrols.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.KeyFileMissing"/>: wrapped by other keys, or
    /// damaged.</exception>
    byte[] OpenGroupSecret(VaultId vault, ReadOnlySpan<byte> wrapped);

    /// <summary>Makes sure that the keys at hand are those that wrapped this vault's.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.KeyFileMissing"/>: they are others.</exception>
    void DemandKeysOf(VaultId vault, ReadOnlySpan<byte> servicePrivateKeyWrapped, HpkePublicKey servicePublicKey);

    /// <summary>Opens a root key that a machine sealed to the vault's service key, and seals it anew to the
    /// machine.</summary>
    /// <param name="source">What the machine sealed, with the <c>info</c> that ties it to its commit.</param>
    /// <param name="recipient">The machine's key.</param>
    /// <param name="info">Ties the new seal to the same commit.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.SealUnopenable"/>: it was sealed for another place or
    /// key.</exception>
    HpkeSealed Reseal(
        VaultId vault, ReadOnlySpan<byte> servicePrivateKeyWrapped, SealedRootKey source, HpkePublicKey recipient,
        byte[] info);

    /// <summary>Opens a root key for a person who has the right to read: the server reads for them, since a browser
    /// cannot. The caller has written it into the journal, keeps it for a short time and wipes it.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.SealUnopenable"/>: it was sealed for another place or
    /// key.</exception>
    byte[] OpenRootKey(VaultId vault, ReadOnlySpan<byte> servicePrivateKeyWrapped, SealedRootKey source);
}

/// <summary>A root key as it stands in a commit.</summary>
internal sealed record SealedRootKey(ReadOnlyMemory<byte> Encapsulated, ReadOnlyMemory<byte> Sealed, byte[] Info)
{
    /// <summary>The root key that a commit seals to the key service; none when it does not.</summary>
    internal static SealedRootKey? Of(Commit commit, KeyId? serviceKey)
    {
        var recipient = commit.Recipients.FirstOrDefault(
            each => each.Role == RecipientRole.KeyService && each.KeyId == serviceKey);
        return recipient is null
            ? null
            : new SealedRootKey(
                recipient.Encapsulated, recipient.Sealed,
                Commit.SealInfo(commit.Vault, commit.Device, commit.Sequence, commit.Root));
    }
}

/// <summary>The keys of a new vault.</summary>
/// <param name="ServicePublicKey">The recipient of snapshots in managed mode.</param>
/// <param name="GroupSecretWrapped">32 random bytes, wrapped.</param>
internal sealed record NewVaultKeys(
    HpkePublicKey ServicePublicKey, byte[] ServicePrivateKeyWrapped, SecretId GroupSecretId, byte[] GroupSecretWrapped);
