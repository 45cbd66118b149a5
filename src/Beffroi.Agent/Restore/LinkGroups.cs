using System.Collections.Concurrent;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Restore;

/// <summary>Files of several names: one name is restored by its content, the others become links to it, but only once
/// its content is known to be right.</summary>
/// <remarks>The first name may be kept for a stranger, blocked, or damaged: a link to what is there then would be
/// another file under a name that counts as restored.</remarks>
internal sealed class LinkGroups
{
    private readonly ConcurrentDictionary<ulong, EntryPath> _right = [];
    private readonly ConcurrentDictionary<ulong, RestoreProblem> _damaged = [];
    private readonly HashSet<ulong> _underWay = [];
    private List<Entry> _waiting = [];

    /// <summary>Whether a file waits for another of its names. One thread.</summary>
    internal bool Defers(Entry entry)
    {
        if (entry.HardLinkGroup == 0 || _underWay.Add(entry.HardLinkGroup)) return false;
        _waiting.Add(entry);
        return true;
    }

    /// <summary>Takes the files that waited, once nothing is under way. The next one of each that has no right name is
    /// tried by its content.</summary>
    internal IReadOnlyList<Entry> TakeWaiting()
    {
        var taken = _waiting;
        _waiting = [];
        _underWay.Clear();
        return taken;
    }

    /// <summary>Says that a name has the right content. Any thread.</summary>
    internal void Found(Entry entry)
    {
        if (entry.HardLinkGroup != 0) _right.TryAdd(entry.HardLinkGroup, entry.Path);
    }

    /// <summary>Says why a name was not restored. Damage of the vault is the same for all of them. Any
    /// thread.</summary>
    internal void Failed(Entry entry, RestoreProblem problem)
    {
        if (entry.HardLinkGroup != 0 && problem.IsDamage) _damaged.TryAdd(entry.HardLinkGroup, problem);
    }

    /// <summary>A name with the right content, or null.</summary>
    internal EntryPath? RightNameOf(Entry entry) =>
        _right.TryGetValue(entry.HardLinkGroup, out var path) ? path : null;

    /// <summary>Why no name of a file can be restored, or null.</summary>
    internal RestoreProblem? DamageOf(Entry entry) =>
        _damaged.TryGetValue(entry.HardLinkGroup, out var problem) ? problem with { Path = entry.Path } : null;
}
