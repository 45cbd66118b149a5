using Beffroi.Agent.Platform;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Exclusions;

/// <summary>Answers "why is this in the backup, or not?" by walking to one path as a run would.</summary>
/// <param name="At">The path itself, or the directory above it whose exclusion decided.</param>
/// <param name="Verdict">The deciding rule; a kept path may have one too, if a rule called it back.</param>
internal sealed record ExclusionExplanation(EntryPath At, ExclusionVerdict Verdict)
{
    /// <param name="root">The top of the backup that holds the path; it is never excluded itself.</param>
    /// <exception cref="FileSystemException">The path, or a directory on the way, cannot be read.</exception>
    internal static ExclusionExplanation Of(ISourceFileSystem source, ExclusionRules rules, EntryPath root,
        EntryPath path, Action<SourceProblem> report)
    {
        if (!path.IsAtOrBelow(root)) throw new ArgumentException("The path is not below the root.", nameof(path));
        var scope = rules.Top;
        var node = source.Stat(root);
        var at = root;
        while (at != path)
        {
            scope = scope.Enter(source, at, source.List(node), report);
            at = Step(at, path);
            node = source.Stat(at);
            var verdict = scope.Decide(at, node.Kind == EntryKind.Directory);
            if (verdict.Excluded || at == path) return new ExclusionExplanation(at, verdict);
        }
        return new ExclusionExplanation(path, ExclusionVerdict.Kept);
    }

    /// <summary>One name further on the way to the target.</summary>
    private static EntryPath Step(EntryPath from, EntryPath target)
    {
        var start = from.IsEmpty ? 0 : from.Bytes.Length + 1;
        var end = target.Bytes.Span[start..].IndexOf((byte)0);
        return end < 0 ? target : new EntryPath(target.Bytes[..(start + end)]);
    }
}
