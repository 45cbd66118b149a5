using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Portal.SignOn;

/// <summary>Carries a secret over the redirect after a form, to be shown once: in a sealed cookie of the page it is
/// for, taken back when it is read. Not in the address, which histories and logs keep.</summary>
internal sealed class ShownOnce(IDataProtectionProvider protection)
{
    private const string Cookie = "beffroi-once";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly ITimeLimitedDataProtector _seal =
        protection.CreateProtector("beffroi portal: shown once v1").ToTimeLimitedDataProtector();

    internal void Put(HttpContext context, string page, string secret) =>
        context.Response.Cookies.Append(Cookie, _seal.Protect(secret, Lifetime), Options(context, page));

    internal string? Take(HttpContext context)
    {
        if (!context.Request.Cookies.TryGetValue(Cookie, out var value)) return null;
        context.Response.Cookies.Delete(Cookie, Options(context, context.Request.Path));
        try
        {
            return _seal.Unprotect(value);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static CookieOptions Options(HttpContext context, string page) => new()
    {
        Path = page,
        HttpOnly = true,
        IsEssential = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        MaxAge = Lifetime,
    };
}
