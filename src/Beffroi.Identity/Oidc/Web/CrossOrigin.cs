using Beffroi.Identity.Oidc.Parties;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Oidc.Web;

/// <summary>Lets scripts of other sites read an answer, where they have a reason to.</summary>
internal sealed class CrossOrigin(IDbContextFactory<IdentityDb> contexts)
{
    /// <summary>What is public anyway: discovery and keys.</summary>
    internal static void AllowAnybody(HttpContext context) =>
        context.Response.Headers.AccessControlAllowOrigin = "*";

    /// <summary>Answers a browser that asks beforehand.</summary>
    internal async Task PreflightAsync(HttpContext context)
    {
        await AllowPartiesAsync(context);
        var headers = context.Response.Headers;
        headers.AccessControlAllowMethods = "GET, POST";
        headers.AccessControlAllowHeaders = "authorization, content-type";
        headers.AccessControlMaxAge = "600";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Services that run in a browser, from the sites to which they have people sent back. Never with
    /// cookies.</summary>
    internal async Task AllowPartiesAsync(HttpContext context)
    {
        if (context.Request.Headers.Origin is not [{ Length: > 0 } origin]) return;
        context.Response.Headers.Vary = "Origin";
        await using var db = await contexts.CreateDbContextAsync(context.RequestAborted);
        var addresses = await db.Parties
            .Where(row => row.Kind == PartyKind.Public && row.DisabledAt == null)
            .Select(row => row.RedirectUris).ToListAsync(context.RequestAborted);
        if (addresses.SelectMany(each => each).Any(address => OriginOf(address) == origin))
            context.Response.Headers.AccessControlAllowOrigin = origin;
    }

    private static string? OriginOf(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http"
            ? uri.GetLeftPart(UriPartial.Authority)
            : null;
}
