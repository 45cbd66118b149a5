using Beffroi.Identity.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Portal;

/// <summary>What every answer to a browser carries, and what people see when something fails.</summary>
internal static class PortalHeaders
{
    // Everything comes from this server. Images may be in style sheets; frames are nobody's.
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'self'; frame-ancestors 'none'";

    internal static void Use(WebApplication app)
    {
        app.UseWhen(IsForPeople, people =>
        {
            people.Use(AddAsync);
            people.UseExceptionHandler(new ExceptionHandlerOptions
            {
                ExceptionHandlingPath = "/erreur",
                CreateScopeForErrors = true,
                StatusCodeSelector = exception => exception is AccessDeniedException
                    ? StatusCodes.Status403Forbidden
                    : StatusCodes.Status500InternalServerError,
            });
        });
    }

    private static Task AddAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        if (!context.Request.Path.StartsWithSegments("/ressources", StringComparison.Ordinal))
            headers.CacheControl = "no-store"; // A shared computer's back button shows nothing.
        return next(context);
    }

    /// <summary>All but the agents' protocol and what machines ask.</summary>
    private static bool IsForPeople(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal)
        && !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
        && !context.Request.Path.StartsWithSegments("/metrics", StringComparison.Ordinal);
}
