using Beffroi.Identity;

namespace Beffroi.Business.Members.Import;

/// <summary>A file as far as it can be judged without the register.</summary>
internal sealed class ImportFile
{
    internal const int BytesMax = 64 * 1024 * 1024; // The public file of the whole country has 15 MB.
    internal const int LinesMax = 50_000; // That file has 36,000.

    private ImportFile(ImportEncoding encoding) => Encoding = encoding;

    internal ImportEncoding Encoding { get; }
    internal IReadOnlyList<string> ColumnsIgnored { get; private set; } = [];

    /// <summary>Lines below the header, right or wrong.</summary>
    internal int LineCount { get; private set; }

    /// <summary>The lines that are right, each SIRET once.</summary>
    internal List<RegisterLine> Lines { get; } = [];

    internal ProblemList Problems { get; private init; } = new();

    internal static ImportFile Read(ReadOnlySpan<byte> bytes, int problemsMax = ProblemList.KeptMax)
    {
        var problems = new ProblemList(problemsMax);
        if (bytes.Length > BytesMax)
        {
            problems.AddError(ImportReason.FileTooBig);
            return new ImportFile(ImportEncoding.Utf8) { Problems = problems };
        }
        var (text, encoding) = FileText.Read(bytes, problems);
        var file = new ImportFile(encoding) { Problems = problems };
        if (text is not null) file.ReadLines(text);
        return file;
    }

    private void ReadLines(string text)
    {
        var reader = new CsvReader(text, CsvReader.FindSeparator(text));
        if (reader.Read() is not { } header)
        {
            Problems.AddError(ImportReason.FileEmpty);
            return;
        }
        var columns = FileColumns.Read(header, Problems);
        ColumnsIgnored = columns.Ignored;
        if (Problems.ErrorCount > 0) return; // Without its columns every line would be wrong.

        var parser = new LineParser(columns, Problems);
        var firstLines = new Dictionary<Siret, int>();
        while (reader.Read() is { } fields)
        {
            if (++LineCount > LinesMax)
            {
                Problems.AddError(ImportReason.FileTooBig, fields[0].Line);
                return;
            }
            if (parser.Parse(fields) is { } line) Take(line, firstLines);
        }
        if (LineCount == 0) Problems.AddError(ImportReason.FileEmpty);
    }

    private void Take(RegisterLine line, Dictionary<Siret, int> firstLines)
    {
        if (firstLines.TryAdd(line.Siret, line.Line))
        {
            Lines.Add(line);
            return;
        }
        Problems.AddError(
            ImportReason.TwiceInFile, line.Line, line.SiretColumn, FileColumns.Siret, line.Siret.Value,
            firstLines[line.Siret]);
    }
}
