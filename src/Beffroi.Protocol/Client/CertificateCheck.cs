using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Beffroi.Vault;

namespace Beffroi.Protocol.Client;

/// <summary>Decides whether the server is the one that is meant: by the system's authorities, or by one authority
/// alone.</summary>
internal sealed class CertificateCheck : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string OtherAuthority =
        "Ask for a new token; if it happens again, something stands between this computer and the server.";

    private readonly string _host;
    private readonly Digest256? _fingerprint;
    private volatile X509Certificate2? _pinned;
    private volatile string? _refusal;
    private volatile string? _authorityPem;

    internal CertificateCheck(ServerConnectionOptions options)
    {
        _host = options.Server.Host;
        _fingerprint = options.AuthorityFingerprint;
        if (options.PinnedAuthorityPem is not { } pem) return;
        _pinned = X509Certificate2.CreateFromPem(pem);
        _authorityPem = pem;
    }

    /// <summary>Whether only the fingerprint of the authority is known yet.</summary>
    internal bool LacksAuthority => _fingerprint is not null && _pinned is null;

    /// <summary>Why the last certificate was refused, and what to do; null when it was not.</summary>
    internal string? Refusal => _refusal;

    /// <summary>The only authority accepted, once it is known.</summary>
    internal string? AuthorityPem => _authorityPem;

    internal bool Accepts(object sender, X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors)
    {
        var problem = ProblemOf(certificate, presented, errors);
        _refusal = problem is null ? null : $"The certificate of {_host} was refused: {problem}";
        return problem is null;
    }

    /// <summary>Takes what the server calls its authority for it, if the token's fingerprint says so.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.CertificateRefused"/>.</exception>
    internal void Pin(ReadOnlySpan<byte> der)
    {
        if (Digest256.Of(der) != _fingerprint)
            throw new VaultException(ErrorCode.CertificateRefused, retryable: false,
                $"The authority of {_host} is not the one that the enrolment token names. {OtherAuthority}");
        _pinned = X509CertificateLoader.LoadCertificate(der);
    }

    /// <inheritdoc/>
    public void Dispose() => _pinned?.Dispose();

    private string? ProblemOf(X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 leaf || presented is null) return "the server presented none.";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return $"it is for another name ({leaf.Subject}). Check the address, or ask the operator for a "
                + "certificate with that name.";
        if (_pinned is null && _fingerprint is null)
        {
            return errors == SslPolicyErrors.None
                ? null
                : $"{Status(presented)}. Check this computer's date; if they inspect "
                + "encrypted traffic, ask the network's administrators to leave this server out.";
        }
        var authority = _pinned ?? Find(presented);
        if (authority is null)
            return $"no certificate shown is that of the authority that the enrolment token names. {OtherAuthority}";
        return Chains(leaf, presented, authority);
    }

    private X509Certificate2? Find(X509Chain presented)
    {
        var certificates = presented.ChainElements.Select(element => element.Certificate)
            .Concat(presented.ChainPolicy.ExtraStore);
        return certificates.FirstOrDefault(certificate => Digest256.Of(certificate.RawDataMemory.Span) == _fingerprint);
    }

    private string? Chains(X509Certificate2 leaf, X509Chain presented, X509Certificate2 authority)
    {
        using var chain = new X509Chain { ChainPolicy = PolicyFor(authority) };
        chain.ChainPolicy.ExtraStore.AddRange(presented.ChainPolicy.ExtraStore);
        if (!chain.Build(leaf))
            return $"the authority of this vault ({authority.Subject}) does not vouch for it: {Status(chain)}. "
                + "Check this "
                + "computer's date; if the operator changed the authority, enrol this computer again.";
        _authorityPem ??= authority.ExportCertificatePem();
        return null;
    }

    /// <summary>One authority, and nothing fetched from elsewhere: a self-made authority has no revocation
    /// service.</summary>
    private static X509ChainPolicy PolicyFor(X509Certificate2 authority) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { authority },
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
        ApplicationPolicy = { new System.Security.Cryptography.Oid(ServerAuthentication) },
    };

    private static string Status(X509Chain chain) => chain.ChainStatus is { Length: > 0 } all
        ? string.Join(", ", all.Select(status => status.Status))
        : "no reason given";
}
