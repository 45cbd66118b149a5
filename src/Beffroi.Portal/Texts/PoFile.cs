using System.Text;

namespace Beffroi.Portal.Texts;

/// <summary>Reads gettext's .po files, which translators have programs for: pairs of msgid and msgstr, without plural
/// forms and contexts.</summary>
internal static class PoFile
{
    /// <exception cref="FormatException">A line is none of a .po file, or a msgid comes twice.</exception>
    internal static Dictionary<string, string> Read(TextReader reader)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        StringBuilder id = new(), text = new(), current = id;
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (line.StartsWith("msgid ", StringComparison.Ordinal))
            {
                Keep(texts, id, text);
                current = id;
            }
            else if (line.StartsWith("msgstr ", StringComparison.Ordinal)) current = text;
            else if (line.Length == 0 || line[0] == '#') continue;
            else if (line[0] != '"') throw new FormatException($"Line {number} of the translations: '{line}'.");

            current.Append(Unquote(line[line.IndexOf('"', StringComparison.Ordinal)..]));
        }
        Keep(texts, id, text);
        return texts;
    }

    private static void Keep(Dictionary<string, string> texts, StringBuilder id, StringBuilder text)
    {
        // The entry without msgid is the file's header.
        if (id.Length > 0 && text.Length > 0 && !texts.TryAdd(id.ToString(), text.ToString()))
            throw new FormatException($"'{id}' is translated twice.");
        id.Clear();
        text.Clear();
    }

    private static string Unquote(string quoted)
    {
        if (quoted.Length < 2 || quoted[^1] != '"') throw new FormatException($"The quote is not closed: {quoted}");
        return quoted[1..^1].Replace("\\n", "\n", StringComparison.Ordinal)
            .Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
    }
}
