using System.Text;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Exclusions;

/// <summary>One pattern in the manner of .gitignore, on bytes.</summary>
/// <remarks><c>*</c> and <c>?</c> stay inside a name, <c>**</c> as a whole name stands for any number of names,
/// <c>[a-z]</c> and <c>[!a-z]</c> for one character, a backslash takes the next character as it is. A name need not be
/// UTF-8: a byte that is none counts as one character.</remarks>
internal sealed class GlobPattern
{
    private static readonly byte[] s_anyDepth = "**"u8.ToArray();

    private readonly byte[][] _parts;
    private readonly byte[] _head; // Bytes with which each fitting name starts, as far as that is known…
    private readonly byte[] _tail; // …and ends.

    private GlobPattern(byte[][] parts, EntryPath anchor, bool isAnchored, bool isForDirectories)
    {
        _parts = parts;
        Anchor = anchor;
        IsAnchored = isAnchored;
        IsForDirectories = isForDirectories;
        if (parts.Length == 1 && IsLiteral(parts[0])) LiteralName = parts[0];
        if (isAnchored && Array.TrueForAll(parts, IsLiteral))
            (LiteralName, LiteralPath) = (null, Join(anchor, parts));
        _head = HeadOf(parts[^1]);
        _tail = TailOf(parts[^1]);
    }

    /// <summary>The directory below which it holds.</summary>
    internal EntryPath Anchor { get; }

    /// <summary>Whether it is the whole way from the anchor, instead of the end of it.</summary>
    internal bool IsAnchored { get; }

    internal bool IsForDirectories { get; }

    /// <summary>The only name that it fits at any depth, if it has no wildcard.</summary>
    internal byte[]? LiteralName { get; }

    /// <summary>The only path that it fits, if it is anchored and has no wildcard.</summary>
    internal byte[]? LiteralPath { get; }

    /// <summary>Reads a pattern without its exclamation mark; null if it can fit nothing.</summary>
    /// <param name="isAnchoredByAnySlash">As in .gitignore; otherwise only a leading slash anchors, as on a command
    /// line.</param>
    internal static GlobPattern? Parse(ReadOnlySpan<byte> text, EntryPath anchor, bool isAnchoredByAnySlash)
    {
        var isForDirectories = text.EndsWith((byte)'/');
        if (isForDirectories) text = text.TrimEnd((byte)'/');
        var isAnchored = text.StartsWith((byte)'/') || (isAnchoredByAnySlash && text.Contains((byte)'/'));
        var parts = new List<byte[]>();
        foreach (var range in text.Split((byte)'/'))
        {
            var part = text[range];
            var repeatsAnyDepth = parts.Count > 0 && part.SequenceEqual(s_anyDepth) && IsAnyDepth(parts[^1]);
            if (part.SequenceEqual(".."u8) || part.Contains((byte)0)) return null; // No path has such a name.
            if (!part.IsEmpty && !part.SequenceEqual("."u8) && !repeatsAnyDepth) parts.Add(part.ToArray());
        }
        return parts.Count == 0 ? null : new GlobPattern([.. parts], anchor, isAnchored, isForDirectories);
    }

    /// <summary>A quick refusal of nearly all names.</summary>
    internal bool MayFit(ReadOnlySpan<byte> name, bool isDirectory) =>
        (isDirectory || !IsForDirectories) && name.StartsWith(_head) && name.EndsWith(_tail);

    /// <summary>Whether the pattern fits a path.</summary>
    internal bool Fits(EntryPath path, bool isDirectory)
    {
        if (IsForDirectories && !isDirectory) return false;
        var bytes = path.Bytes.Span;
        if (!path.IsAtOrBelow(Anchor)) return false;
        var start = Anchor.IsEmpty ? 0 : Anchor.Bytes.Length + 1;
        var below = start < bytes.Length ? bytes[start..] : [];
        if (below.IsEmpty) return false;
        if (!IsAnchored && _parts.Length == 1) return FitsName(_parts[0], below[(below.LastIndexOf((byte)0) + 1)..]);
        if (FitsPath(_parts, below)) return true;
        for (var cut = below.IndexOf((byte)0); !IsAnchored && cut >= 0; cut = below.IndexOf((byte)0))
        {
            below = below[(cut + 1)..];
            if (FitsPath(_parts, below)) return true;
        }
        return false;
    }

