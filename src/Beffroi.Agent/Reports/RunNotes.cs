using Beffroi.Agent.Platform;
using Beffroi.Protocol;

namespace Beffroi.Agent.Reports;

/// <summary>What a run has to tell besides its numbers. Bounded; any thread.</summary>
internal sealed class RunNotes
{
    private readonly Lock _gate = new();
    private readonly List<string> _unreadable = [];
    private readonly List<string> _warnings = [];
    private long _problems;

    /// <summary>How many objects were left out or are not as they should be.</summary>
    internal long Problems => Interlocked.Read(ref _problems);

    /// <summary>How many warnings there are.</summary>
    internal int WarningCount
    {
        get { lock (_gate) return _warnings.Count; }
    }

    /// <summary>Paths that could not be read.</summary>
    internal IReadOnlyList<string> Unreadable
    {
        get { lock (_gate) return [.. _unreadable]; }
    }

    /// <summary>Sentences.</summary>
    internal IReadOnlyList<string> Warnings
    {
        get { lock (_gate) return [.. _warnings]; }
    }

    internal void Add(SourceProblem problem)
    {
        Interlocked.Increment(ref _problems);
        lock (_gate)
        {
            if (_unreadable.Count < ProtocolConstants.ReportedPathsMax) _unreadable.Add($"/{problem.Path}");
        }
    }

    /// <summary>For a walk that begins anew: it meets them again.</summary>
    internal void ForgetProblems()
    {
        Interlocked.Exchange(ref _problems, 0);
        lock (_gate) _unreadable.Clear();
    }

    internal void Warn(string sentence)
    {
        lock (_gate)
        {
            if (_warnings.Count < ProtocolConstants.ReportedWarningsMax) _warnings.Add(sentence);
        }
    }
}
