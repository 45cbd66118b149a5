using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Beffroi.Portal;

/// <summary>Tells somebody whose file is too big for a page so, by the page itself. Otherwise the check of the form's
/// token, which reads the form, would be what fails, and people would see a bare 400.</summary>
internal static class UploadLimit
{
    private const string Told = "trop-gros";

    /// <summary>Whether the page was led back to because of this.</summary>
    internal static bool WasExceeded(HttpRequest request) => request.Query.ContainsKey(Told);

    internal static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        var limit = context.Features.Get<IHttpMaxRequestBodySizeFeature>();
        // Not HasFormContentType: it throws where the token was found wrong already, on the way to the failure's page.
        var type = context.Request.ContentType;
        var isUpload = type is not null && type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase);
        var isTooBig = isUpload && context.Request.ContentLength > limit?.MaxRequestBodySize;
        if (!isTooBig) return next(context);

        // The server reads the rest away for a few seconds, so that the browser hears the answer and sees no cut line.
        if (limit is { IsReadOnly: false }) limit.MaxRequestBodySize = null;
        var query = context.Request.QueryString.Add(Told, "oui");
        context.Response.Redirect(context.Request.PathBase + context.Request.Path + query);
        return Task.CompletedTask;
    }
}
