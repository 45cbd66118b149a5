using System.IO.Compression;
using System.Text;
using Beffroi.Business.Members.Documents;

namespace Beffroi.Business.Tests.Members;

public sealed class DocumentSnifferTests
{
    [Theory]
    [InlineData("%PDF-1.7\n", DocumentFormat.Pdf)]
    [InlineData("\r\n%PDF-1.4", DocumentFormat.Pdf)]
    [InlineData("\u0089PNG\r\n\u001A\n....", DocumentFormat.Png)]
    [InlineData("\u00FF\u00D8\u00FF\u00E0", DocumentFormat.Jpeg)]
    [InlineData("<html><script>", null)]
    [InlineData("MZ\u0090", null)]
    [InlineData("", null)]
    [InlineData("PK\u0003\u0004 no zip at all", null)]
    public void A_type_is_told_by_its_bytes(string content, DocumentFormat? expected)
    {
        Assert.Equal(expected, DocumentSniffer.Sniff(Encoding.Latin1.GetBytes(content)));
    }

    [Fact]
    public void Text_documents_are_told_from_other_zip_files()
    {
        Assert.Equal(DocumentFormat.Docx, Sniff(("[Content_Types].xml", "<x/>"), ("word/document.xml", "<x/>")));
        Assert.Equal(
            DocumentFormat.Odt,
            Sniff(("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<x/>")));
        Assert.Null(Sniff(("mimetype", "application/vnd.oasis.opendocument.spreadsheet")));
        Assert.Null(Sniff(("[Content_Types].xml", "<x/>"), ("xl/workbook.xml", "<x/>")));
        Assert.Null(Sniff(("virus.exe", "MZ")));
    }

    [Fact]
    public void A_document_with_macros_is_refused()
    {
        Assert.Null(Sniff(
            ("[Content_Types].xml", "<x/>"), ("word/document.xml", "<x/>"), ("word/vbaProject.bin", "x")));
        Assert.Null(Sniff(("mimetype", "application/vnd.oasis.opendocument.text"), ("Basic/script-lc.xml", "x")));
    }

    private static DocumentFormat? Sniff(params (string Name, string Text)[] entries)
    {
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in entries)
            {
                using var writer = new StreamWriter(zip.CreateEntry(name).Open());
                writer.Write(text);
            }
        }
        return DocumentSniffer.Sniff(buffer.ToArray());
    }
}
