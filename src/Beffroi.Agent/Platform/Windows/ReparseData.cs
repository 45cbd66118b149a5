using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform.Windows;

/// <summary>REPARSE_DATA_BUFFER: head of tag (4), length (2) and 2 reserved bytes, then the tag's own data.
/// Pure.</summary>
/// <remarks>For a symbolic link these are offset and length of the substitute and print names, flags, and the names.
/// </remarks>
internal static class ReparseData
{
    internal const int BytesMax = 16 * 1024; // MAXIMUM_REPARSE_DATA_BUFFER_SIZE

    private const int HeadBytes = 8, LinkHeadBytes = 20, FlagRelative = 1;
    private const string ObjectPrefix = @"\??\";

    /// <summary>The target of a symbolic link as a person would write it, in WTF-8; null if the data are malformed.
    /// </summary>
    internal static byte[]? LinkTarget(ReadOnlySpan<byte> data)
    {
        if (data.Length < LinkHeadBytes || data.Length < HeadBytes + BinaryPrimitives.ReadUInt16LittleEndian(data[4..]))
            return null;
        var name = NameAt(data, 12) is { IsEmpty: false } print ? print : NameAt(data, 8);
        var text = MemoryMarshal.Cast<byte, char>(name);
        if (text.StartsWith(ObjectPrefix)) text = text[ObjectPrefix.Length..];
        return text.IsEmpty ? null : WindowsNames.EncodeWtf8(text);
    }

    /// <summary>The data of a symbolic link to a target; slashes of other systems become backslashes.</summary>
    internal static byte[] OfLink(ReadOnlySpan<byte> target)
    {
        var print = (WindowsNames.DecodeWtf8(target) ?? WindowsNames.ToWindows(target)).Replace('/', '\\');
        var isDrive = print.Length > 1 && print[1] == ':';
        var isShare = print.StartsWith(@"\\", StringComparison.Ordinal);
        var substitute = isDrive ? ObjectPrefix + print : isShare ? $"{ObjectPrefix}UNC{print[1..]}" : print;
        var names = MemoryMarshal.AsBytes((substitute + print).AsSpan());
        var data = new byte[LinkHeadBytes + names.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(data, WindowsConstants.TagSymbolicLink);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(4), (ushort)(data.Length - HeadBytes));
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(10), (ushort)(substitute.Length * 2));
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(12), (ushort)(substitute.Length * 2));
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(14), (ushort)(print.Length * 2));
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(16), isDrive || isShare ? 0 : FlagRelative);
        names.CopyTo(data.AsSpan(LinkHeadBytes));
        return data;
    }

    private static ReadOnlySpan<byte> NameAt(ReadOnlySpan<byte> data, int field)
    {
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(data[field..]);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(data[(field + 2)..]);
        return LinkHeadBytes + offset + length <= data.Length ? data.Slice(LinkHeadBytes + offset, length) : [];
    }
}
