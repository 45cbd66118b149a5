using Beffroi.Fleet.Browse;
using Beffroi.Fleet.Browse.Archives;
using Beffroi.Fleet.Browse.Files;
using Beffroi.Identity.Access;
using Beffroi.Identity.SignIn;
using Beffroi.Portal.Texts;
using Beffroi.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Beffroi.Portal.Restore;

/// <summary>Contents of backups as files: one to save or to look at, or a selection as an archive.</summary>
internal static class RestoreRoutes
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/restaurer/{device:guid}/{version:long}/fichier/{entry:long}/contenu", SaveAsync);
        routes.MapGet("/restaurer/{device:guid}/{version:long}/fichier/{entry:long}/apercu", ShowAsync);
        routes.MapGet("/restaurer/{device:guid}/{version:long}/archive", PackAsync);
    }

    [Needs(Permission.RestoreData)]
    private static async Task SaveAsync(
        Guid device, long version, long entry, HttpContext http, RestoreSources sources, SnapshotDownloads downloads)
    {
        if (await FindAsync(http, sources, device, version) is not { } found) return;

        var (caller, snapshot) = found;
        var reading = await downloads.OpenFileAsync(caller, snapshot.Id, new EntryId(entry), http.RequestAborted);
        if (reading.Value is { } file) await SendAsync(http, file);
        else Refuse(http, reading.Outcome, $"/restaurer/{device}/{version}", $"/fichier/{entry}?etat=abime");
    }

    [Needs(Permission.RestoreData)]
    private static async Task ShowAsync(
        Guid device, long version, long entry, HttpContext http, RestoreSources sources, SnapshotDownloads downloads)
    {
        if (await FindAsync(http, sources, device, version) is not { } found) return;

        var (caller, snapshot) = found;
        var reading = await downloads.PreviewAsync(caller, snapshot.Id, new EntryId(entry), http.RequestAborted);
        if (reading.Value is { File: { } file }) await SendAsync(http, file);
        else
        {
            // A text is shown by the page of the file alone, where it is nothing but text.
            var outcome = reading.Outcome == ReadingOutcome.Done ? ReadingOutcome.NotFound : reading.Outcome;
            Refuse(http, outcome, $"/restaurer/{device}/{version}", $"/fichier/{entry}?etat=abime");
        }
    }

    [Needs(Permission.RestoreData)]
    private static async Task PackAsync(
        Guid device, long version, string? forme, HttpContext http, RestoreSources sources,
        SnapshotDownloads downloads, Text text)
    {
        if (await FindAsync(http, sources, device, version) is not { } found) return;

        var (caller, snapshot) = found;
        var source = await sources.FindAsync(caller, new DeviceId(device), http.RequestAborted);
        var reading = await downloads.OpenArchiveAsync(
            caller, snapshot.Id, SelectionQuery.Read(http.Request.Query),
            forme == "tar" ? ArchiveFormat.TarGz : ArchiveFormat.Zip,
            $"{source?.Name} {Words.DayOf(snapshot.ReceivedAt):yyyy-MM-dd}", ArchiveWords.Readme(text),
            http.RequestAborted);
        if (reading.Value is not { } archive)
        {
            Refuse(http, reading.Outcome, $"/restaurer/{device}/{version}", "");
            return;
        }
        using (archive)
        {
            Set(http, archive.Headers);
            await archive.WriteAsync(http.Response.Body, http.RequestAborted);
        }
    }

    private static async Task<(Caller Caller, SnapshotLine Snapshot)?> FindAsync(
        HttpContext http, RestoreSources sources, Guid device, long version)
    {
        var caller = SessionCookie.CallerOf(http)!; // The attribute let somebody in who has the right.
        var snapshot = await sources.FindSnapshotAsync(caller, new DeviceId(device), version, http.RequestAborted);
        if (snapshot is not null) return (caller, snapshot);

        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return null;
    }

    /// <summary>Ranges and the entity tag let a browser go on where a download broke off. A part that turns out to be
    /// damaged breaks the answer off, so that the browser calls it failed.</summary>
    private static async Task SendAsync(HttpContext http, StoredFile file)
    {
        Set(http, file.Headers);
        await TypedResults.Stream(
            file.Content, file.Headers.ContentType, fileDownloadName: null, file.Modified,
            new EntityTagHeaderValue($"\"{file.EntityTag}\""), enableRangeProcessing: true).ExecuteAsync(http);
    }

    private static void Set(HttpContext http, DownloadHeaders headers)
    {
        foreach (var (name, value) in headers.ToDictionary()) http.Response.Headers[name] = value;
    }

    /// <summary>What a person can mend has a page that says how; what is not there is just not there.</summary>
    private static void Refuse(HttpContext http, ReadingOutcome outcome, string root, string damaged)
    {
        if (outcome == ReadingOutcome.NotFound) http.Response.StatusCode = StatusCodes.Status404NotFound;
        else http.Response.Redirect(outcome == ReadingOutcome.Damaged ? root + damaged : root);
    }
}
