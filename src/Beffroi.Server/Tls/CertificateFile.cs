using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Beffroi.Vault;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Server.Tls;

/// <summary>A certificate and its key in one PEM file that the owner alone reads.</summary>
internal static class CertificateFile
{
    /// <exception cref="VaultException"><see cref="ErrorCode.UsageInvalid"/>: the file is absent or not what it should
    /// be.</exception>
    internal static X509Certificate2 Read(string path, string? keyPath = null, string? password = null)
    {
        try
        {
            if (IsPfx(path))
                return X509CertificateLoader.LoadPkcs12FromFile(path, password);

            return password is null
                ? X509Certificate2.CreateFromPemFile(path, keyPath ?? path)
                : X509Certificate2.CreateFromEncryptedPemFile(path, password, keyPath ?? path);
        }
        catch (Exception exception) when (exception
            is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new VaultException(
                ErrorCode.UsageInvalid,
                retryable: false,
                $"The certificate '{path}' cannot be used: {exception.Message} It must be PEM with its key in the same "
                    + "file or in "
                    + "Certificate:KeyPath, or PFX.",
                exception);
        }
    }

    /// <summary>The certificates that follow the first one in a PEM file: the chain to send with it.</summary>
    internal static X509Certificate2Collection ReadChain(string path)
    {
        X509Certificate2Collection chain = [];
        if (IsPfx(path)) return chain;

        chain.ImportFromPemFile(path);
        if (chain.Count > 0) chain.RemoveAt(0);
        return chain;
    }

    /// <summary>Writes what <paramref name="make"/> makes. Of two processes at once one wins, and both then read the
    /// same file.</summary>
    internal static void WriteNew(string path, Func<DateTimeOffset, X509Certificate2> make, DateTimeOffset now) =>
        DurableFile.WriteNew(path, TextOf(make, now));

    /// <summary>As <see cref="WriteNew"/>, in the place of the file that is there: there is one at any time.</summary>
    internal static void Replace(string path, Func<DateTimeOffset, X509Certificate2> make, DateTimeOffset now) =>
        DurableFile.Replace(path, TextOf(make, now));

    private static byte[] TextOf(Func<DateTimeOffset, X509Certificate2> make, DateTimeOffset now)
    {
        using var certificate = make(now);
        using var key = certificate.GetECDsaPrivateKey()
            ?? throw new InvalidOperationException("A certificate has no key.");
        return Encoding.ASCII.GetBytes($"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
    }

    private static bool IsPfx(string path) =>
        path.EndsWith(".pfx", StringComparison.OrdinalIgnoreCase)
        || path.EndsWith(".p12", StringComparison.OrdinalIgnoreCase);
}
