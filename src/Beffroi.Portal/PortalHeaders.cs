using Beffroi.Identity.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Portal;

/// <summary>What every answer to a browser carries, and what people see when something fails.</summary>
internal static class PortalHeaders
{
    // Everything comes from this server. Images may be in style sheets; frames are nobody's.
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'self'; frame-ancestors 'none'";

    private const string RetrySeconds = "15"; // A database restarts in less.

    internal static void Use(WebApplication app)
    {
        // Not in the branch for people: a branch knows no routes, and the page of the failure would not be found.
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandlingPath = "/erreur",
            CreateScopeForErrors = true,
            StatusCodeSelector = exception => exception switch
            {
                AccessDeniedException => StatusCodes.Status403Forbidden,
                BadHttpRequestException { StatusCode: var code } => code,
                _ when Outage.Explains(exception) => StatusCodes.Status503ServiceUnavailable,
                _ => StatusCodes.Status500InternalServerError,
            },
        });
        app.Use(ShowFailureAsync);
        app.UseWhen(context => IsForPeople(context.Request.Path), people => people.Use(AddAsync));
    }

    /// <summary>The page of a failure is only read, also when it was a form that failed: as a post it would ask for
    /// the form's name and token, and people would see nothing. Machines get the bare status.</summary>
    private static Task ShowFailureAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IExceptionHandlerPathFeature>() is { } failure)
        {
            if (!IsForPeople(failure.Path)) return Task.CompletedTask;

            if (context.Response.StatusCode == StatusCodes.Status503ServiceUnavailable)
                context.Response.Headers.RetryAfter = RetrySeconds;
            context.Request.Method = HttpMethods.Get;
            context.Request.ContentType = null;
        }
        return next(context);
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
    private static bool IsForPeople(PathString path) =>
        !path.StartsWithSegments("/v1", StringComparison.Ordinal)
        && !path.StartsWithSegments("/health", StringComparison.Ordinal)
        && !path.StartsWithSegments("/metrics", StringComparison.Ordinal);
}
