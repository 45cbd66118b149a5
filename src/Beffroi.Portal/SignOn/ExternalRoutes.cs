using Beffroi.Fleet.Browse;
using Beffroi.Identity.External;
using Beffroi.Identity.Oidc;
using Beffroi.Identity.SignIn;
using Beffroi.Portal.Account;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace Beffroi.Portal.SignOn;

/// <summary>The way to another provider and back.</summary>
internal static class ExternalRoutes
{
    private const string ReturnPath = "/connexion/externe/retour";
    private const string SignedOutPath = "/connexion/externe/fin";
    private const string JourneyCookie = "beffroi-voyage";
    private const string LinkCookie = "beffroi-lien";

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/connexion/externe/vers/{provider}", LeaveAsync).AllowAnonymous();
        routes.MapGet(ReturnPath, ReturnAsync).AllowAnonymous();
        routes.MapGet(SignedOutPath, ReturnSignedOut).AllowAnonymous();
    }

    /// <summary>Whether the sign-in page says that it links two accounts.</summary>
    internal static bool IsLinking(HttpRequest request) => request.Query["lier"] == "1";

    /// <summary>Links a provider's subject that waits for it to the account that has just signed in, if the page said
    /// so: on a shared computer somebody else may have left it waiting.</summary>
    internal static async Task LinkAsync(HttpContext context, OpenedSession session)
    {
        if (!context.Request.Cookies.TryGetValue(LinkCookie, out var link)) return;
        context.Response.Cookies.Delete(LinkCookie, Options(context));
        if (IsLinking(context.Request)) await Desk(context).LinkAsync(link, session, context.RequestAborted);
    }

    /// <summary>Ends the session, and leads by way of the provider where it began at one.</summary>
    internal static async Task SignOutAsync(HttpContext context, string returnTo)
    {
        var atProvider = SessionCookie.SessionOf(context) is { } session && BaseOf(context) is { } address
            ? await Desk(context).FindSignOutAsync(
                session, address + SignedOutPath, returnTo, context.RequestAborted)
            : null;
        if (SessionCookie.CallerOf(context) is { } caller)
            context.RequestServices.GetRequiredService<SnapshotBrowser>().Forget(caller); // What they read of backups.
        await SessionCookie.SignOutAsync(context);
        context.Response.Redirect(atProvider ?? returnTo);
    }

    private static async Task LeaveAsync(HttpContext context, string provider)
    {
        var returnTo = LocalAddress.Of(context.Request.Query["suite"]);
        var departure = BaseOf(context) is { } address
            ? await Desk(context).LeaveAsync(provider, address + ReturnPath, returnTo, context.RequestAborted)
            : null;
        if (departure is null)
        {
            Refuse(context, ExternalRefusal.ProviderFailed);
            return;
        }
        context.Response.Cookies.Append(JourneyCookie, departure.Cookie, Options(context));
        context.Response.Redirect(departure.Address);
    }

    private static async Task ReturnAsync(HttpContext context)
    {
        var query = context.Request.Query;
        context.Request.Cookies.TryGetValue(JourneyCookie, out var journey);
        context.Response.Cookies.Delete(JourneyCookie, Options(context)); // Good for one return.
        var visitor = new Visitor(context.Connection.RemoteIpAddress?.ToString(), context.Request.Headers.UserAgent);
        switch (await Desk(context).ReturnAsync(
            name => query[name] is [{ Length: > 0 } one] ? one : null, journey, BaseOf(context) + ReturnPath, visitor,
            context.RequestAborted))
        {
            case ExternalOutcome.Admitted admitted:
                await SessionCookie.SignInAsync(context, admitted.Session);
                context.Response.Redirect(LocalAddress.Of(admitted.ReturnTo));
                break;
            case ExternalOutcome.CodeWanted wanted:
                context.Response.Redirect(SignInPage(("suite", wanted.ReturnTo), ("etape", wanted.State)));
                break;
            case ExternalOutcome.LinkWanted wanted:
                context.Response.Cookies.Append(LinkCookie, wanted.Link, Options(context));
                context.Response.Redirect(
                    SignInPage(("suite", wanted.ReturnTo), ("identifiant", wanted.Email), ("lier", "1")));
                break;
            case ExternalOutcome.Refused refused:
                Refuse(context, refused.Reason);
                break;
        }
    }

    private static void ReturnSignedOut(HttpContext context) => context.Response.Redirect(
        Desk(context).ReturnSignedOut(context.Request.Query["state"]) ?? "/connexion");

    private static void Refuse(HttpContext context, ExternalRefusal reason) =>
        context.Response.Redirect($"/connexion/externe/refus?raison={reason}");

    private static string SignInPage(params IEnumerable<(string Name, string Value)> parameters) =>
        QueryHelpers.AddQueryString("/connexion", parameters.Select(each =>
            KeyValuePair.Create(each.Name, (string?)each.Value)));

    private static ExternalSignInDesk Desk(HttpContext context) =>
        context.RequestServices.GetRequiredService<ExternalSignInDesk>();

    private static string? BaseOf(HttpContext context) =>
        context.RequestServices.GetRequiredService<OidcIssuer>().Of(context.Request);

    // Lax: the provider sends the browser back from another site.
    private static CookieOptions Options(HttpContext context) => new()
    {
        Path = "/connexion",
        HttpOnly = true,
        IsEssential = true,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
        MaxAge = TimeSpan.FromMinutes(15),
    };
}
