using System.Text;

namespace Beffroi.Fleet.Browse;

/// <summary>Names without what people leave out when they search: case, accents, typographic quotes.</summary>
/// <remarks>Written out, because the server runs without the system's language tables, and so without the platform's
/// normalization.</remarks>
internal static class NameFolding
{
    private const int FirstMark = 0x0300;
    private const int LastMark = 0x036F;
    private const int TableStart = 0x00C0;

    // The letters of Latin-1 Supplement and Latin Extended-A (U+00C0 to U+017F) without their marks. A space stands for
    // what has no single letter, and is looked up in Spelled or kept.
    private const string Letters =
        "aaaaaa ceeeeiiiidnooooo ouuuuy  aaaaaa ceeeeiiiidnooooo ouuuuy y"
        + "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii  jjkkkllllllllllnnnnnnnnnoooooo  rrrrrrsssssssstttttt"
        + "uuuuuuuuuuuuwwyyyzzzzzzs";

    /// <summary>Folds a text.</summary>
    internal static string Fold(ReadOnlySpan<byte> name)
    {
        var folded = new StringBuilder(name.Length);
        while (!name.IsEmpty)
        {
            Rune.DecodeFromUtf8(name, out var rune, out var length); // What is not UTF-8 becomes U+FFFD.
            Append(folded, rune);
            name = name[length..];
        }
        return folded.ToString();
    }

    /// <summary>Folds a text.</summary>
    internal static string Fold(string text) => Fold(Encoding.UTF8.GetBytes(text));

    private static void Append(StringBuilder folded, Rune rune)
    {
        if (rune.Value < 0x80) folded.Append(char.ToLowerInvariant((char)rune.Value));
        else if (rune.Value is >= FirstMark and <= LastMark) return; // Names from macOS have their marks apart.
        else if (Spelled(rune.Value) is { } spelled) folded.Append(spelled);
        else if (rune.Value - TableStart is >= 0 and var at && at < Letters.Length && Letters[at] != ' ')
            folded.Append(Letters[at]);
        else folded.Append(Rune.ToLowerInvariant(rune).ToString());
    }

    private static string? Spelled(int value) => value switch
    {
        'Æ' or 'æ' => "ae",
        'Œ' or 'œ' => "oe",
        'ß' => "ss",
        'Þ' or 'þ' => "th",
        'Ĳ' or 'ĳ' => "ij",
        '\u2018' or '\u2019' => "'",
        '\u00A0' or '\u202F' => " ",
        _ => null,
    };
}
