using System.Text;
using Beffroi.Agent.State;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Tests.State;

/// <summary>Rows and paths that the tests of the state share.</summary>
internal static class StateSamples
{
    internal static EntryPath Path(string slashes) => EntryPath.FromSlashes(Encoding.UTF8.GetBytes(slashes));

    internal static byte[] Name(string name) => Encoding.UTF8.GetBytes(name);

    internal static Digest256 Digest(Random random)
    {
        var bytes = new byte[Digest256.Bytes];
        random.NextBytes(bytes);
        return new Digest256(bytes);
    }

    internal static Content Content(Random random, int pieces) => pieces == 0
        ? Vault.Catalogue.Content.Empty
        : new Content(
            pieces == 1 ? ContentKind.Slice : ContentKind.Chunks, ChunkClass.Fine,
            [.. Enumerable.Range(0, pieces).Select(_ => new Piece(
                new RecordRef(new RecordId(Digest(random)), Digest(random)), (uint)random.NextInt64(1L << 32),
                random.NextInt64() >> random.Next(63)))]);

    internal static StateRow Row(Random random, string name, ulong inode = 0, int pieces = 1) => new()
    {
        Name = Name(name),
        Kind = EntryKind.File,
        Bytes = random.NextInt64(1 << 20),
        ModifiedNs = random.NextInt64(long.MinValue, long.MaxValue),
        ChangedNs = random.NextInt64(),
        Inode = inode,
        Device = 7,
        Content = Content(random, pieces),
    };

    internal static void AssertSame(StateRow expected, StateRow actual)
    {
        Assert.Equal(expected.Name.ToArray(), actual.Name.ToArray());
        Assert.Equal(
            (expected.Kind, expected.Bytes, expected.ModifiedNs, expected.ChangedNs, expected.Inode, expected.Device),
            (actual.Kind, actual.Bytes, actual.ModifiedNs, actual.ChangedNs, actual.Inode, actual.Device));
        Assert.Equal((expected.Content.Kind, expected.Content.Class), (actual.Content.Kind, actual.Content.Class));
        Assert.Equal(expected.Content.Pieces, actual.Content.Pieces);
    }
}
