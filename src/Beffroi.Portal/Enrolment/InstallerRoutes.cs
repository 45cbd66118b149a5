using Beffroi.Fleet.Enrolment;
using Beffroi.Fleet.Installers;
using Beffroi.Identity.Access;
using Beffroi.Identity.SignIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Portal.Enrolment;

/// <summary>Hands out installers: as they are, to who is signed in or names an open token; with a token inside, to who
/// may see that token.</summary>
internal static class InstallerRoutes
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/installeurs/{file}", SendPlainAsync).AllowAnonymous();
        routes.MapGet("/postes/ajouter/{id:guid}/installateur", SendWithTokenAsync);
    }

    private static async Task SendPlainAsync(
        HttpContext http, string file, Guid? code, EnrolmentDesk desk, InstallerShelf shelf)
    {
        var mayFetch = SessionCookie.CallerOf(http) is not null
            || (code is { } id && await desk.IsOpenAsync(new TokenId(id), http.RequestAborted));
        var kind = file.EndsWith(".msi", StringComparison.Ordinal) ? InstallerKind.Windows : InstallerKind.Debian;
        var download = mayFetch ? await shelf.OpenAsync(kind, request: null, http.RequestAborted) : null;
        await SendAsync(http, download?.FileName == file ? download : null);
    }

    [Needs(Permission.ManageDevices)]
    private static async Task SendWithTokenAsync(
        HttpContext http, Guid id, EnrolmentDesk desk, InstallerShelf shelf, PortalOptions options)
    {
        var caller = SessionCookie.CallerOf(http)!; // The attribute let somebody in who has the right.
        var found = await desk.FindAsync(caller, new TokenId(id), http.RequestAborted);
        var kind = AddingWords.InstallerOf(AddingWords.SystemOf(http.Request.Query["systeme"]));
        var download = found?.Token is { } token && kind is { } wanted
            ? await shelf.OpenAsync(wanted, (ServerAddress.Of(http, options), token), http.RequestAborted)
            : null;
        await SendAsync(http, download);
    }

    private static async Task SendAsync(HttpContext http, InstallerDownload? download)
    {
        if (download is null)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        http.Response.ContentType = download.ContentType;
        http.Response.ContentLength = download.Bytes;
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{download.FileName}\"";
        await download.WriteToAsync(http.Response.Body, http.RequestAborted);
    }
}
