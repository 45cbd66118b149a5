using Beffroi.Identity.Access;
using Beffroi.Identity.Oidc;
using Beffroi.Identity.Oidc.Authorize;
using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.SignIn;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;

namespace Beffroi.Portal.SignOn;

/// <summary>What single sign-on needs beside its pages.</summary>
internal static class SignOnRoutes
{
    /// <summary>The parameters of a sign-out.</summary>
    internal static readonly IReadOnlyList<string> SignOutFields =
        ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];

    internal static void Map(IEndpointRouteBuilder routes)
    {
        // A service may post instead of linking (OpenID Connect Core 1.0, §3.1.2.1). Browsers send no cookie along from
        // another site then, so the page is asked again by a link. Before the page's own end point, which takes posts
        // too.
        routes.MapPost(AuthorizeDesk.Path, AskByLinkAsync).AllowAnonymous().WithOrder(-1);
        routes.MapPost(SignOutDesk.Path, AskByLinkAsync).AllowAnonymous().WithOrder(-1);
        routes.MapPost("/deconnexion/service", SignOutAfterAskingAsync).AllowAnonymous();
        routes.MapGet("/services/{id:guid}/logo", ShowLogoAsync)
            .RequireAuthorization(new NeedsAttribute(Permission.UsePortal));
    }

    internal static async Task<SignOutDecision?> DecideAsync(
        HttpContext context, SignOutDesk desk, OidcIssuer issuers, Func<string, string?> parameter)
    {
        if (issuers.Of(context.Request) is not { } issuer) return null;
        var given = SignOutFields.Select(name => parameter(name) is { Length: > 0 } value ? value : null).ToList();
        return await desk.DecideAsync(
            new SignOutRequest(given[0], given[1], given[2], given[3]),
            SessionCookie.CallerOf(context) is null ? null : SessionCookie.SessionOf(context), issuer,
            context.RequestAborted);
    }

    internal static Task SignOutAsync(HttpContext context, SignOutDecision? decision) =>
        ExternalRoutes.SignOutAsync(context, decision?.BackTo ?? "/connexion");

    private static async Task AskByLinkAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = QueryHelpers.AddQueryString(
            context.Request.Path, form.SelectMany(each => each.Value.Select(value =>
                KeyValuePair.Create(each.Key, value))));
    }

    private static async Task SignOutAfterAskingAsync(
        HttpContext context, IAntiforgery forgery, SignOutDesk desk, OidcIssuer issuers)
    {
        if (!await forgery.IsRequestValidAsync(context))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        await SignOutAsync(context, await DecideAsync(context, desk, issuers, name => form[name]));
    }

    private static async Task ShowLogoAsync(HttpContext context, Guid id, RelyingPartyDesk desk)
    {
        var caller = SessionCookie.CallerOf(context)!; // The route needs somebody who is signed in.
        if (await desk.FindLogoAsync(caller, id, context.RequestAborted) is not { } logo)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        context.Response.ContentType = "image/png";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        await context.Response.Body.WriteAsync(logo, context.RequestAborted);
    }
}
