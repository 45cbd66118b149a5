using System.Text;
using System.Text.Unicode;

namespace Beffroi.Business.Members.Import;

/// <summary>How the bytes of a file were read.</summary>
public enum ImportEncoding
{
    Utf8,
    Utf16LittleEndian,
    Utf16BigEndian,

    /// <summary>What a French spreadsheet on Windows saves as "CSV".</summary>
    Windows1252,
}

/// <summary>Finds out in which encoding a file is, and reads it without losing a character unseen.</summary>
internal static class FileText
{
    private const int SampleBytes = 4096;

    /// <summary>The text, or <see langword="null"/> and the reason among <paramref name="problems"/>.</summary>
    internal static (string? Text, ImportEncoding Encoding) Read(ReadOnlySpan<byte> bytes, ProblemList problems)
    {
        if (bytes.StartsWith("\uFEFF"u8)) return ReadUtf8(bytes[3..], problems);
        ReadOnlySpan<byte> little = [0xFF, 0xFE], big = [0xFE, 0xFF];
        if (bytes.StartsWith(little)) return ReadUtf16(bytes[2..], bigEndian: false, problems);
        if (bytes.StartsWith(big)) return ReadUtf16(bytes[2..], bigEndian: true, problems);
        return ZeroBytes(bytes) switch
        {
            (0, 0) => ReadUtf8(bytes, problems),
            var (even, odd) => ReadUtf16(bytes, bigEndian: even > odd, problems),
        };
    }

    /// <summary>Zero bytes at even and odd places of the beginning. Text without them is no UTF-16, since the
    /// separators of CSV have one each.</summary>
    private static (int Even, int Odd) ZeroBytes(ReadOnlySpan<byte> bytes)
    {
        var (even, odd) = (0, 0);
        for (var index = 0; index < Math.Min(bytes.Length, SampleBytes); index++)
        {
            if (bytes[index] != 0) continue;
            if (index % 2 == 0) even++;
            else odd++;
        }
        return (even, odd);
    }

    private static (string? Text, ImportEncoding Encoding) ReadUtf16(
        ReadOnlySpan<byte> bytes, bool bigEndian, ProblemList problems)
    {
        var encoding = bigEndian ? ImportEncoding.Utf16BigEndian : ImportEncoding.Utf16LittleEndian;
        try
        {
            var text = new UnicodeEncoding(bigEndian, byteOrderMark: false, throwOnInvalidBytes: true).GetString(bytes);
            return (WithoutMark(text), encoding);
        }
        catch (DecoderFallbackException)
        {
            problems.AddError(ImportReason.FileNotText);
            return (null, encoding);
        }
    }

    /// <summary>UTF-8 if every byte fits. If some do not, the file is Windows-1252, unless most of its other accents
    /// are UTF-8: those would come out as two characters each.</summary>
    private static (string? Text, ImportEncoding Encoding) ReadUtf8(ReadOnlySpan<byte> bytes, ProblemList problems)
    {
        if (Utf8.IsValid(bytes)) return (Encoding.UTF8.GetString(bytes), ImportEncoding.Utf8);

        var (fitting, unfitting, firstUnfitting) = CountAccents(bytes);
        if (fitting > unfitting)
        {
            problems.AddError(ImportReason.EncodingMixed, line: 1 + bytes[..firstUnfitting].Count((byte)'\n'));
            return (null, ImportEncoding.Utf8);
        }
        return (CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetString(bytes), ImportEncoding.Windows1252);
    }

    /// <summary>Characters above ASCII that are UTF-8, places that are not, and the first of those.</summary>
    private static (int Fitting, int Unfitting, int FirstUnfitting) CountAccents(ReadOnlySpan<byte> bytes)
    {
        var (fitting, unfitting, first) = (0, 0, -1);
        for (var index = 0; index < bytes.Length;)
        {
            var isFitting = Rune.DecodeFromUtf8(bytes[index..], out var rune, out var count)
                == System.Buffers.OperationStatus.Done;
            if (!isFitting)
            {
                unfitting++;
                if (first < 0) first = index;
            }
            else if (!rune.IsAscii) fitting++;
            index += Math.Max(count, 1);
        }
        return (fitting, unfitting, first);
    }

    private static string WithoutMark(string text) => text.StartsWith('\uFEFF') ? text[1..] : text;
}
