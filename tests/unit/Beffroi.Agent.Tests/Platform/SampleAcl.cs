using System.Buffers.Binary;

namespace Beffroi.Agent.Tests.Platform;

/// <summary>POSIX access control lists as the kernel keeps them: version 2, then (tag, rights, id) of 8 bytes
/// each.</summary>
internal static class SampleAcl
{
    internal static byte[] ForUser1000 { get; } = Build(
        (0x01, 7, None), (0x02, 5, 1000), (0x04, 5, None), (0x10, 5, None), (0x20, 0, None));

    private const uint None = uint.MaxValue; // For tags that concern no one by number.

    private static byte[] Build(params (ushort Tag, ushort Rights, uint Id)[] entries)
    {
        var bytes = new byte[4 + (entries.Length * 8)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 2);
        for (var i = 0; i < entries.Length; i++)
        {
            var at = bytes.AsSpan(4 + (i * 8));
            BinaryPrimitives.WriteUInt16LittleEndian(at, entries[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(at[2..], entries[i].Rights);
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], entries[i].Id);
        }
        return bytes;
    }
}
