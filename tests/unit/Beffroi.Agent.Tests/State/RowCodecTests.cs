using Beffroi.Agent.State;
using Beffroi.Vault;

namespace Beffroi.Agent.Tests.State;

public sealed class RowCodecTests
{
    [Fact]
    public void A_row_comes_back_whatever_it_holds()
    {
        var random = new Random(31);
        for (var round = 0; round < 500; round++)
        {
            var row = StateSamples.Row(random, $"file {round}", (ulong)random.NextInt64(), random.Next(0, 65));
            var back = Read(row, Write(row));
            Assert.NotNull(back);
            StateSamples.AssertSame(row, back);
        }
    }

    [Fact]
    public void A_flipped_bit_anywhere_makes_the_row_unknown()
    {
        var row = StateSamples.Row(new Random(32), "budget.ods", 5, pieces: 2);
        var body = Write(row);
        for (var bit = 0; bit < body.Length * 8; bit++)
        {
            body[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Null(Read(row, body));
            body[bit / 8] ^= (byte)(1 << bit % 8);
        }
        Assert.NotNull(Read(row, body));
    }

    [Fact]
    public void A_body_under_another_name_or_number_is_unknown()
    {
        var row = StateSamples.Row(new Random(33), "a", 5);
        var body = Write(row);
        Assert.Null(RowCodec.Read(StateSamples.Name("b"), row.Device, row.Inode, 1, body));
        Assert.Null(RowCodec.Read(row.Name, row.Device + 1, row.Inode, 1, body));
        Assert.Null(RowCodec.Read(row.Name, row.Device, row.Inode + 1, 1, body));
    }

    [Fact]
    public void Truncated_and_random_bodies_are_unknown()
    {
        var random = new Random(34);
        var row = StateSamples.Row(random, "a", 5, pieces: 3);
        var body = Write(row);
        for (var length = 0; length < body.Length; length++) Assert.Null(Read(row, body[..length]));
        for (var round = 0; round < 2_000; round++)
        {
            random.NextBytes(body);
            Assert.Null(Read(row, body));
        }
    }

    [Fact]
    public void Uses_finds_each_record_and_no_other()
    {
        var random = new Random(35);
        var row = StateSamples.Row(random, "a", 5, pieces: 40);
        var body = Write(row);
        foreach (var piece in row.Content.Pieces)
            Assert.True(RowCodec.Uses(body, new HashSet<RecordId> { piece.Record.Id }, orList: false));
        Assert.False(RowCodec.Uses(body, new HashSet<RecordId> { new(StateSamples.Digest(random)) }, orList: true));
        Assert.True(RowCodec.Uses(body.AsSpan(0, 50), new HashSet<RecordId>(), orList: false));
    }

    private static byte[] Write(StateRow row)
    {
        var body = new byte[RowCodec.BytesMax(row.Content)];
        return body[..RowCodec.Write(row, body)];
    }

    private static StateRow? Read(StateRow row, byte[] body) =>
        RowCodec.Read(row.Name, row.Device, row.Inode, 1, body);
}