    /// <summary>Walks parts and names together; the last <c>**</c> is the only place to come back to.</summary>
    private static bool FitsPath(ReadOnlySpan<byte[]> parts, ReadOnlySpan<byte> names)
    {
        ReadOnlySpan<byte[]> retryParts = default;
        ReadOnlySpan<byte> retryNames = default;
        while (!names.IsEmpty)
        {
            if (!parts.IsEmpty && IsAnyDepth(parts[0]))
            {
                if (parts.Length == 1) return true; // At the end it asks for one name at least, and there is one.
                retryParts = parts = parts[1..];
                retryNames = names;
                continue;
            }
            var name = FirstName(names);
            if (!parts.IsEmpty && FitsName(parts[0], name))
            {
                parts = parts[1..];
                names = Behind(names, name);
                continue;
            }
            if (retryParts.IsEmpty) return false;
            names = retryNames = Behind(retryNames, FirstName(retryNames));
            parts = retryParts;
        }
        return parts.IsEmpty;
    }

    /// <summary>Fits one name; the last <c>*</c> is the only place to come back to, so the time is bounded.</summary>
    private static bool FitsName(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> retryPattern = default, retryName = default;
        while (!pattern.IsEmpty || !name.IsEmpty)
        {
            if (!pattern.IsEmpty && pattern[0] == '*')
            {
                if (pattern.Length == 1) return true;
                retryPattern = pattern = pattern[1..];
                retryName = name;
                continue;
            }
            if (!pattern.IsEmpty && !name.IsEmpty && FitsCharacter(ref pattern, ref name)) continue;
            if (retryName.IsEmpty) return false;
            TakeCharacter(ref retryName);
            pattern = retryPattern;
            name = retryName;
        }
        return true;
    }

    private static bool FitsCharacter(ref ReadOnlySpan<byte> pattern, ref ReadOnlySpan<byte> name)
    {
        var character = TakeCharacter(ref name);
        switch (pattern[0])
        {
            case (byte)'?':
                pattern = pattern[1..];
                return true;
            case (byte)'[' when pattern.Length > 2 && pattern[2..].Contains((byte)']'):
                return FitsClass(ref pattern, character);
            case (byte)'\\' when pattern.Length > 1:
                pattern = pattern[1..];
                break;
        }
        return TakeCharacter(ref pattern) == character;
    }

    private static bool FitsClass(ref ReadOnlySpan<byte> pattern, int character)
    {
        pattern = pattern[1..];
        var isNegated = pattern[0] is (byte)'!' or (byte)'^';
        if (isNegated) pattern = pattern[1..];
        var fits = false;
        var isFirst = true; // A bracket right at the start is a member, not the end.
        while (!pattern.IsEmpty && (pattern[0] != ']' || isFirst))
        {
            isFirst = false;
            var low = TakeCharacter(ref pattern);
            var high = low;
            if (pattern.Length > 1 && pattern[0] == '-' && pattern[1] != ']')
            {
                pattern = pattern[1..];
                high = TakeCharacter(ref pattern);
            }
            fits |= character >= low && character <= high;
        }
        if (!pattern.IsEmpty) pattern = pattern[1..];
        return fits != isNegated;
    }

    /// <summary>A code point, or 0x110000 + the byte where there is none: never equal to a code point.</summary>
    private static int TakeCharacter(ref ReadOnlySpan<byte> text)
    {
        if (text[0] < 0x80)
        {
            int ascii = text[0];
            text = text[1..];
            return ascii;
        }
        var isValid = Rune.DecodeFromUtf8(text, out var rune, out var length) == System.Buffers.OperationStatus.Done;
        var character = isValid ? rune.Value : 0x110000 + text[0];
        text = text[(isValid ? length : 1)..];
        return character;
    }

    private static ReadOnlySpan<byte> FirstName(ReadOnlySpan<byte> names)
    {
        var end = names.IndexOf((byte)0);
        return end < 0 ? names : names[..end];
    }

    private static ReadOnlySpan<byte> Behind(ReadOnlySpan<byte> names, ReadOnlySpan<byte> first) =>
        names.Length == first.Length ? [] : names[(first.Length + 1)..];

    private static bool IsAnyDepth(byte[] part) => part.AsSpan().SequenceEqual(s_anyDepth);

    private static bool IsLiteral(byte[] part) => part.AsSpan().IndexOfAny("*?[\\"u8) < 0;

    private static byte[] HeadOf(ReadOnlySpan<byte> part)
    {
        var end = part.IndexOfAny("*?[\\"u8);
        return (end < 0 ? part : part[..end]).ToArray();
    }

    private static byte[] TailOf(ReadOnlySpan<byte> part) =>
        part.ContainsAny("[]\\"u8) ? [] : part[(part.LastIndexOfAny((byte)'*', (byte)'?') + 1)..].ToArray();

    private static byte[] Join(EntryPath anchor, byte[][] parts)
    {
        var path = anchor;
        foreach (var part in parts) path = path.Append(part);
        return path.Bytes.ToArray();
    }
}
