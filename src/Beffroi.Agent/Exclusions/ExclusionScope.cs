using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Exclusions;

/// <summary>The rules that hold for the children of one directory. Immutable, so a walk may share it.</summary>
internal sealed class ExclusionScope
{
    private readonly ExclusionRules _rules;
    private readonly ExclusionScope? _outer;
    private readonly RuleList? _file;
    private readonly bool _isCache; // Of this directory alone: a tag speaks of the children.

    internal ExclusionScope(ExclusionRules rules) => _rules = rules;

    private ExclusionScope(ExclusionScope outer, RuleList? file, bool isCache)
    {
        _rules = outer._rules;
        _outer = outer;
        _file = file;
        _isCache = isCache;
    }

    /// <summary>The scope for the children of a directory inside this one.</summary>
    /// <param name="ignoreFile">Content of its ignore file; empty when it has none.</param>
    /// <param name="isCache">Whether it holds a valid CACHEDIR.TAG.</param>
    internal ExclusionScope Enter(EntryPath directory, ReadOnlySpan<byte> ignoreFile, bool isCache)
    {
        if (ignoreFile.IsEmpty && !isCache && !_isCache) return this;
        var name = directory.IsEmpty ? $"/{ExclusionFiles.IgnoreName}" : $"/{directory}/{ExclusionFiles.IgnoreName}";
        var file = ignoreFile.IsEmpty ? null : _rules.ParseFile(directory, ignoreFile, name);
        return new ExclusionScope(this, file, isCache);
    }

    /// <summary>Decides on a child of the scope's directory, whose own parents are known to be kept.</summary>
    internal ExclusionVerdict Decide(EntryPath path, bool isDirectory)
    {
        path = _rules.CaseOf(path);
        if (_rules.Options.Find(path, isDirectory) is { } option) return option.Verdict;
        if (_isCache && !path.Name.Span.SequenceEqual(ExclusionFiles.CacheTagBytes(_rules.IgnoresCase)))
            return new ExclusionVerdict(true, ExclusionFiles.CacheTagName, ExclusionFiles.CacheTagName);
        for (var scope = this; scope is not null; scope = scope._outer)
            if (scope._file?.Find(path, isDirectory) is { } rule) return rule.Verdict;
        return _rules.Defaults.Find(path, isDirectory)?.Verdict ?? ExclusionVerdict.Kept;
    }
}
