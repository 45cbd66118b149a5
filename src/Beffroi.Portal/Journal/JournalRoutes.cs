using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Beffroi.Identity.SignIn;
using Beffroi.Portal.Texts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Portal.Journal;

/// <summary>The journal as a file: one line for each act, sent while it is read, however long it is.</summary>
internal static class JournalRoutes
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/journal/export.csv", ExportCsvAsync);
        routes.MapGet("/journal/export.jsonl", ExportJsonAsync);
    }

    [Needs(Permission.ReadJournal)]
    private static Task ExportCsvAsync(
        HttpContext http, JournalReader reader, JournalExports exports, Text text) =>
        SendAsync(http, reader, exports, "csv", "text/csv; charset=utf-8", CsvLine.Mark + CsvLine.Of(
            text["numéro"], text["date"], text["qui"], text["acte"], text["acte (code)"], text["collectivité"],
            text["adresse du réseau"], text["détail"]), line => CsvLine.Of(
            $"{line.Number}", Words.Exact(line.At), ActWords.ActorOf(text, line), ActWords.Of(text, line.Act), line.Act,
            line.MemberName ?? "", line.Origin ?? "", string.Join(", ", ActWords.FactsOf(text, line))));

    [Needs(Permission.ReadJournal)]
    private static Task ExportJsonAsync(HttpContext http, JournalReader reader, JournalExports exports) =>
        SendAsync(http, reader, exports, "jsonl", "application/jsonl; charset=utf-8", "", line =>
            JsonSerializer.Serialize(ExportedLine.Of(line), JournalJson.Default.ExportedLine) + "\n");

    private static async Task SendAsync(
        HttpContext http, JournalReader reader, JournalExports exports, string format, string contentType,
        string heading, Func<JournalLine, string> write)
    {
        var caller = SessionCookie.CallerOf(http)!; // The attribute let somebody in who has the right.
        var filter = await JournalQuery.Of(http.Request.Query).ToFilterAsync(reader, caller, http.RequestAborted);
        if (filter is null)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        await exports.NoteAsync(caller, filter, format, http.RequestAborted);
        http.Response.ContentType = contentType;
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"journal.{format}\"";
        await using var writer = new StreamWriter(http.Response.Body, new UTF8Encoding(false), bufferSize: 1 << 14);
        await writer.WriteAsync(heading);
        await foreach (var line in reader.ExportAsync(caller, filter, http.RequestAborted))
            await writer.WriteAsync(write(line));
    }
}

/// <summary>A line of the JSON export: ids and codes, for programs.</summary>
internal sealed record ExportedLine(
    long Number, DateTimeOffset At, string Actor, string? ActorName, string Act, Guid? Member, string? MemberName,
    string? Origin, IReadOnlyDictionary<string, string> Detail)
{
    internal static ExportedLine Of(JournalLine line) => new(
        line.Number, line.At, line.Actor, line.ActorName, line.Act, line.Member?.Value, line.MemberName, line.Origin,
        line.Detail);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ExportedLine))]
internal sealed partial class JournalJson : JsonSerializerContext;
