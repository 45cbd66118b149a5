using System.Security.Cryptography;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;

namespace Beffroi.Fleet.KeyService;

/// <summary>The key service whose wrapping key lies in a file. May be used from many threads at once.</summary>
internal sealed class KeyFileKeeper(KeyFile keys) : IKeyService
{
    private const int GroupSecretBytes = 32;

    public NewVaultKeys CreateVaultKeys(VaultId vault)
    {
        using var service = HpkePrivateKey.Generate();
        return new NewVaultKeys(
            service.PublicKey,
            Wrap(ServiceKeyPurpose(vault), service.Export()),
            SecretId.New(),
            Wrap(GroupSecretPurpose(vault), RandomNumberGenerator.GetBytes(GroupSecretBytes)));
    }

    public byte[] OpenGroupSecret(VaultId vault, ReadOnlySpan<byte> wrapped) =>
        KeyWrap.Open(keys.WrappingKey, GroupSecretPurpose(vault), wrapped);

    public void DemandKeysOf(VaultId vault, ReadOnlySpan<byte> servicePrivateKeyWrapped, HpkePublicKey servicePublicKey)
    {
        using var service = OpenServiceKey(vault, servicePrivateKeyWrapped);
        if (service.PublicKey.Equals(servicePublicKey)) return;

        throw new VaultException(
            ErrorCode.KeyFileMissing,
            retryable: false,
            $"The private key of vault {vault} opens, but its public half in the database is another one: the row was "
                + "changed. "
                + "Restore the table fleet.vaults from a backup of the database.");
    }

    public HpkeSealed Reseal(
        VaultId vault, ReadOnlySpan<byte> servicePrivateKeyWrapped, SealedRootKey source, HpkePublicKey recipient,
        byte[] info)
    {
        var rootKey = OpenRootKey(vault, servicePrivateKeyWrapped, source);
        try
        {
            return Hpke.Seal(recipient, info, aad: [], rootKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(rootKey);
        }
    }

    public byte[] OpenRootKey(VaultId vault, ReadOnlySpan<byte> servicePrivateKeyWrapped, SealedRootKey source)
    {
        using var service = OpenServiceKey(vault, servicePrivateKeyWrapped);
        return Hpke.Open(service, source.Encapsulated.Span, source.Info, aad: [], source.Sealed.Span);
    }

    private HpkePrivateKey OpenServiceKey(VaultId vault, ReadOnlySpan<byte> wrapped)
    {
        var scalar = KeyWrap.Open(keys.WrappingKey, ServiceKeyPurpose(vault), wrapped);
        try
        {
            return HpkePrivateKey.Import(scalar);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    private byte[] Wrap(string purpose, byte[] secret)
    {
        var wrapped = KeyWrap.Wrap(keys.WrappingKey, purpose, secret);
        CryptographicOperations.ZeroMemory(secret);
        return wrapped;
    }

    // The purpose ties a wrapped key to its vault and column: nothing can be moved to another row.
    private static string ServiceKeyPurpose(VaultId vault) => $"service key of vault {vault}";

    private static string GroupSecretPurpose(VaultId vault) => $"group secret of vault {vault}";
}
