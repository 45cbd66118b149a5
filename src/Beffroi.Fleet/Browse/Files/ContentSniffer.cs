using System.Buffers;
using System.Text;

namespace Beffroi.Fleet.Browse.Files;

/// <summary>Tells what a file is from its first bytes. Pure.</summary>
internal static class ContentSniffer
{
    /// <summary>Text is shown up to here.</summary>
    internal const int TextBytesMax = 256 << 10;

    // The characters of Windows-1252 from 0x80 to 0x9F; five of them are not assigned.
    private const string Windows1252 = "€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ";

    private static readonly SearchValues<byte> s_unassigned = SearchValues.Create(0x81, 0x8D, 0x8F, 0x90, 0x9D);

    internal static PreviewType Recognize(ReadOnlySpan<byte> start)
    {
        if (IsPng(start)) return PreviewType.Png;
        if (start is [0xFF, 0xD8, 0xFF, ..]) return PreviewType.Jpeg;
        if (start.StartsWith("GIF87a"u8) || start.StartsWith("GIF89a"u8)) return PreviewType.Gif;
        if (start.Length >= 12 && start.StartsWith("RIFF"u8) && start[8..].StartsWith("WEBP"u8))
            return PreviewType.Webp;
        if (start.StartsWith("%PDF-"u8)) return PreviewType.Pdf;
        return IsText(start) ? PreviewType.Text : PreviewType.None;
    }

    /// <summary>Decodes the start of a text: as UTF-8 if it is, else as Windows-1252, in which old programs of French
    /// town halls write.</summary>
    /// <param name="isCut">Whether the file goes on, so that a character may be cut at the end.</param>
    internal static string Decode(ReadOnlySpan<byte> text, bool isCut)
    {
        var start = text.StartsWith("\uFEFF"u8) ? text[3..] : text;
        return IsUtf8(start, isCut, out var whole) ? Encoding.UTF8.GetString(start[..whole]) : DecodeWindows1252(start);
    }

    private static bool IsPng(ReadOnlySpan<byte> start) =>
        start is [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..];

    private static bool IsText(ReadOnlySpan<byte> start)
    {
        foreach (var value in start)
        {
            if (value is < 0x20 and not ((byte)'\t' or (byte)'\n' or (byte)'\r' or 0x0C) or 0x7F) return false;
        }
        return IsUtf8(start, isCut: true, out _) || !start.ContainsAny(s_unassigned);
    }

    private static bool IsUtf8(ReadOnlySpan<byte> text, bool isCut, out int whole)
    {
        whole = 0;
        while (whole < text.Length)
        {
            var status = Rune.DecodeFromUtf8(text[whole..], out _, out var length);
            if (status == OperationStatus.NeedMoreData && isCut) return true;
            if (status != OperationStatus.Done) return false;
            whole += length;
        }
        return true;
    }

    private static string DecodeWindows1252(ReadOnlySpan<byte> text)
    {
        var decoded = new StringBuilder(text.Length);
        foreach (var value in text)
            decoded.Append(value is >= 0x80 and < 0xA0 ? Windows1252[value - 0x80] : (char)value);
        return decoded.ToString();
    }
}
