using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>The names in an open directory, as the system lists them.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class DirectoryEntries
{
    private const int BufferBytes = 64 * 1024;
    private const int NameOffset = 19; // struct linux_dirent64: u64 inode, s64 offset, u16 length, u8 type, name.
    private const int LengthOffset = 16;

    /// <summary>Takes a name; <paramref name="text"/> is the same with a zero behind it, for a call.</summary>
    internal delegate void Visit(ReadOnlySpan<byte> name, byte* text);

    /// <summary>Visits all of them. Returns 0, or an errno below it.</summary>
    internal static int ForEach(int descriptor, Visit visit)
    {
        var rented = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            fixed (byte* buffer = rented)
            {
                int length;
                while ((length = Posix.ReadDirectory(descriptor, buffer, BufferBytes)) > 0)
                    for (var entry = buffer; entry < buffer + length; entry += *(ushort*)(entry + LengthOffset))
                        visit(
                            MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + NameOffset), entry + NameOffset);
                return length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
