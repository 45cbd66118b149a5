using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Beffroi.Vault;

namespace Beffroi.Server.Tls;

/// <summary>The server's self-made certificate authority, for sites without a certificate of their own. Agents pin it
/// by the fingerprint inside their enrolment token.</summary>
internal sealed class OwnAuthority : IDisposable
{
    // Ten years: replacing the authority means enrolling every machine anew. 398 days: the most that browsers accept.
    private const int AuthorityYears = 10;
    private const int ServerDays = 398;
    private const int RenewalDays = 60;

    private static readonly TimeSpan ClockSkew = TimeSpan.FromDays(1);

    private readonly string _folder;
    private readonly X509Certificate2 _certificate;

    private OwnAuthority(string folder, X509Certificate2 certificate) =>
        (_folder, _certificate) = (folder, certificate);

    /// <summary>SHA-256 of the authority's DER certificate.</summary>
    internal Digest256 Fingerprint => Digest256.Of(_certificate.RawData);

    /// <summary>The authority's certificate without its key.</summary>
    internal byte[] Der => _certificate.RawData;

    /// <summary>Reads the authority, or makes it if there is none yet.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.UsageInvalid"/>: its file cannot be read.</exception>
    internal static OwnAuthority Open(string folder, TimeProvider time)
    {
        var file = Path.Combine(folder, "authority.pem");
        if (!File.Exists(file)) CertificateFile.WriteNew(file, Create, time.GetUtcNow());
        var certificate = CertificateFile.Read(file);
        File.WriteAllText(Path.Combine(folder, "authority.crt"), certificate.ExportCertificatePem());
        return new OwnAuthority(folder, certificate);
    }

    /// <summary>The server's certificate: the one on file while it fits and lasts, else a new one.</summary>
    internal X509Certificate2 OpenServerCertificate(IReadOnlyCollection<string> publicHostNames, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var names = AllNames(publicHostNames);
        var file = Path.Combine(_folder, "server.pem");
        if (File.Exists(file))
        {
            var found = CertificateFile.Read(file);
            var lasts = found.NotAfter.ToUniversalTime() > now.AddDays(RenewalDays).UtcDateTime;
            if (lasts && Fits(found, names)) return found;

            found.Dispose();
        }
        CertificateFile.Replace(file, instant => Issue(names, instant), now);
        return CertificateFile.Read(file);
    }

    public void Dispose() => _certificate.Dispose();

    private static string[] AllNames(IEnumerable<string> publicHostNames) =>
        [.. publicHostNames.Append(Environment.MachineName).Append("localhost").Append("127.0.0.1").Append("::1")
            .Select(name => name.ToLowerInvariant()).Distinct(StringComparer.Ordinal)];

    private bool Fits(X509Certificate2 certificate, string[] names) =>
        certificate.IssuerName.RawData.AsSpan().SequenceEqual(_certificate.SubjectName.RawData)
        && names.All(name => certificate.MatchesHostname(name, allowWildcards: false, allowCommonName: false));

    private static X509Certificate2 Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        var number = Convert.ToHexStringLower(SerialNumber())[..8];
        name.AddCommonName($"Beffroi authority of {Environment.MachineName} {number}");
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(now - ClockSkew, now.AddYears(AuthorityYears));
    }

    private X509Certificate2 Issue(string[] names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName("beffroi-server");
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            _certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        request.CertificateExtensions.Add(AlternativeNames(names));
        var start = now - ClockSkew;
        using var bare = request.Create(_certificate, start, start.AddDays(ServerDays), SerialNumber());
        return bare.CopyWithPrivateKey(key);
    }

    private static X509Extension AlternativeNames(string[] names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address)) builder.AddIpAddress(address);
            else builder.AddDnsName(name);
        }
        return builder.Build();
    }

    /// <summary>127 random bits: RFC 5280 wants a positive number, and nobody may foresee it.</summary>
    private static byte[] SerialNumber()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        return serial;
    }
}
