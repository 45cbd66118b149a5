using Beffroi.Vault;

namespace Beffroi.Intake.Records;

/// <summary>One read of a pack that brings several records.</summary>
/// <param name="Records">Those wanted of it, in the order of their offsets.</param>
internal sealed record PackRange(PackId Pack, int Offset, int Bytes, IReadOnlyList<RecordLocation> Records);

/// <summary>Turns single records into few reads, in the order in which they lie on the disk.</summary>
internal static class ReadPlan
{
    // A gap of 64 KiB costs less than another read; 4 MiB keep two buffers per request small.
    internal const int GapBytesMax = 64 << 10;
    internal const int RangeBytesMax = 4 << 20;

    internal static IEnumerable<PackRange> Of(IEnumerable<RecordLocation> locations)
    {
        List<RecordLocation> records = [];
        foreach (var next in locations.OrderBy(location => location.Pack.Value).ThenBy(location => location.Offset))
        {
            if (records.Count > 0 && !Joins(records, next))
            {
                yield return RangeOf(records);
                records = [];
            }
            records.Add(next);
        }
        if (records.Count > 0) yield return RangeOf(records);
    }

    private static bool Joins(List<RecordLocation> records, RecordLocation next)
    {
        var (first, last) = (records[0], records[^1]);
        return next.Pack == first.Pack
            && next.Offset - (last.Offset + last.Bytes) <= GapBytesMax
            && next.Offset + next.Bytes - first.Offset <= RangeBytesMax;
    }

    private static PackRange RangeOf(List<RecordLocation> records)
    {
        var first = records[0];
        return new PackRange(first.Pack, first.Offset, records[^1].Offset + records[^1].Bytes - first.Offset, records);
    }
}
