using System.Security.Cryptography.X509Certificates;
using Beffroi.Server.Configuration;
using Beffroi.Vault;

namespace Beffroi.Server.Tls;

/// <summary>What the server shows on its https addresses: the configured certificate, or its self-made one.</summary>
internal sealed class ServerCertificates : IDisposable
{
    private readonly OwnAuthority? _authority;

    private ServerCertificates(
        X509Certificate2 certificate, X509Certificate2Collection chain, OwnAuthority? authority) =>
        (Certificate, Chain, _authority) = (certificate, chain, authority);

    internal X509Certificate2 Certificate { get; }
    internal X509Certificate2Collection Chain { get; }

    /// <summary>The self-made authority's certificate, which an agent fetches and checks against its token.</summary>
    internal byte[]? AuthorityDer => _authority?.Der;

    /// <summary>The certificates in use; <see langword="null"/> when no address is https.</summary>
    internal static ServerCertificates? Open(ServerOptions options, DataFolder folder, TimeProvider time)
    {
        if (!ListenAddress.Of(options).Any(address => address.IsSecure)) return null;

        if (options.Certificate is { Path: { } path } configured)
        {
            return new ServerCertificates(
                CertificateFile.Read(path, configured.KeyPath, configured.Password),
                CertificateFile.ReadChain(path),
                authority: null);
        }
        var authority = OwnAuthority.Open(folder.Tls, time);
        return new ServerCertificates(
            authority.OpenServerCertificate(options.PublicHostNames, time), chain: [], authority);
    }

    /// <summary>The fingerprint to put into enrolment tokens; <see langword="null"/> when agents validate the
    /// certificate as usual, or see that of a proxy.</summary>
    internal static Digest256? FingerprintForTokens(ServerOptions options, DataFolder folder, TimeProvider time)
    {
        if (options.BehindProxy || options.Certificate.Path is not null) return null;
        if (!ListenAddress.Of(options).Any(address => address.IsSecure)) return null;

        // The authority alone: a command beside a live server must not renew the certificate that it shows.
        using var authority = OwnAuthority.Open(folder.Tls, time);
        return authority.Fingerprint;
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _authority?.Dispose();
    }
}
