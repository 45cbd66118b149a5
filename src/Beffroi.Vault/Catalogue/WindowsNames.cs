using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Beffroi.Vault.Catalogue;

/// <summary>Names of Windows as bytes, and names that Windows cannot have as names that it can. Pure.</summary>
/// <remarks>Bytes are WTF-8: UTF-8 in which a lone surrogate keeps its own three bytes, because NTFS allows those. A
/// name that Windows cannot have is written with %XX for each byte in its way, and each % of it as %25. A name that
/// only looks so is written the same way once more, so that the mapping can always be undone and no two names
/// meet.</remarks>
public static class WindowsNames
{
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("<>:\"|?*\\/");

    private static readonly string[] s_devices = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

    /// <summary>The bytes that stand for a name found on Windows.</summary>
    public static byte[] ToBytes(ReadOnlySpan<char> name)
    {
        var plain = EncodeWtf8(name);
        return OriginOf(plain) ?? plain;
    }

    /// <summary>The name under which Windows keeps these bytes.</summary>
    public static string ToWindows(ReadOnlySpan<byte> name) =>
        MustBeEscaped(name) ? DecodeWtf8(Escape(name))! : DecodeWtf8(name)!; // Both are WTF-8, by construction.

    /// <summary>Whether Windows and its usual programs accept a name as it is.</summary>
    public static bool IsAllowed(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || name[^1] is '.' or ' ' || name.ContainsAny(Forbidden)) return false;
        foreach (var character in name)
            if (character < ' ') return false;
        return !IsDevice(name);
    }

    /// <summary>UTF-16 as WTF-8.</summary>
    public static byte[] EncodeWtf8(ReadOnlySpan<char> text)
    {
        var bytes = new List<byte>(text.Length + 8);
        Span<byte> encoded = stackalloc byte[4];
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out var rune, out var length) == OperationStatus.Done)
                bytes.AddRange(encoded[..rune.EncodeToUtf8(encoded)]);
            else bytes.AddRange(Surrogate(text[0]));
            text = text[length..];
        }
        return [.. bytes];
    }

    private static ReadOnlySpan<byte> Surrogate(char half) =>
        new byte[] { 0xED, (byte)(0x80 | ((half >> 6) & 0x3F)), (byte)(0x80 | (half & 0x3F)) };

    /// <summary>WTF-8 as UTF-16; null if the bytes are none.</summary>
    public static string? DecodeWtf8(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        var afterLoneHigh = false;
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var length) == OperationStatus.Done)
            {
                text.Append(rune.ToString());
                afterLoneHigh = false;
            }
            else
            {
                if (bytes is not [0xED, >= 0xA0 and <= 0xBF, >= 0x80 and <= 0xBF, ..]) return null;
                var surrogate = (char)(0xD000 | (bytes[1] & 0x3F) << 6 | (bytes[2] & 0x3F));
                // Two halves side by side are a pair, which has four bytes: three and three would not come back.
                if (afterLoneHigh && char.IsLowSurrogate(surrogate)) return null;
                afterLoneHigh = char.IsHighSurrogate(surrogate);
                text.Append(surrogate);
                length = 3;
            }
            bytes = bytes[length..];
        }
        return text.ToString();
    }

    private static bool MustBeEscaped(ReadOnlySpan<byte> name) =>
        DecodeWtf8(name) is not { } text || !IsAllowed(text) || OriginOf(name) is not null;

    /// <summary>The bytes whose escaped form this is, or null when it is none. Each step is shorter, so it
    /// ends.</summary>
    private static byte[]? OriginOf(ReadOnlySpan<byte> name)
    {
        if (!name.Contains((byte)'%')) return null;
        var origin = Unescape(name);
        return origin.Length < name.Length && MustBeEscaped(origin) && Escape(origin).AsSpan().SequenceEqual(name)
            ? origin : null;
    }

    private static byte[] Escape(ReadOnlySpan<byte> name)
    {
        var escaped = new List<byte>(name.Length + 8);
        var isDevice = DecodeWtf8(name) is { } text && IsDevice(text);
        for (var position = 0; position < name.Length;)
        {
            var length = CharacterLength(name[position..]);
            var isAtEnd = position + length == name.Length;
            var isInTheWay = length == 0 || (position == 0 && isDevice) || name[position] is < 0x20 or (byte)'%'
                || Forbidden.Contains((char)name[position])
                || (isAtEnd && name[position] is (byte)'.' or (byte)' ');
            if (isInTheWay)
                escaped.AddRange(Encoding.ASCII.GetBytes("%" + Convert.ToHexString(name.Slice(position, 1))));
            else escaped.AddRange(name.Slice(position, length));
            position += isInTheWay ? 1 : length;
        }
        return CollectionsMarshal.AsSpan(escaped).ToArray();
    }

    private static byte[] Unescape(ReadOnlySpan<byte> name)
    {
        var bytes = new List<byte>(name.Length);
        while (!name.IsEmpty)
        {
            var isEscape = name.Length >= 3 && name[0] == '%' && char.IsAsciiHexDigitUpper((char)name[1])
                && char.IsAsciiHexDigitUpper((char)name[2]);
            bytes.Add(isEscape ? Convert.FromHexString(Encoding.ASCII.GetString(name[1..3]))[0] : name[0]);
            name = name[(isEscape ? 3 : 1)..];
        }
        return [.. bytes];
    }

    /// <summary>Bytes of the first character, or 0 where there is none of UTF-8. A surrogate's bytes are in the way
    /// too, once a name is escaped at all: whether they are alone need not be known then.</summary>
    private static int CharacterLength(ReadOnlySpan<byte> text) =>
        Rune.DecodeFromUtf8(text, out _, out var length) == OperationStatus.Done ? length : 0;

    /// <summary>Names that mean a device in every directory, whatever extension they have (Win32 "Naming
    /// Files").</summary>
    private static bool IsDevice(ReadOnlySpan<char> name)
    {
        var dot = name.IndexOf('.');
        var stem = (dot < 0 ? name : name[..dot]).TrimEnd(' ');
        foreach (var device in s_devices)
            if (stem.Equals(device, StringComparison.OrdinalIgnoreCase)) return true;
        return stem.Length == 4 && (char.IsAsciiDigit(stem[3]) || stem[3] is '¹' or '²' or '³')
            && (stem.StartsWith("COM", StringComparison.OrdinalIgnoreCase)
                || stem.StartsWith("LPT", StringComparison.OrdinalIgnoreCase));
    }
}
