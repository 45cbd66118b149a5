using System.Globalization;
using System.Text;
using Beffroi.Vault.Crypto;

namespace Beffroi.Vault.Recovery;

/// <summary>Writes a kit as text and reads it back with patience. Format: docs/format/keys.md §5.</summary>
internal static class KitText
{
    internal const string Title = "BEFFROI RECOVERY KIT";
    internal const string Version = "1";
    internal const string QrPrefix = "BEFFROI" + Version + ":";

    private const string Advice =
        "# Whoever holds these words reads all backups of this vault. Keep two copies, away from the computers.";

    private const string DatePattern = "yyyy-MM-dd";
    private const int CharactersMax = 16 * 1024; // A kit has about 400; what is longer is another file.
    private const int WordsPerLine = 6;

    internal static string Write(RecoveryKit kit)
    {
        var text = new StringBuilder();
        text.Append(Title + " " + Version).Append('\n');
        text.Append(Advice).Append('\n');
        WriteField(text, "vault", kit.Vault?.ToString());
        WriteField(text, "member", OneLine(kit.MemberName));
        WriteField(text, "created", kit.Created?.ToString(DatePattern, CultureInfo.InvariantCulture));
        WriteField(text, "key-id", kit.Key.PublicKey.KeyId.ToString());
        WriteField(text, "server-key", kit.ServerKey?.ToString());
        text.Append("words:\n");
        foreach (var line in KitWords.Encode(kit.Key).Split('-').Chunk(WordsPerLine))
            text.Append("  ").AppendJoin('-', line).Append('\n');
        return text.ToString();
    }

    private static void WriteField(StringBuilder text, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value)) text.Append(name).Append(": ").Append(value).Append('\n');
    }

    internal static RecoveryKit Read(string text)
    {
        if (text.Length > CharactersMax)
            throw Unreadable(
                $"It has {text.Length} characters and a kit has at most {CharactersMax}, so it is another file. "
                + "Give the file whose name ends in .beffroi-kit.");
        var fields = Fields(text);
        var key = KitWords.Decode(fields.GetValueOrDefault("words", ""));
        try
        {
            DemandSameKey(fields, key);
            return new RecoveryKit(
                VaultOf(fields), fields.GetValueOrDefault("member"), CreatedOf(fields), key, ServerKeyOf(fields));
        }
        catch (VaultException)
        {
            key.Dispose();
            throw;
        }
    }

    internal static VaultException Unreadable(string reason, Exception? cause = null) =>
        new(ErrorCode.KitUnreadable, retryable: false, $"The recovery kit cannot be read. {reason}", cause);

    /// <summary>The fields by name. What follows no known name is words, so that words alone are a kit too.</summary>
    private static Dictionary<string, string> Fields(string text)
    {
        Dictionary<string, string> fields = [];
        var words = new StringBuilder();
        foreach (var rawLine in text.AsSpan().EnumerateLines())
        {
            var line = rawLine.Trim().Trim('\uFEFF').Trim(); // The byte order mark of a Windows editor.
            if (line.IsEmpty || line[0] == '#' || IsTitle(line)) continue;
            if (line.StartsWith(QrPrefix, StringComparison.OrdinalIgnoreCase)) line = line[QrPrefix.Length..];

            var (name, value) = SplitField(line);
            if (name is "words" or null) words.Append(WithoutComment(value)).Append('\n');
            else if (!fields.TryAdd(name, value))
                throw Unreadable(
                    $"Its line '{name}:' is there twice. Delete the wrong one, or use another copy of the kit.");
        }
        fields["words"] = words.ToString();
        return fields;
    }

    private static bool IsTitle(ReadOnlySpan<char> line)
    {
        if (!line.StartsWith(Title, StringComparison.OrdinalIgnoreCase)) return false;
        var version = line[Title.Length..].Trim();
        if (version.SequenceEqual(Version)) return true;
        throw Unreadable(
            $"It says version '{version}' and this program knows version {Version}. Update Beffroi and try again.");
    }

    /// <summary>A known name and its value, an unknown name as itself, or no name and the whole line.</summary>
    private static (string? Name, string Value) SplitField(ReadOnlySpan<char> line)
    {
        var colon = line.IndexOf(':');
        return colon < 0
            ? (null, line.ToString())
            : (line[..colon].Trim().ToString().ToLowerInvariant(), line[(colon + 1)..].Trim().ToString());
    }

    private static ReadOnlySpan<char> WithoutComment(string words)
    {
        var hash = words.IndexOf('#', StringComparison.Ordinal);
        return hash < 0 ? words : words.AsSpan(0, hash);
    }

    private static void DemandSameKey(Dictionary<string, string> fields, HpkePrivateKey key)
    {
        if (!fields.TryGetValue("key-id", out var written)) return;
        var actual = key.PublicKey.KeyId.ToString();
        if (!written.Equals(actual, StringComparison.OrdinalIgnoreCase))
            throw Unreadable(
                $"Its line 'key-id:' says '{written}' but its words are of key {actual}: two kits were mixed. "
                + "Use another copy, or delete the line if you are sure of the words.");
    }

    private static VaultId? VaultOf(Dictionary<string, string> fields)
    {
        if (!fields.TryGetValue("vault", out var written)) return null;
        return Guid.TryParseExact(written, "D", out var id)
            ? new VaultId(id)
            : throw BadField("vault", written, "a vault id");
    }

    private static DateOnly? CreatedOf(Dictionary<string, string> fields)
    {
        if (!fields.TryGetValue("created", out var written)) return null;
        var culture = CultureInfo.InvariantCulture;
        return DateOnly.TryParseExact(written, DatePattern, culture, DateTimeStyles.None, out var date)
            ? date
            : throw BadField("created", written, "a date such as 2026-01-31");
    }

    private static KeyId? ServerKeyOf(Dictionary<string, string> fields)
    {
        if (!fields.TryGetValue("server-key", out var written)) return null;
        try
        {
            return KeyId.Parse(written);
        }
        catch (FormatException)
        {
            throw BadField("server-key", written, "a key id of 32 hexadecimal digits");
        }
    }

    private static VaultException BadField(string name, string written, string expected) => Unreadable(
        $"Its line '{name}:' says '{written}', which is not {expected}. "
        + "Correct the line or delete it: the words are enough.");

    /// <summary>A name with a line break must not be able to add lines to the kit.</summary>
    private static string? OneLine(string? name) => name is null
        ? null
        : string.Concat(name.Select(letter => IsLineBreakOrControl(letter) ? ' ' : letter)).Trim();

    private static bool IsLineBreakOrControl(char letter) =>
        char.IsControl(letter) || letter is '\u2028' or '\u2029';
}
