namespace Beffroi.Identity.Oidc;

/// <summary>How the portal signs people in at other services.</summary>
public sealed record OidcOptions
{
    /// <summary>The portal's public address: the issuer of every token. Without it, the address at which this computer
    /// itself was asked; from elsewhere there is then no single sign-on.</summary>
    public string? Issuer { get; init; }

    internal static readonly TimeSpan CodeLifetime = TimeSpan.FromSeconds(60); // ProConnect's, too.

    /// <summary>Of access and identity tokens. Access tokens are looked up at each use, so that ending a session counts
    /// at once.</summary>
    internal static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(1);

    /// <summary>From the sign-in on, however often it is renewed.</summary>
    internal static readonly TimeSpan RefreshLifetime = TimeSpan.FromDays(30);

    internal static readonly TimeSpan DeviceLifetime = TimeSpan.FromMinutes(10);

    internal static readonly TimeSpan DeviceInterval = TimeSpan.FromSeconds(5);
}
