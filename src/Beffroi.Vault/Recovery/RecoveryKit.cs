using Beffroi.Vault.Crypto;

namespace Beffroi.Vault.Recovery;

/// <summary>A member's recovery key as a person keeps it: a text file, a sheet of eighteen words, a QR code. With it
/// and the blobs alone, everything in the vault can be read. Format: docs/format/keys.md §5.</summary>
/// <param name="Vault">The vault it opens, or <see langword="null"/> when only the words were at hand.</param>
/// <param name="MemberName">Whose it is, for people; proves nothing.</param>
/// <param name="Created">When it was made, for people.</param>
/// <param name="Key">The private key. It belongs to the kit, and is disposed with it.</param>
/// <param name="ServerKey">The key by which the server signs, or <see langword="null"/> when the kit does not say: the
/// only anchor outside the store for the question who wrote what is in it.</param>
public sealed record RecoveryKit(
    VaultId? Vault, string? MemberName, DateOnly? Created, HpkePrivateKey Key, KeyId? ServerKey = null) : IDisposable
{
    /// <summary>How the name of a kit's file ends.</summary>
    public const string FileExtension = ".beffroi-kit";

    /// <summary>Reads a kit's file, its words alone, or the text of its QR code. Case, comments, dashes, spaces and
    /// line breaks between the words do not matter.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.KitUnreadable"/>, and retrying is useless: which word is
    /// none, or what else is wrong, and what to do.</exception>
    public static RecoveryKit Parse(string text) => KitText.Read(text);

    /// <summary>The kit's file, UTF-8 without byte order mark, lines ended by LF. Secret.</summary>
    public string ToText() => KitText.Write(this);

    /// <summary>The words for a QR code: 116 characters, alphanumeric mode, version 5 at level M. Secret.</summary>
    public string ToQrText() => KitText.QrPrefix + KitWords.Encode(Key).ToUpperInvariant();

    /// <summary>Forgets the key.</summary>
    public void Dispose() => Key.Dispose();
}
