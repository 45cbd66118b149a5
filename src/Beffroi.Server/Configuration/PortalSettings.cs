using Beffroi.Identity.Oidc;
using Beffroi.Identity.SignIn;
using Beffroi.Portal;

namespace Beffroi.Server.Configuration;

/// <summary>How the portal presents itself and admits people.</summary>
internal sealed class PortalSettings
{
    private static readonly SignInOptions Usual = new();

    /// <summary>Address at which people reach the portal, such as <c>https://portail.example.fr</c>; links in mails and
    /// passkeys are made for it. Without it, the first of <c>Urls</c>.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>A session ends after so many hours, whatever is done in it.</summary>
    public int SessionHours { get; set; } = (int)Usual.SessionMax.TotalHours;

    /// <summary>A session ends after so many minutes without a request.</summary>
    public int IdleMinutes { get; set; } = (int)Usual.IdleMax.TotalMinutes;

    /// <summary>From which hour on, in France, the operator's people are mailed what the night left.</summary>
    public int DigestHour { get; set; } = 7;

    /// <summary>Phone of the support, as people read it; on every page, before sign-in too.</summary>
    public string? SupportPhone { get; set; }

    /// <summary>Mail address of the support.</summary>
    public string? SupportMail { get; set; }

    internal PortalOptions ToPortalOptions(ServerOptions server) => new()
    {
        PublicUrl = (PublicUrl ?? server.Urls.Split(';')[0]).TrimEnd('/'),
        IsPublicUrlSet = PublicUrl is not null,
        DigestHour = DigestHour,
        SupportPhone = SupportPhone,
        SupportMail = SupportMail,
    };

    internal SignInOptions ToSignInOptions() => new()
    {
        SessionMax = TimeSpan.FromHours(SessionHours),
        IdleMax = TimeSpan.FromMinutes(IdleMinutes),
        PasskeyDomain = Uri.TryCreate(PublicUrl, UriKind.Absolute, out var url) ? url.Host : Usual.PasskeyDomain,
    };

    internal OidcOptions ToOidcOptions() => new() { Issuer = PublicUrl?.TrimEnd('/') };

    /// <summary>What is wrong with them, in sentences.</summary>
    internal IEnumerable<string> Problems()
    {
        if (PublicUrl is not null && !IsAddress(PublicUrl))
            yield return $"Portal:PublicUrl: '{PublicUrl}' is not an address such as https://portail.example.fr.";
        if (DigestHour is < 0 or > 23) yield return $"Portal:DigestHour: {DigestHour} is not from 0 to 23.";
        if (SessionHours is < 1 or > 24) yield return $"Portal:SessionHours: {SessionHours} is not from 1 to 24.";
        if (IdleMinutes is < 5 or > 1440) yield return $"Portal:IdleMinutes: {IdleMinutes} is not from 5 to 1440.";
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", AbsolutePath: "/" };
}
