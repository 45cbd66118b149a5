using System.Globalization;
using Beffroi.Business.Members.Register;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Portal.Members.Register;

/// <summary>The register's filter and order as they stand in an address.</summary>
public sealed record RegisterAddress(
    string? Search, MemberKind? Kind, MemberStanding? Standing, string? Epci, RegisterSort Sort, bool Descending,
    int Page)
{
    internal const int PageRows = 50;

    private static readonly Dictionary<string, RegisterSort> Sorts = new(StringComparer.Ordinal)
    {
        ["nom"] = RegisterSort.Name,
        ["habitants"] = RegisterSort.Population,
        ["epci"] = RegisterSort.Epci,
        ["etat"] = RegisterSort.Standing,
        ["niveau"] = RegisterSort.Level,
    };

    private static readonly Dictionary<string, MemberStanding> Standings = new(StringComparer.Ordinal)
    {
        ["connue"] = MemberStanding.Known,
        ["en-cours"] = MemberStanding.Joining,
        ["adherente"] = MemberStanding.Effective,
        ["partie"] = MemberStanding.Left,
    };

    private static readonly Dictionary<string, MemberKind> Kinds = new(StringComparer.Ordinal)
    {
        ["commune"] = MemberKind.Commune,
        ["intercommunalite"] = MemberKind.Epci,
        ["departement"] = MemberKind.Departement,
        ["etablissement"] = MemberKind.PublicBody,
        ["syndicat"] = MemberKind.Syndicate,
        ["autre"] = MemberKind.Other,
    };

    internal bool IsFiltered => Search is not null || Kind is not null || Standing is not null || Epci is not null;

    internal static IEnumerable<(string Word, MemberKind Kind)> AllKinds =>
        Kinds.Select(pair => (pair.Key, pair.Value));

    internal static IEnumerable<(string Word, MemberStanding Standing)> AllStandings =>
        Standings.Select(pair => (pair.Key, pair.Value));

    internal static string WordOf(MemberStanding standing) => Standings.First(pair => pair.Value == standing).Key;

    internal static RegisterAddress Of(IQueryCollection query) => new(
        Text(query["q"]), Find(Kinds, query["type"]), Find(Standings, query["etat"]), Text(query["epci"]),
        Find(Sorts, query["tri"]) ?? RegisterSort.Name, query["sens"] == "desc",
        int.TryParse(query["page"], NumberStyles.None, CultureInfo.InvariantCulture, out var page) && page > 0
            ? page
            : 1);

    internal RegisterQuery ToQuery() => new(
        Search, Kind, Class: null, Standing, Epci, Sort: Sort, Descending: Descending, Page: Page, PageRows: PageRows);

    /// <summary>The same filter sorted by a column; by the one that sorts already, the other way round.</summary>
    internal string SortedBy(RegisterSort sort) =>
        (this with { Sort = sort, Descending = Sort == sort && !Descending, Page = 1 }).ToText("/collectivites");

    /// <summary>What readers of screens hear of a column.</summary>
    internal string? AriaSort(RegisterSort sort) => Sort != sort ? null : Descending ? "descending" : "ascending";

    internal string ToText(string path) => path + QueryString.Create(new Dictionary<string, string?>
    {
        ["q"] = Search,
        ["type"] = Kind is { } kind ? Kinds.First(pair => pair.Value == kind).Key : null,
        ["etat"] = Standing is { } standing ? WordOf(standing) : null,
        ["epci"] = Epci,
        ["tri"] = Sort == RegisterSort.Name ? null : Sorts.First(pair => pair.Value == Sort).Key,
        ["sens"] = Descending ? "desc" : null,
    }.Where(pair => pair.Value is not null));

    private static T? Find<T>(Dictionary<string, T> words, string? word)
        where T : struct => word is not null && words.TryGetValue(word, out var value) ? value : null;

    private static string? Text(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}
