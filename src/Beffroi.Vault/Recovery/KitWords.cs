using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Beffroi.Vault.Crypto;

namespace Beffroi.Vault.Recovery;

/// <summary>The eighteen words of a kit: a private key and four check bytes. Format: docs/format/keys.md §5.</summary>
internal static class KitWords
{
    internal const int Count = (HpkePrivateKey.Bytes + CheckBytes) / Proquint.WordBytes;

    private const int CheckBytes = 4;
    private const int ShownLettersMax = 20;

    internal static string Encode(HpkePrivateKey key)
    {
        var scalar = key.Export();
        byte[] bytes = [.. scalar, .. Check(scalar)];
        var words = Proquint.Encode(bytes);
        CryptographicOperations.ZeroMemory(scalar);
        CryptographicOperations.ZeroMemory(bytes);
        return words;
    }

    /// <summary>Reads eighteen words in either case, parted by spaces, line breaks, dashes or punctuation.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.KitUnreadable"/>, and which word is at fault.</exception>
    internal static HpkePrivateKey Decode(string text)
    {
        var words = Split(text);
        Span<byte> bytes = stackalloc byte[words.Count * Proquint.WordBytes];
        for (var index = 0; index < words.Count; index++)
        {
            if (!Proquint.TryDecode(words[index], out var value)) throw NotAWord(index + 1, words[index]);
            BinaryPrimitives.WriteUInt16BigEndian(bytes[(Proquint.WordBytes * index)..], value);
        }
        if (words.Count != Count) throw WrongCount(words);

        var key = ReadChecked(bytes[..HpkePrivateKey.Bytes], bytes[HpkePrivateKey.Bytes..]);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    private static HpkePrivateKey ReadChecked(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> check)
    {
        if (!check.SequenceEqual(Check(scalar)))
            throw KitText.Unreadable(
                $"The {Count} words can all be read, but the last two, which check the others, do not match them: "
                + "at least one word is another than on the kit, or two have changed places. "
                + "Compare them one by one with the kit.");
        try
        {
            return HpkePrivateKey.Import(scalar);
        }
        catch (FormatException exception)
        {
            throw KitText.Unreadable(
                "The words match each other but are no private key, so Beffroi did not make them. "
                + "Use another copy of the kit.",
                exception);
        }
    }

    private static byte[] Check(ReadOnlySpan<byte> scalar)
    {
        byte[] input = [.. "beffroi kit v1"u8, .. scalar];
        var check = SHA256.HashData(input)[..CheckBytes];
        CryptographicOperations.ZeroMemory(input);
        return check;
    }

    private static List<string> Split(string text)
    {
        List<string> words = [];
        var start = -1;
        for (var index = 0; index <= text.Length; index++)
        {
            var parts = index == text.Length || PartsWords(text[index]);
            if (!parts && start < 0) start = index;
            if (!parts || start < 0) continue;
            words.Add(text[start..index]);
            start = -1;
        }
        return words;
    }

    /// <summary>Editors and mail programs make dashes long or soft, and spaces invisible.</summary>
    private static bool PartsWords(char letter) =>
        char.IsWhiteSpace(letter) || letter is ',' or ';' or '.' or '\u2212'
        || char.GetUnicodeCategory(letter) is UnicodeCategory.DashPunctuation or UnicodeCategory.Format
            or UnicodeCategory.Control;

    private static VaultException NotAWord(int position, string word) => KitText.Unreadable(
        $"Word {position}, '{word[..Math.Min(word.Length, ShownLettersMax)]}', is not a word of a kit: "
        + $"each has five letters, consonants ({Proquint.Consonants}) and vowels ({Proquint.Vowels}) in turn. "
        + "Compare it with the kit and correct it.");

    private static VaultException WrongCount(List<string> words) => KitText.Unreadable(words.Count switch
    {
        0 => $"It holds none of the {Count} words of a kit. "
            + "Check that the file is the kit's, or type the words from the paper.",
        < Count => $"It holds {words.Count} of the {Count} words of a kit, the last one is '{words[^1]}'. "
            + "Add those that are missing; if the file ends there, it was cut: use another copy of the kit.",
        _ => $"It holds {words.Count} words and a kit has {Count}: a word is there twice, or two kits are in one text. "
            + "Keep the words of one kit only.",
    });
}
