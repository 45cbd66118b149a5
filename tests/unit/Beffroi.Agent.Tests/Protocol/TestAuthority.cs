using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Beffroi.Vault;

namespace Beffroi.Agent.Tests.Protocol;

/// <summary>A self-made authority and what it issues. By the system's clock, which TLS goes by.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal TestAuthority(string name)
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name.Replace(' ', '-'));
        request.CertificateExtensions.Add(names.Build());
        Certificate = request.CreateSelfSigned(Now.AddDays(-10), Now.AddDays(10));
    }

    internal X509Certificate2 Certificate { get; }

    internal string Pem => Certificate.ExportCertificatePem();

    internal Digest256 Fingerprint => Digest256.Of(Certificate.RawData);

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>The authority's own certificate, fit for a server.</summary>
    internal X509Certificate2 WithKey() =>
        X509CertificateLoader.LoadPkcs12(Certificate.Export(X509ContentType.Pfx), null);

    /// <summary>A certificate with its key.</summary>
    internal X509Certificate2 Issue(string name, int days = 5, string usage = "1.3.6.1.5.5.7.3.1")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        using var bare = request.Create(
            Certificate, Now.AddDays(-5), Now.AddDays(days), RandomNumberGenerator.GetBytes(8));
        using var ephemeral = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pfx), null);
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }
}
