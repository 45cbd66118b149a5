using System.Globalization;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Beffroi.Portal.Texts;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Portal.Journal;

/// <summary>The journal's filter as it stands in an address.</summary>
public sealed record JournalQuery(
    string? Member, string? Act, string? Email, DateOnly? From, DateOnly? Until, long? Before, long? After)
{
    internal static JournalQuery Of(IQueryCollection query) => new(
        Text(query["collectivite"]), Text(query["acte"]), Text(query["personne"]), Day(query["du"]),
        Day(query["au"]), Number(query["avant"]), Number(query["apres"]));

    /// <summary>The filter; none if it names somebody who is not there.</summary>
    internal async Task<JournalFilter?> ToFilterAsync(
        JournalReader reader, Caller caller, CancellationToken cancellationToken)
    {
        PersonId? person = null;
        if (Email is not null)
        {
            person = await reader.FindPersonAsync(caller, Email, cancellationToken);
            if (person is null) return null;
        }
        return new JournalFilter(
            Guid.TryParse(Member, out var member) ? new MemberId(member) : null, Act, Actor: null,
            From is { } first ? Words.StartOf(first) : null, Until is { } last ? Words.StartOf(last.AddDays(1)) : null,
            Before, person, After);
    }

    /// <summary>This filter as an address, without the page, or on the one before or after a number.</summary>
    internal string Address(string path, long? before = null, long? after = null) => path + QueryString.Create(
        new Dictionary<string, string?>
        {
            ["collectivite"] = Member,
            ["acte"] = Act,
            ["personne"] = Email,
            ["du"] = From?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["au"] = Until?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["avant"] = before?.ToString(CultureInfo.InvariantCulture),
            ["apres"] = after?.ToString(CultureInfo.InvariantCulture),
        }.Where(pair => pair.Value is not null));

    private static string? Text(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    private static DateOnly? Day(string? value) =>
        DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null;

    private static long? Number(string? value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
