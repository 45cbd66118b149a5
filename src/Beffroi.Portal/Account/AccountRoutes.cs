using Beffroi.Portal.SignOn;
using Beffroi.Portal.Texts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Portal.Account;

/// <summary>Acts that every page offers: sign out, change language or theme.</summary>
internal static class AccountRoutes
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/deconnexion", SignOutAsync).AllowAnonymous();
        routes.MapPost("/langue", ChooseLanguage).AllowAnonymous();
        routes.MapPost("/theme", ChooseTheme).AllowAnonymous();
    }

    /// <param name="fields">Asked for so that the form's token is: without it any site could sign people out.</param>
    private static Task SignOutAsync([FromForm] IFormCollection fields, HttpContext context)
    {
        _ = fields;
        return ExternalRoutes.SignOutAsync(context, "/connexion");
    }

    private static RedirectHttpResult ChooseLanguage(
        [FromForm] string langue, [FromForm] string? suite, HttpContext context)
    {
        Remember(context, LanguageChoice.Cookie, langue == "en" ? "en" : "fr");
        return TypedResults.LocalRedirect(LocalAddress.Of(suite));
    }

    private static RedirectHttpResult ChooseTheme(
        [FromForm] string theme, [FromForm] string? suite, HttpContext context)
    {
        Remember(context, "theme", theme == "dark" ? "dark" : "light");
        return TypedResults.LocalRedirect(LocalAddress.Of(suite));
    }

    private static void Remember(HttpContext context, string name, string value) =>
        context.Response.Cookies.Append(name, value, new CookieOptions
        {
            MaxAge = TimeSpan.FromDays(365),
            HttpOnly = true,
            IsEssential = true,
            SameSite = SameSiteMode.Lax,
            Secure = context.Request.IsHttps,
        });
}
