using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Exclusions;

/// <summary>A pattern with what it decides and where it stands.</summary>
internal sealed record ExclusionRule(GlobPattern Pattern, bool Excludes, string Text, string Source)
{
    internal ExclusionVerdict Verdict => new(Excludes, Text, Source);
}

/// <summary>Rules of one origin, the last that fits wins.</summary>
/// <remarks>Most patterns are plain names or paths: these are looked up, and only patterns with wildcards are tried one
/// by one: a file costs some 0.3 µs with the defaults.</remarks>
internal sealed class RuleList
{
    private readonly IReadOnlyList<ExclusionRule> _rules;
    private readonly Dictionary<ReadOnlyMemory<byte>, List<int>> _byName = new(new ByteComparer());
    private readonly Dictionary<ReadOnlyMemory<byte>, List<int>> _byPath = new(new ByteComparer());
    private readonly List<int> _others = [];
    private readonly int _pathBytesMax;
    private readonly ulong _nameLengths; // Bit n: there is a plain name of n bytes (modulo 64). Saves most look-ups.

    internal RuleList(IReadOnlyList<ExclusionRule> rules)
    {
        _rules = rules;
        for (var i = rules.Count - 1; i >= 0; i--)
        {
            var pattern = rules[i].Pattern;
            if (pattern.LiteralName is { } name) Add(_byName, name, i);
            else if (pattern.LiteralPath is { } path) Add(_byPath, path, i);
            else _others.Add(i);
            if (pattern.LiteralName is { } plain) _nameLengths |= 1UL << plain.Length;
            _pathBytesMax = Math.Max(_pathBytesMax, pattern.LiteralPath?.Length ?? 0);
        }
    }

    /// <summary>The rule that decides, or null when none fits.</summary>
    internal ExclusionRule? Find(EntryPath path, bool isDirectory)
    {
        var name = path.Name;
        var mayBePlain = (_nameLengths & (1UL << name.Length)) != 0;
        var last = mayBePlain ? Last(_byName, name, path, isDirectory) : -1;
        if (path.Bytes.Length <= _pathBytesMax) last = Math.Max(last, Last(_byPath, path.Bytes, path, isDirectory));
        foreach (var index in _others)
        {
            if (index < last) break;
            var pattern = _rules[index].Pattern;
            if (!pattern.MayFit(name.Span, isDirectory) || !pattern.Fits(path, isDirectory)) continue;
            last = index;
            break;
        }
        return last < 0 ? null : _rules[last];
    }

    private int Last(Dictionary<ReadOnlyMemory<byte>, List<int>> rules, ReadOnlyMemory<byte> key, EntryPath path,
        bool isDirectory)
    {
        if (rules.Count == 0 || !rules.TryGetValue(key, out var indexes)) return -1;
        foreach (var index in indexes)
            if (_rules[index].Pattern.Fits(path, isDirectory)) return index;
        return -1;
    }

    private static void Add(Dictionary<ReadOnlyMemory<byte>, List<int>> rules, byte[] key, int index)
    {
        if (!rules.TryGetValue(key, out var indexes)) rules.Add(key, indexes = []);
        indexes.Add(index);
    }

    private sealed class ByteComparer : IEqualityComparer<ReadOnlyMemory<byte>>
    {
        public bool Equals(ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right) =>
            left.Span.SequenceEqual(right.Span);

        public int GetHashCode(ReadOnlyMemory<byte> bytes)
        {
            var hash = new HashCode();
            hash.AddBytes(bytes.Span);
            return hash.ToHashCode();
        }
    }
}
