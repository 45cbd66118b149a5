using System.IO.Enumeration;
using Beffroi.Protocol;

namespace Beffroi.Agent.Daemon;

/// <summary>Looks for big folders and databases that the plan does not cover: a new accounting program, a disk that
/// somebody added.</summary>
/// <param name="isCovered">Whether the plan takes a path, or leaves it out on purpose.</param>
/// <param name="dumpKinds">The kinds of databases that the plan writes into files.</param>
internal sealed class Survey(
    Func<string, Coverage> isCovered, IReadOnlySet<string> dumpKinds, DriftMessage threshold)
{
    // Beyond it the folder is big, whatever more there is; and a disk is not kept busy for an hour.
    private const int EntriesMax = 300_000;

    // A folder of which the plan takes a part is looked into so deep.
    private const int DepthMax = 3;

    // A database is worth a word before it is as big as a folder has to be: an empty cluster has 40 MB.
    private const int DatabaseShare = 16;

    private static readonly EnumerationOptions s_below = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.ReparsePoint, // Links lead elsewhere, and in circles.
    };

    private static readonly EnumerationOptions s_here = new()
    {
        IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint,
    };

    /// <summary>What lies outside, the biggest first.</summary>
    internal IReadOnlyList<UncoveredMessage> Find(IEnumerable<string> tops, CancellationToken cancellationToken)
    {
        List<UncoveredMessage> found = [];
        foreach (var top in tops.Distinct(StringComparer.Ordinal)) Look(top, depth: 0, found, cancellationToken);
        return [.. found.OrderByDescending(each => each.Bytes).Take(ProtocolConstants.UncoveredMax)];
    }

    private void Look(string folder, int depth, List<UncoveredMessage> found, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var coverage = isCovered(folder);
        if (coverage == Coverage.Whole) return;
        if (coverage == Coverage.Part)
        {
            if (depth >= DepthMax) return;
            foreach (var inner in Folders(folder)) Look(inner, depth + 1, found, cancellationToken);
            return;
        }
        var (files, bytes, engine) = Measure(folder, cancellationToken);
        if (engine is not null && dumpKinds.Contains(engine)) return;
        var isBig = bytes >= threshold.FolderBytesMin || files >= threshold.FolderFilesMin;
        if (isBig || (engine is not null && bytes >= threshold.FolderBytesMin / DatabaseShare))
            found.Add(new UncoveredMessage(folder, engine is null ? "folder" : "database", files, bytes));
    }

    /// <summary>The folders in a folder; none where this user may not look.</summary>
    internal static IReadOnlyList<string> Folders(string folder)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(folder, "*", s_here).Order(StringComparer.Ordinal)];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static (long Files, long Bytes, string? Engine) Measure(
        string folder, CancellationToken cancellationToken)
    {
        var (files, bytes, engine, entries) = (0L, 0L, (string?)null, 0);
        try
        {
            var below = new FileSystemEnumerable<(long Bytes, string? Engine)>(
                folder,
                (ref FileSystemEntry entry) =>
                    entry.IsDirectory ? (-1, null) : (entry.Length, EngineOf(entry.FileName)),
                s_below);
            foreach (var entry in below)
            {
                if (++entries > EntriesMax) break;
                cancellationToken.ThrowIfCancellationRequested();
                if (entry.Bytes < 0) continue;
                (files, bytes, engine) = (files + 1, bytes + entry.Bytes, engine ?? entry.Engine);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // What was seen until then is true.
        }
        return (files, bytes, engine);
    }

    /// <summary>The database whose file has that name.</summary>
    internal static string? EngineOf(ReadOnlySpan<char> name)
    {
        if (name.SequenceEqual("PG_VERSION")) return "postgresql";
        if (name.SequenceEqual("ibdata1") || name.EndsWith(".ibd", StringComparison.OrdinalIgnoreCase)) return "mysql";
        if (name.EndsWith(".mdf", StringComparison.OrdinalIgnoreCase)) return "sqlserver";
        return name.EndsWith(".fdb", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith(".gdb", StringComparison.OrdinalIgnoreCase) ? "firebird" : null;
    }
}

/// <summary>How much of a folder a plan takes.</summary>
internal enum Coverage
{
    None,

    /// <summary>Something below it.</summary>
    Part,

    /// <summary>All of it, or it is left out on purpose.</summary>
    Whole,
}
