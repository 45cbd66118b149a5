using System.Diagnostics;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform;

/// <summary>Gathers the data ranges of a sparse file into a list of bounded length.</summary>
internal sealed class ExtentList(long fileBytes)
{
    /// <summary>A smaller hole costs more to describe and to seek over than zeros cost to compress.</summary>
    internal const long HoleBytesMin = 64 * 1024;

    internal const int ExtentsMax = 4096;

    private readonly List<DataExtent> _extents = [];

    /// <summary>Adds a range behind all others.</summary>
    internal void Add(long offset, long endOffset)
    {
        endOffset = Math.Min(endOffset, fileBytes);
        if (endOffset <= offset) return;
        var last = _extents.Count - 1;
        var previousEnd = last < 0 ? 0 : EndOf(_extents[last]);
        Debug.Assert(offset >= previousEnd);
        if (offset - previousEnd >= HoleBytesMin)
            _extents.Add(new DataExtent(offset, endOffset - offset));
        else if (last >= 0)
            _extents[last] = new DataExtent(_extents[last].Offset, endOffset - _extents[last].Offset);
        else
            _extents.Add(new DataExtent(0, endOffset));
        // Room for twice as many, so that shortening is rare however many ranges the file has.
        if (_extents.Count == 2 * ExtentsMax) CloseSmallestHoles();
    }

    /// <summary>The list as <see cref="ISourceFile.FindExtents"/> promises it.</summary>
    internal IReadOnlyList<DataExtent>? Finish()
    {
        if (fileBytes < HoleBytesMin) return null;
        if (_extents.Count == 0) return [];
        if (_extents.Count > ExtentsMax) CloseSmallestHoles();
        var last = _extents[^1];
        if (fileBytes - EndOf(last) < HoleBytesMin) _extents[^1] = new DataExtent(last.Offset, fileBytes - last.Offset);
        return _extents.Count == 1 && _extents[0].Bytes == fileBytes ? null : _extents;
    }

    private void CloseSmallestHoles()
    {
        var holes = new long[_extents.Count - 1];
        for (var i = 0; i < holes.Length; i++) holes[i] = _extents[i + 1].Offset - EndOf(_extents[i]);
        var sorted = (long[])holes.Clone();
        Array.Sort(sorted);
        var excess = _extents.Count - ExtentsMax;
        var closedBelow = sorted[excess - 1];
        var closedEqual = excess - sorted.AsSpan(0, excess).IndexOf(closedBelow);
        var kept = 0;
        for (var i = 0; i < holes.Length; i++)
        {
            if (holes[i] < closedBelow || (holes[i] == closedBelow && closedEqual-- > 0))
                _extents[kept] = new DataExtent(_extents[kept].Offset, EndOf(_extents[i + 1]) - _extents[kept].Offset);
            else
                _extents[++kept] = _extents[i + 1];
        }
        _extents.RemoveRange(kept + 1, _extents.Count - kept - 1);
    }

    private static long EndOf(DataExtent extent) => extent.Offset + extent.Bytes;
}
