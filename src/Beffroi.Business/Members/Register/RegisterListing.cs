using System.Linq.Expressions;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Business.Members.Register;

/// <summary>The register as one query: members, each with its file if it has one.</summary>
internal static class RegisterListing
{
    private const int NumberDigitsMin = 5; // The 2 of "Paris 2" begins half of all SIRETs.

    /// <summary>With initializers: EF Core does not see through a constructor.</summary>
    internal sealed record Line
    {
        public required MemberRow Member { get; init; }
        public required MemberFile? File { get; init; }
    }

    internal static IQueryable<Line> All(BusinessDb db) =>
        from member in db.Members.AsNoTracking()
        join file in db.Files.AsNoTracking() on member.MemberId equals file.MemberId into files
        from file in files.DefaultIfEmpty()
        select new Line { Member = member, File = file };

    internal static IQueryable<Line> Matching(BusinessDb db, RegisterQuery query)
    {
        var lines = All(db);
        if (query.Kind is { } kind) lines = lines.Where(line => line.File!.Kind == kind);
        if (query.Class is { } memberClass) lines = lines.Where(line => line.File!.Class == memberClass);
        if (query.Standing is MemberStanding.Known)
            lines = lines.Where(line => line.File == null || line.File.Standing == MemberStanding.Known);
        else if (query.Standing is { } standing) lines = lines.Where(line => line.File!.Standing == standing);
        if (query.EpciSiren is { } epci) lines = lines.Where(line => line.File!.EpciSiren == epci);
        if (query.Departement is { } departement) lines = lines.Where(line => line.File!.Departement == departement);
        if (query.Admission is { } state)
        {
            lines = lines.Where(line => db.Admissions.Any(
                admission => admission.MemberId == line.Member.MemberId && admission.State == state));
        }
        return Searched(lines, query.Search);
    }

    internal static IQueryable<Line> Sorted(IQueryable<Line> lines, RegisterSort sort, bool descending)
    {
        var sorted = sort switch
        {
            RegisterSort.Population => By(
                lines.OrderBy(line => line.Member.Population == null), line => line.Member.Population, descending),
            RegisterSort.Epci => By(
                lines.OrderBy(line => line.File!.EpciName == null),
                line => FoldedText.Column(line.File!.EpciName!), descending),
            RegisterSort.Standing => By(lines, line => line.File!.Standing, descending),
            RegisterSort.Level => By(lines, line => line.Member.Level, descending),
            _ => By(lines, FoldedName, descending),
        };
        // What is not known comes last, whichever way: else it would hide what is.
        return sorted.ThenBy(FoldedName).ThenBy(line => line.Member.MemberId); // The last, so that pages never overlap.
    }

    private static Expression<Func<Line, string>> FoldedName => line => FoldedText.Column(line.Member.Name);

    private static IOrderedQueryable<Line> By<TKey>(
        IQueryable<Line> lines, Expression<Func<Line, TKey>> key, bool descending) =>
        descending ? lines.OrderByDescending(key) : lines.OrderBy(key);

    private static IOrderedQueryable<Line> By<TKey>(
        IOrderedQueryable<Line> lines, Expression<Func<Line, TKey>> key, bool descending) =>
        descending ? lines.ThenByDescending(key) : lines.ThenBy(key);

    private static IQueryable<Line> Searched(IQueryable<Line> lines, string? search)
    {
        var words = (search ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Take(RegisterQuery.SearchWordsMax).Select(FoldedText.Of);
        foreach (var word in words)
        {
            var commune = word.ToUpperInvariant();
            var isNumber = word.Length >= NumberDigitsMin && word.All(char.IsAsciiDigit);
            lines = lines.Where(line =>
                FoldedText.Column(line.Member.Name).Contains(word)
                || (isNumber && line.Member.Siret.StartsWith(word))
                || line.File!.CommuneCode == commune);
        }
        return lines;
    }
}
