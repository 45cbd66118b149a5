using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Portal.Assets;

/// <summary>Serves the assets, to anybody.</summary>
internal static class AssetRoute
{
    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/ressources/{hash}/{name}", Handle).AllowAnonymous();

    internal static IResult Handle(string hash, string name, HttpContext context, AssetLibrary library)
    {
        if (library.Find($"/ressources/{hash}/{name}") is not { } asset) return TypedResults.NotFound();

        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        context.Response.Headers.Vary = "Accept-Encoding";
        if (!context.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.Ordinal))
            return TypedResults.Bytes(asset.Bytes, asset.ContentType);

        context.Response.Headers.ContentEncoding = "br";
        return TypedResults.Bytes(asset.Brotli, asset.ContentType);
    }
}
