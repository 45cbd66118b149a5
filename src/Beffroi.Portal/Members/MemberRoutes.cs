using System.Text;
using Beffroi.Business.Members.Documents;
using Beffroi.Business.Members.Import;
using Beffroi.Business.Members.Register;
using Beffroi.Identity.Access;
using Beffroi.Identity.SignIn;
using Beffroi.Portal.Members.Import;
using Beffroi.Portal.Members.Register;
using Beffroi.Portal.Texts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Portal.Members;

/// <summary>Files that leave the register.</summary>
internal static class MemberRoutes
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/collectivites/export.csv", ExportAsync);
        routes.MapGet("/collectivites/documents/{id:guid}", SendDocumentAsync);
        routes.MapGet("/collectivites/import/{id:guid}/erreurs.csv", ListProblemsAsync);
    }

    [Needs(Permission.SeeMembers)]
    private static async Task ExportAsync(HttpContext http, MemberRegister members, Text text)
    {
        var query = RegisterAddress.Of(http.Request.Query).ToQuery();
        var rows = await members.ExportAsync(CallerOf(http), query, http.RequestAborted);
        await SendAsync(http, "collectivites.csv", [CsvLine.Of(
            text["nom"], text["SIRET"], text["type"], text["qualité"], text["état"], text["niveau"], text["habitants"],
            text["code INSEE"], text["département"], text["SIREN de l'intercommunalité"], text["intercommunalité"]),
            .. rows.Select(row => LineOf(row, text))]);
    }

    /// <summary>As an attachment, with a name and a type that the register made from the bytes: nothing that somebody
    /// handed in is opened inside the portal.</summary>
    [Needs(Permission.SeeMembers, Permission.ManagePeople)]
    private static async Task<IResult> SendDocumentAsync(Guid id, HttpContext http, MemberDocuments documents)
    {
        var found = await documents.ReadAsync(CallerOf(http), new DocumentId(id), http.RequestAborted);
        if (found is null) return TypedResults.NotFound();

        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        return TypedResults.Stream(found.Content, found.MediaType, found.FileName);
    }

    [Needs(Permission.ManageMembers)]
    private static async Task ListProblemsAsync(
        Guid id, string? connues, HttpContext http, MemberImport import, Text text)
    {
        var problems = await import.ListProblemsAsync(
            CallerOf(http), new ImportId(id), ImportWords.KnownOf(connues), http.RequestAborted);
        if (problems is null)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        await SendAsync(http, "erreurs.csv", problems
            .Select(problem => CsvLine.Of(
                FieldText.Of(problem.Line)!, FieldText.Of(problem.Column)!, problem.Field ?? "",
                problem.IsError ? text["erreur"] : text["avertissement"], ImportWords.Of(text, problem), problem.Found))
            .Prepend(CsvLine.Of(
                text["ligne"], text["colonne"], text["champ"], text["gravité"], text["raison"], text["contenu"])));
    }

    private static string LineOf(RegisterRow row, Text text) => CsvLine.Of(
        row.Name, row.Siret, row.Kind is { } kind ? text[MemberWords.Of(kind)] : "",
        row.Class is { } memberClass ? text[MemberWords.Of(memberClass)] : "", text[MemberWords.Of(row.Standing)],
        FieldText.Of(row.Level)!, FieldText.Of(row.Population) ?? "", row.CommuneCode ?? "", row.Departement ?? "",
        row.EpciSiren ?? "", row.EpciName ?? "");

    private static async Task SendAsync(HttpContext http, string name, IEnumerable<string> lines)
    {
        http.Response.ContentType = "text/csv; charset=utf-8";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        await using var writer = new StreamWriter(http.Response.Body, new UTF8Encoding(false), bufferSize: 1 << 14);
        await writer.WriteAsync(CsvLine.Mark);
        foreach (var line in lines) await writer.WriteAsync(line.AsMemory(), http.RequestAborted);
    }

    private static Caller CallerOf(HttpContext http) => SessionCookie.CallerOf(http)!; // Every route needs one.
}
