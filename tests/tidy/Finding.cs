namespace Beffroi.Tidy;

/// <summary>A place that breaks a rule, and what to do about it.</summary>
internal sealed record Finding(string Path, int Line, string Advice)
{
    public override string ToString() => $"{Path}:{Line}: {Advice}";
}

internal static class Rule
{
    private const int FindingsShownMax = 60; // More would bury the first ones, which are the ones that get fixed.

    /// <summary>Fails the running test with every finding, one line each, as editors and terminals can follow
    /// them.</summary>
    internal static void Holds(IEnumerable<Finding> findings)
    {
        var all = findings
            .OrderBy(finding => finding.Path, StringComparer.Ordinal)
            .ThenBy(finding => finding.Line)
            .ToList();
        if (all.Count == 0)
            return;

        var shown = string.Join('\n', all.Take(FindingsShownMax));
        Assert.Fail(all.Count <= FindingsShownMax ? shown : $"{shown}\n… and {all.Count - FindingsShownMax} more");
    }
}
