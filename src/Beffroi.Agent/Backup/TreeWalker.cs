using Beffroi.Agent.Exclusions;
using Beffroi.Agent.Platform;
using Beffroi.Agent.State;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Backup;

/// <summary>Walks the scope of a backup in catalogue order: a directory before what it holds, names by their
/// bytes.</summary>
/// <remarks>Memory is one listing for each level of depth. Problems of single objects are reported and passed
/// over.</remarks>
internal sealed class TreeWalker(
    ISourceFileSystem source, ExclusionRules rules, BackupState? state, bool staysOnFileSystem,
    Action<SourceProblem> report)
{
    private readonly HashSet<EntryPath> _ancestors = [];

    /// <summary>Called with each directory that was listed to its end, so that the state can forget what is
    /// gone.</summary>
    internal Action<DirectoryRows>? DirectoryClosed { get; init; }

    /// <summary>Called with what a rule left out.</summary>
    internal Action<EntryPath, ExclusionVerdict>? Excluded { get; init; }

    /// <summary>The objects at and below the roots, and the directories above them.</summary>
    internal IEnumerable<WalkedNode> Walk(IReadOnlyList<EntryPath> roots)
    {
        foreach (var root in EntryPath.Outermost(roots))
        {
            foreach (var ancestor in NewAncestorsOf(root))
                if (TryStat(ancestor) is { } above) yield return new WalkedNode(above, ancestor, Known: null);
            if (TryStat(root) is not { } top) continue;
            if (!root.IsEmpty) yield return new WalkedNode(top, root, KnownOf(root, top));
            if (top.Kind != EntryKind.Directory) continue;
            foreach (var below in WalkBelow(top, root)) yield return below;
        }
    }

    private List<EntryPath> NewAncestorsOf(EntryPath root)
    {
        var found = new List<EntryPath>();
        for (var path = root.IsEmpty ? root : root.Parent; !path.IsEmpty && _ancestors.Add(path); path = path.Parent)
            found.Add(path);
        found.Reverse();
        return found;
    }

    private IEnumerable<WalkedNode> WalkBelow(SourceNode top, EntryPath path)
    {
        var open = new Stack<Listing>();
        if (TryOpen(top, path, rules.Top) is { } first) open.Push(first);
        while (open.TryPeek(out var listing))
        {
            if (listing.Next == listing.Children.Count)
            {
                open.Pop();
                if (listing.Rows is not null) DirectoryClosed?.Invoke(listing.Rows);
                continue;
            }
            var child = listing.Children[listing.Next++];
            var childPath = listing.Path.Append(child.Name.Span);
            var verdict = listing.Scope.Decide(childPath, child.Kind == EntryKind.Directory);
            if (verdict.Excluded)
            {
                Excluded?.Invoke(childPath, verdict);
                continue;
            }
            StateRow? known = null;
            if (child.Kind == EntryKind.File) listing.Rows?.TryGet(child.Name.Span, out known);
            yield return new WalkedNode(child, childPath, known);
            if (child.Kind == EntryKind.Directory && Enters(child, listing.Device)
                && TryOpen(child, childPath, listing.Scope) is { } inner)
            {
                open.Push(inner);
            }
        }
    }

    private bool Enters(SourceNode directory, ulong parentDevice)
    {
        if (directory.Status.Device == parentDevice) return true;
        return !staysOnFileSystem && source.PseudoFileSystem(directory) is null;
    }

    private Listing? TryOpen(SourceNode directory, EntryPath path, ExclusionScope scope)
    {
        try
        {
            var rows = state?.LoadDirectory(path);
            var children = source.List(directory);
            return new Listing(
                path, children, scope.Enter(source, path, children, report), rows, directory.Status.Device);
        }
        catch (FileSystemException exception)
        {
            report(exception.AsProblem());
            return null;
        }
    }

    private SourceNode? TryStat(EntryPath path)
    {
        try
        {
            return source.Stat(path);
        }
        catch (FileSystemException exception)
        {
            report(exception.AsProblem());
            return null;
        }
    }

    private StateRow? KnownOf(EntryPath root, SourceNode top)
    {
        if (state is null || top.Kind != EntryKind.File) return null;
        state.LoadDirectory(root.Parent).TryGet(root.Name.Span, out var known);
        return known;
    }

    private sealed record Listing(
        EntryPath Path, IReadOnlyList<SourceNode> Children, ExclusionScope Scope, DirectoryRows? Rows, ulong Device)
    {
        internal int Next { get; set; }
    }
}
