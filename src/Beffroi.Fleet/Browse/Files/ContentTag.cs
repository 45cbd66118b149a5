using System.Buffers.Binary;
using System.Security.Cryptography;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Fleet.Browse.Files;

/// <summary>Names a file's content by where its bytes lie: equal tags have equal bytes, so a download that broke off
/// may go on.</summary>
internal static class ContentTag
{
    internal static string Of(Entry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("beffroi content tag v1"u8);
        Append(hash, entry.Bytes);
        foreach (var extent in entry.Extents)
        {
            Append(hash, extent.Offset);
            Append(hash, extent.Bytes);
        }
        Append(hash, -1); // Parts ranges from pieces.
        foreach (var piece in entry.Content.Pieces)
        {
            hash.AppendData(piece.Record.Id.Value.ToArray());
            Append(hash, piece.Offset);
            Append(hash, piece.Bytes);
        }
        return new Digest256(hash.GetHashAndReset()).ToString()[..32];
    }

    private static void Append(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
