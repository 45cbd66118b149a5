using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform;

/// <summary>Passes problems on, but the same one for thousands of files only a few times and then as a
/// number.</summary>
internal sealed class TargetProblems(Action<TargetProblem> report)
{
    private const int SingleReportsMax = 10;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string What, string Why), Tally> _tallies = [];

    /// <param name="onlySummary">For what is usual, such as owners when not root.</param>
    internal void Add(EntryPath path, string what, string why, bool onlySummary = false)
    {
        lock (_lock)
        {
            if (!_tallies.TryGetValue((what, why), out var tally)) _tallies[(what, why)] = tally = new Tally(path);
            tally.Count++;
            if (onlySummary || tally.Reported == SingleReportsMax) return;
            tally.Reported++;
            report(new TargetProblem(path, what, why));
        }
    }

    /// <summary>Adds that something is in the way of an object.</summary>
    internal TargetOutcome Conflict(EntryPath path, string why)
    {
        Add(path, "object", $"{why} Move it away, or restore to an empty folder.");
        return TargetOutcome.Conflict;
    }

    /// <summary>Adds that an object cannot be made here.</summary>
    internal TargetOutcome NotRestored(EntryPath path, string why)
    {
        Add(path, "object", why);
        return TargetOutcome.NotRestored;
    }

    internal void ReportSummaries()
    {
        lock (_lock)
        {
            foreach (var ((what, why), tally) in _tallies)
                if (tally.Count > tally.Reported)
                    report(new TargetProblem(tally.First, what, $"{why} This concerns {tally.Count} objects in all."));
            _tallies.Clear();
        }
    }

    private sealed class Tally(EntryPath first)
    {
        internal EntryPath First { get; } = first;

        internal int Count { get; set; }

        internal int Reported { get; set; }
    }
}
