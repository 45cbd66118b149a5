using System.IO.Compression;

namespace Beffroi.Business.Members.Documents;

/// <summary>The file types that are kept.</summary>
public enum DocumentFormat
{
    Pdf,
    Png,
    Jpeg,
    Odt,
    Docx,
}

/// <summary>Tells a file's type by its bytes; its name and what a browser says of it count for nothing.</summary>
internal static class DocumentSniffer
{
    private const string OdtType = "application/vnd.oasis.opendocument.text";
    private const int PdfMarkWithin = 1024; // Readers accept the mark anywhere in the first KiB.
    private const int ZipEntriesMax = 10_000;

    /// <summary>The type, or <see langword="null"/> for any other.</summary>
    internal static DocumentFormat? Sniff(ReadOnlyMemory<byte> content)
    {
        var bytes = content.Span;
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
            return DocumentFormat.Png;
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) return DocumentFormat.Jpeg;
        if (bytes.StartsWith("PK\x03\x04"u8)) return SniffZip(content);
        return bytes[..Math.Min(bytes.Length, PdfMarkWithin)].IndexOf("%PDF-"u8) >= 0 ? DocumentFormat.Pdf : null;
    }

    /// <summary>Text documents are ZIP files that say what they are inside; other ZIP files are refused, and so are
    /// documents with macros.</summary>
    private static DocumentFormat? SniffZip(ReadOnlyMemory<byte> content)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(content.ToArray(), writable: false), ZipArchiveMode.Read);
            if (zip.Entries.Count > ZipEntriesMax || zip.Entries.Any(IsMacro)) return null;
            if (zip.GetEntry("word/document.xml") is not null && zip.GetEntry("[Content_Types].xml") is not null)
                return DocumentFormat.Docx;
            return zip.GetEntry("mimetype") is { Length: var length } type && length == OdtType.Length
                && ReadText(type) == OdtType
                ? DocumentFormat.Odt
                : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static bool IsMacro(ZipArchiveEntry entry) =>
        entry.FullName.EndsWith("vbaProject.bin", StringComparison.OrdinalIgnoreCase)
        || entry.FullName.StartsWith("Basic/", StringComparison.Ordinal)
        || entry.FullName.StartsWith("Scripts/", StringComparison.Ordinal);

    private static string ReadText(ZipArchiveEntry entry)
    {
        using var reader = new StreamReader(entry.Open());
        Span<char> text = stackalloc char[OdtType.Length]; // Never more: a lie about the length is no bomb.
        return new string(text[..reader.ReadBlock(text)]);
    }
}
