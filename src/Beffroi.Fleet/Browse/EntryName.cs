using System.Buffers;
using System.Globalization;
using System.Text;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Fleet.Browse;

/// <summary>Names as a person reads them: a name may hold bytes that are no text, and characters that would make it
/// look like another.</summary>
internal static class EntryName
{
    /// <summary>The name with <c>\x..</c> for each byte that is not UTF-8 or is a control character, and
    /// <c>\u....</c> for characters that turn the direction of what follows.</summary>
    internal static string Show(ReadOnlySpan<byte> name, out bool isExact)
    {
        var text = new StringBuilder(name.Length);
        isExact = true;
        while (!name.IsEmpty)
        {
            var isRune = Rune.DecodeFromUtf8(name, out var rune, out var length) == OperationStatus.Done;
            if (isRune && IsPlain(rune)) text.Append(rune.ToString());
            else
            {
                isExact = false;
                if (isRune && rune.Value > 0x7F)
                    text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
                else
                    foreach (var value in name[..length]) text.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}");
            }
            name = name[length..];
        }
        return text.ToString();
    }

    /// <summary>A path with slashes; empty for the top.</summary>
    internal static string ShowPath(EntryPath path)
    {
        var text = new StringBuilder(path.Bytes.Length);
        foreach (var part in path.Bytes.Span.Split((byte)0))
        {
            if (path.IsEmpty) break;
            text.Append('/').Append(Show(path.Bytes.Span[part], out _));
        }
        return text.ToString();
    }

    private static bool IsPlain(Rune rune) => !Rune.IsControl(rune)
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
