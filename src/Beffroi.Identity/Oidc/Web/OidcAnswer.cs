using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Identity.Oidc.Web;

/// <summary>Answers of the end points that programs call.</summary>
internal static class OidcAnswer
{
    internal static Task JsonAsync(HttpContext context, JsonNode json, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json.ToJsonString(), context.RequestAborted);
    }

    /// <summary>Of tokens and what they open: never kept (RFC 6749, §5.1).</summary>
    internal static void ForbidKeeping(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Pragma = "no-cache";
    }

    internal static Task ErrorAsync(HttpContext context, string error, string reason, int status = 400) =>
        JsonAsync(context, new JsonObject { ["error"] = error, ["error_description"] = reason }, status);

    /// <summary>The service did not prove who it is.</summary>
    internal static Task UnknownPartyAsync(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"beffroi\"";
        return ErrorAsync(context, "invalid_client", "The client id or its secret is wrong.", 401);
    }

    /// <summary>RFC 6750, §3.</summary>
    internal static Task BearerErrorAsync(HttpContext context, string? error, int status)
    {
        context.Response.Headers.WWWAuthenticate =
            error is null ? "Bearer realm=\"beffroi\"" : $"Bearer realm=\"beffroi\", error=\"{error}\"";
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    internal static Task NoIssuerAsync(HttpContext context) => ErrorAsync(
        context, "temporarily_unavailable",
        "This server has no public address. Set Portal:PublicUrl, or ask from the same computer.", 503);
}
