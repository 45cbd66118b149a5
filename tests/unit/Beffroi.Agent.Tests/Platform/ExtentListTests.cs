using Beffroi.Agent.Platform;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Tests.Platform;

public sealed class ExtentListTests
{
    private const long Hole = ExtentList.HoleBytesMin;

    [Fact]
    public void Holes_too_small_are_data()
    {
        var list = new ExtentList(10 * Hole);
        list.Add(100, 200);
        list.Add(200 + Hole - 1, Hole + 300);
        list.Add((3 * Hole) + 300, (10 * Hole) - 5);

        DataExtent[] expected = [new(0, Hole + 300), new((3 * Hole) + 300, (7 * Hole) - 300)];
        Assert.Equal(expected, list.Finish());
    }

    [Fact]
    public void Whatever_the_ranges_the_list_is_bounded_covers_all_data_and_drops_only_small_holes()
    {
        var random = new Random(20_260_101);
        for (var round = 0; round < 20; round++)
        {
            List<DataExtent> ranges = [];
            long position = 0;
            for (var i = random.Next(1, 40_000); i > 0; i--)
            {
                position += Hole * random.Next(1, 20);
                ranges.Add(new DataExtent(position, 4096));
                position += 4096;
            }
            var list = new ExtentList(position + Hole);
            foreach (var range in ranges) list.Add(range.Offset, range.Offset + range.Bytes);
            var found = list.Finish() ?? [];

            Assert.InRange(found.Count, 1, ExtentList.ExtentsMax);
            if (ranges.Count <= ExtentList.ExtentsMax) Assert.Equal(ranges, found);
            var index = 0;
            foreach (var range in ranges)
            {
                while (found[index].Offset + found[index].Bytes < range.Offset + range.Bytes) index++;
                Assert.True(found[index].Offset <= range.Offset);
            }
            Assert.All(HolesOf(found), hole => Assert.True(hole >= Hole));
        }
    }

    [Fact]
    public void Beyond_the_bound_the_largest_holes_stay()
    {
        var list = new ExtentList(long.MaxValue);
        long position = 0;
        for (var i = 0; i < 5000; i++)
        {
            position += i % 50 == 0 ? 1000 * Hole : Hole;
            list.Add(position, position += 4096);
        }
        var found = list.Finish() ?? [];

        Assert.Equal(ExtentList.ExtentsMax, found.Count);
        Assert.Equal(99, HolesOf(found).Count(hole => hole == 1000 * Hole));
    }

    private static IEnumerable<long> HolesOf(IReadOnlyList<DataExtent> extents) => extents.Zip(extents.Skip(1),
        (left, right) => right.Offset - left.Offset - left.Bytes);
}
