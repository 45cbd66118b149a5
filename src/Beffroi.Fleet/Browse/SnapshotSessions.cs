using System.Security.Cryptography;
using Beffroi.Fleet.Consents;
using Beffroi.Identity;
using Beffroi.Intake;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Fleet.Browse;

/// <summary>A snapshot whose root key somebody had opened.</summary>
/// <remarks>The key lies in memory that the collector does not move, and is wiped at the end. Reads that are under way
/// hold copies, as long as they last.</remarks>
internal sealed class OpenSnapshot(
    SnapshotLine line, MemberId member, KnownDevice device, RecordId root, ReadOnlySpan<byte> rootKey)
{
    // A person who clicks through thousands of files has each read journalled again after that many.
    private const int NotedMax = 10_000;

    private readonly byte[] _rootKey = Pinned(rootKey);
    private readonly HashSet<NotedRead> _noted = [];

    internal SnapshotLine Line => line;
    internal MemberId Member => member;
    internal KnownDevice Device => device;
    internal DateTimeOffset OpenedAt { get; init; }
    internal DateTimeOffset UsedAt { get; set; }

    /// <summary>Whether reads that are under way must end.</summary>
    internal bool IsShut { get; private set; }

    /// <summary>To be read before the snapshot may be wiped.</summary>
    internal RecordRef Root => new(root, new Digest256(_rootKey));

    /// <summary>Whether such a read is in the journal already: one that goes on is one read.</summary>
    internal bool IsNoted(NotedRead read)
    {
        lock (_noted) return _noted.Contains(read);
    }

    /// <summary>To be called when it is in the journal, and not before: a failed entry is tried again.</summary>
    internal void SetNoted(NotedRead read)
    {
        lock (_noted)
        {
            if (_noted.Count >= NotedMax) _noted.Clear();
            _noted.Add(read);
        }
    }

    internal void Wipe(bool shuts)
    {
        IsShut |= shuts;
        CryptographicOperations.ZeroMemory(_rootKey);
    }

    private static byte[] Pinned(ReadOnlySpan<byte> key)
    {
        var pinned = GC.AllocateArray<byte>(key.Length, pinned: true);
        key.CopyTo(pinned);
        return pinned;
    }
}

/// <summary>A read as the journal tells it.</summary>
internal readonly record struct NotedRead(ReadingPurpose Purpose, string What, ConsentId? Consent);

/// <summary>Keeps the root keys that people had opened, for a short time each and for these people alone: a folder more
/// is not another opening. May be used from many threads at once.</summary>
internal sealed class SnapshotSessions : IDisposable
{
    /// <summary>Without a read for that long a key is wiped.</summary>
    internal static readonly TimeSpan IdleMax = TimeSpan.FromMinutes(10);

    /// <summary>A key is wiped after that long however often it is used.</summary>
    internal static readonly TimeSpan LifeMax = TimeSpan.FromHours(1);

    // Of all people together, some kilobytes each.
    private const int CountMax = 1024;
    private static readonly TimeSpan s_sweepEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Actor, SnapshotId Snapshot), OpenSnapshot> _open = [];
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;

    internal SnapshotSessions(TimeProvider time)
    {
        _time = time;
        _sweep = time.CreateTimer(_ => Sweep(), state: null, s_sweepEvery, s_sweepEvery);
    }

    /// <summary>How many keys are in memory.</summary>
    internal int Count
    {
        get { lock (_gate) return _open.Count; }
    }

    /// <summary>What the person opened before, with the root as it was when nobody could wipe it.</summary>
    internal (OpenSnapshot Snapshot, RecordRef Root)? Find(string actor, SnapshotId snapshot)
    {
        Sweep();
        lock (_gate)
        {
            if (_open.GetValueOrDefault((actor, snapshot)) is not { } open) return null;
            open.UsedAt = _time.GetUtcNow();
            return (open, open.Root);
        }
    }

    /// <summary>Keeps what was opened, or the one that another request of the same person opened meanwhile.</summary>
    internal (OpenSnapshot Snapshot, RecordRef Root) Keep(string actor, OpenSnapshot opened)
    {
        lock (_gate)
        {
            var key = (actor, opened.Line.Id);
            if (_open.TryGetValue(key, out var other))
            {
                opened.Wipe(shuts: false);
                return (other, other.Root);
            }
            if (_open.Count >= CountMax) Remove(_open.MinBy(pair => pair.Value.UsedAt).Key, shuts: false);
            opened.UsedAt = _time.GetUtcNow();
            _open.Add(key, opened);
            return (opened, opened.Root);
        }
    }

    /// <summary>Wipes what a person opened of a member, and ends the reads that are under way.</summary>
    internal void Shut(MemberId member, string actor)
    {
        lock (_gate)
        {
            foreach (var key in _open.Where(pair => pair.Key.Actor == actor && pair.Value.Member == member)
                .Select(pair => pair.Key).ToList())
            {
                Remove(key, shuts: true);
            }
        }
    }

    /// <summary>Wipes what was opened by a person who signs out, or is signed out.</summary>
    /// <param name="shuts">Whether reads that are under way end too.</param>
    internal void Forget(string actor, bool shuts)
    {
        lock (_gate)
        {
            foreach (var key in _open.Keys.Where(key => key.Actor == actor).ToList()) Remove(key, shuts);
        }
    }

    /// <summary>Wipes what is over.</summary>
    internal void Sweep()
    {
        var now = _time.GetUtcNow();
        lock (_gate)
        {
            foreach (var (key, _) in _open
                .Where(pair => now - pair.Value.UsedAt >= IdleMax || now - pair.Value.OpenedAt >= LifeMax).ToList())
            {
                Remove(key, shuts: false);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sweep.Dispose();
        lock (_gate)
        {
            foreach (var key in _open.Keys.ToList()) Remove(key, shuts: false);
        }
    }

    private void Remove((string, SnapshotId) key, bool shuts)
    {
        _open.Remove(key, out var open);
        open?.Wipe(shuts);
    }
}
