namespace Beffroi.Vault.Catalogue;

/// <summary>Bounds of docs/format/catalogue.md, and the writer's own choice of where to cut.</summary>
public static class CatalogueLimits
{
    /// <summary>Highest level of a tree of segments or chunk lists.</summary>
    public const int LevelMax = 8;

    /// <summary>Longest entry.</summary>
    public const int EntryBytesMax = 1 << 20;

    /// <summary>Most items of a chunk list.</summary>
    public const int ListItemsMax = 4096;

    /// <summary>Most bytes of all paths of a segment, written out: entries share the start of the path before, so a
    /// few megabytes could stand for gigabytes. Usual segments have one or two.</summary>
    public const int SegmentPathBytesMax = 128 << 20;

    /// <summary>Most data ranges of a sparse file.</summary>
    public const int ExtentsMax = 4096;

    /// <summary>Bytes of a segment or list before the keys.</summary>
    internal const int PrefixBytes = 4;

    /// <summary>A segment is never cut below this, so that the tree stays flat.</summary>
    internal const int SegmentBytesMin = 256 << 10;

    /// <summary>A segment is always cut here. With the mean between, one changed file costs a few hundred kilobytes at
    /// most.</summary>
    internal const int SegmentBytesMax = 1 << 20;

    /// <summary>One path in 2,048 ends a segment: 300 KB of usual entries.</summary>
    internal const ulong SegmentCutMask = 0x7FF;

    /// <summary>A chunk list is never cut below this.</summary>
    internal const int ListItemsMin = 256;

    /// <summary>One chunk in 1,024 ends a list.</summary>
    internal const ulong ListCutMask = 0x3FF;
}
