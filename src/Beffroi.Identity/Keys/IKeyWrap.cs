namespace Beffroi.Identity.Keys;

/// <summary>Seals small secrets of the server with a key that is kept outside the database.</summary>
public interface IKeyWrap
{
    /// <summary>Seals <paramref name="secret"/>; only the same <paramref name="purpose"/> opens it.</summary>
    byte[] Wrap(ReadOnlySpan<byte> secret, string purpose);

    /// <summary>Opens what <see cref="Wrap"/> sealed.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">Another key or purpose sealed it, or it
    /// was changed.</exception>
    byte[] Unwrap(ReadOnlySpan<byte> wrapped, string purpose);
}
