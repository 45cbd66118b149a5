namespace Beffroi.Business.Members.Import;

/// <summary>Problems by line, the first ones kept and all of them counted: a file in the wrong shape has one in every
/// line.</summary>
/// <param name="keptMax">How many are kept; none beyond that costs memory.</param>
internal sealed class ProblemList(int keptMax = ProblemList.KeptMax)
{
    internal const int KeptMax = 1000; // Twenty pages of fifty; nobody corrects more by hand.
    internal const int ListedMax = 200_000; // Four in every line of the longest file: 40 MB for a moment.
    private const int FoundCharactersMax = 80;

    private readonly List<ImportProblem> _errors = [];
    private readonly List<ImportProblem> _warnings = [];

    internal int ErrorCount { get; private set; }
    internal int WarningCount { get; private set; }

    /// <summary>By line and column; warnings only where errors leave room.</summary>
    internal IReadOnlyList<ImportProblem> Kept =>
        [.. _errors.Concat(_warnings).Take(keptMax).OrderBy(problem => (problem.Line, problem.Column))];

    internal void AddError(
        ImportReason reason, int line = 0, int column = 0, string? field = null, string found = "",
        int? otherLine = null)
    {
        ErrorCount++;
        if (_errors.Count < keptMax)
            _errors.Add(new ImportProblem(line, column, field, reason, Shorten(found), IsError: true, otherLine));
    }

    internal void AddWarning(ImportReason reason, int line, int column, string? field, string found)
    {
        WarningCount++;
        if (_warnings.Count < keptMax)
            _warnings.Add(new ImportProblem(line, column, field, reason, Shorten(found), IsError: false, null));
    }

    private static string Shorten(string text)
    {
        var plain = string.Concat(text.Select(each => char.IsControl(each) ? ' ' : each));
        return plain.Length <= FoundCharactersMax ? plain : plain[..FoundCharactersMax] + "…";
    }
}
