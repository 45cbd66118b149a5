using System.Security.Cryptography;
using Beffroi.Identity.Keys;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;

namespace Beffroi.Fleet.KeyService;

/// <summary>Seals other modules' secrets with the wrapping key of the key file.</summary>
internal sealed class KeyFileWrap(KeyFile keys) : IKeyWrap
{
    public byte[] Wrap(ReadOnlySpan<byte> secret, string purpose) =>
        KeyWrap.Wrap(keys.WrappingKey, PurposeOf(purpose), secret);

    public byte[] Unwrap(ReadOnlySpan<byte> wrapped, string purpose)
    {
        try
        {
            return KeyWrap.Open(keys.WrappingKey, PurposeOf(purpose), wrapped);
        }
        catch (VaultException exception)
        {
            throw new CryptographicException(exception.Message, exception);
        }
    }

    // Apart from the purposes of vaults, whatever another module calls its own.
    private static string PurposeOf(string purpose) => $"identity: {purpose}";
}
