using Beffroi.Vault;

namespace Beffroi.Protocol.Client;

/// <summary>How to reach a server. The defaults suit an agent in an office behind a proxy.</summary>
public sealed record ServerConnectionOptions
{
    /// <summary>Address of the server, such as <c>https://backup.example.org/</c>; a path before <c>/v1</c> is
    /// kept.</summary>
    public required Uri Server { get; init; }

    /// <summary>Program and version, such as <c>beffroi/0.1.0</c>.</summary>
    public required string UserAgent { get; init; }

    /// <summary>Clock of the timeouts and of the bandwidth limits.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>PEM of the only authority whose certificates are accepted; null: the system's authorities.</summary>
    public string? PinnedAuthorityPem { get; init; }

    /// <summary>SHA-256 of the DER of the only authority accepted, while its certificate is not known yet: the server
    /// is asked for it. For enrolment.</summary>
    public Digest256? AuthorityFingerprint { get; init; }

    /// <summary>Way through a proxy; by default what the system and its environment variables say.</summary>
    public ProxyChoice Proxy { get; init; } = ProxyChoice.System;

    /// <summary>Whether http:// is allowed to other hosts than this one. Then anybody on the way reads names of records
    /// and takes over sessions; contents stay encrypted.</summary>
    public bool AllowPlainHttp { get; init; }

    /// <summary>Bytes per second towards the server, over all transfers; 0: no limit.</summary>
    public long UploadBytesPerSecond { get; init; }

    /// <summary>Bytes per second from the server, over all transfers; 0: no limit.</summary>
    public long DownloadBytesPerSecond { get; init; }

    /// <summary>Longest wait for a connection, by the system's clock.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest pause without a byte in either direction. There is no other bound on a transfer.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
