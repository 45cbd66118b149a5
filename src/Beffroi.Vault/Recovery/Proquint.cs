using System.Diagnostics;

namespace Beffroi.Vault.Recovery;

/// <summary>Proquints (arXiv:0901.4016): 16 bits as five letters to read aloud, such as <c>lusab</c>.</summary>
/// <remarks>Consonant, vowel, consonant, vowel, consonant: 4, 2, 4, 2 and 4 bits, highest first.</remarks>
public static class Proquint
{
    /// <summary>Letters of a word.</summary>
    public const int WordLetters = 5;

    /// <summary>Bytes that a word stands for.</summary>
    public const int WordBytes = 2;

    /// <summary>The sixteen consonants in the order of their values.</summary>
    public const string Consonants = "bdfghjklmnprstvz";

    /// <summary>The four vowels in the order of their values.</summary>
    public const string Vowels = "aiou";

    /// <summary>The words of <paramref name="bytes"/>, an even number of them, joined by dashes.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length % WordBytes, 0, nameof(bytes));
        var words = new string[bytes.Length / WordBytes];
        for (var index = 0; index < words.Length; index++)
            words[index] = Word((bytes[2 * index] << 8) | bytes[(2 * index) + 1]);
        return string.Join('-', words);
    }

    /// <summary>The 16 bits of one word, in either case; <see langword="false"/> if it is none.</summary>
    public static bool TryDecode(ReadOnlySpan<char> word, out ushort value)
    {
        value = 0;
        if (word.Length != WordLetters) return false;
        var bits = 0;
        for (var index = 0; index < WordLetters; index++)
        {
            var letters = LettersAt(index);
            var digit = letters.IndexOf(char.ToLowerInvariant(word[index]), StringComparison.Ordinal);
            if (digit < 0) return false;
            bits = (bits * letters.Length) + digit;
        }
        value = (ushort)bits;
        return true;
    }

    private static string Word(int bits)
    {
        Debug.Assert(bits is >= 0 and <= ushort.MaxValue);
        Span<char> word = stackalloc char[WordLetters];
        for (var index = WordLetters - 1; index >= 0; index--)
        {
            var letters = LettersAt(index);
            word[index] = letters[bits % letters.Length];
            bits /= letters.Length;
        }
        return new string(word);
    }

    private static string LettersAt(int index) => index % 2 == 0 ? Consonants : Vowels;
}
