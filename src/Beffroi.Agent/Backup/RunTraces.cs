using System.Text;
using Beffroi.Protocol;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Backup;

/// <summary>Counts what ransomware leaves behind, from what the walk knows anyway: no file is read for it. Any
/// thread.</summary>
internal sealed class RunTraces
{
    // A town hall has a few hundred. A program that gives each file an ending of its own would fill the memory.
    private const int EndingsMax = 2_000;
    private const int EndingBytesMax = 20;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long New, long Known)> _endings = new(StringComparer.Ordinal);
    private long _known, _changed, _new, _gone, _changedBytes;

    /// <summary>Counts a file that the walk met.</summary>
    /// <param name="isKnown">Whether an earlier run stored a file of that path.</param>
    /// <param name="isUnchanged">Whether it looks as it did then.</param>
    internal void AddFile(EntryPath path, long bytes, bool isKnown, bool isUnchanged)
    {
        if (isKnown) Interlocked.Increment(ref _known);
        else Interlocked.Increment(ref _new);
        if (isKnown && !isUnchanged)
        {
            Interlocked.Increment(ref _changed);
            Interlocked.Add(ref _changedBytes, bytes);
        }
        if (EndingOf(path) is { } ending) Count(ending, isKnown);
    }

    /// <summary>Counts files that were there and are not any more.</summary>
    internal void AddGone(long files) => Interlocked.Add(ref _gone, files);

    /// <summary>As the report has them.</summary>
    internal RunSignals ToSignals(long denseBytes)
    {
        lock (_gate)
        {
            var (ending, counts) = _endings.OrderByDescending(each => each.Value.New)
                .ThenBy(each => each.Key, StringComparer.Ordinal).FirstOrDefault();
            return new RunSignals(
                _known, _changed, _new, _gone, _changedBytes, denseBytes, counts.New, counts.Known,
                counts.New > 0 ? ending : null);
        }
    }

    private void Count(string ending, bool isKnown)
    {
        lock (_gate)
        {
            var isCounted = _endings.TryGetValue(ending, out var counts);
            if (!isCounted && _endings.Count >= EndingsMax) return;
            _endings[ending] = isKnown ? (counts.New, counts.Known + 1) : (counts.New + 1, counts.Known);
        }
    }

    /// <summary>The ending of a name, in small letters; none for names that begin with their only dot.</summary>
    private static string? EndingOf(EntryPath path)
    {
        var name = path.Name.Span;
        var dot = name.LastIndexOf((byte)'.');
        return dot <= 0 || name.Length - dot > EndingBytesMax || dot == name.Length - 1
            ? null : Encoding.UTF8.GetString(name[dot..]).ToLowerInvariant();
    }
}
