namespace Beffroi.Business.Members.Import;

/// <summary>Where the known columns of a file are. Names as in the public file "Données de la présence numérique des
/// territoires"; others are left alone, such as <c>rpnt</c>.</summary>
internal sealed class FileColumns
{
    internal const string Siret = "siret";
    internal const string Siren = "siren";
    internal const string Kind = "type";
    internal const string Name = "libelle";
    internal const string Population = "population";
    internal const string Commune = "code_insee";
    internal const string PostalCode = "code_postal";
    internal const string Departement = "departement_code_insee";
    internal const string EpciSiren = "epci_siren";
    internal const string EpciName = "epci_libelle";
    internal const string Mail = "adresse_messagerie";
    internal const string Website = "site_internet";
    internal const string Phone = "telephone";

    private static readonly string[] Required = [Siret, Kind, Name];

    private static readonly HashSet<string> Known =
    [
        Siret, Siren, Kind, Name, Population, Commune, PostalCode, Departement, EpciSiren, EpciName, Mail, Website,
        Phone,
    ];

    private readonly Dictionary<string, int> _places = [];

    private FileColumns(int count) => Count = count;

    /// <summary>How many fields every line must have.</summary>
    internal int Count { get; }

    /// <summary>Columns that the import does not read.</summary>
    internal List<string> Ignored { get; } = [];

    internal static FileColumns Read(List<CsvField> header, ProblemList problems)
    {
        var columns = new FileColumns(header.Count);
        foreach (var (index, field) in header.Index())
        {
            var name = NameOf(field.Text);
            if (field.Flaw is { } flaw) problems.AddError(flaw, field.Line, index + 1, name, field.Text);
            if (!Known.Contains(name)) columns.Ignored.Add(name);
            else if (!columns._places.TryAdd(name, index))
                problems.AddError(ImportReason.ColumnTwice, field.Line, index + 1, name, field.Text);
        }
        foreach (var missing in Required.Where(name => !columns._places.ContainsKey(name)))
            problems.AddError(ImportReason.ColumnMissing, line: header[0].Line, field: missing);
        return columns;
    }

    /// <summary>Number of the column from 1, or 0 if the file does not have it.</summary>
    internal int NumberOf(string name) => _places.TryGetValue(name, out var index) ? index + 1 : 0;

    private static string NameOf(string text) =>
        text.Trim().ToLowerInvariant().Replace(' ', '_').Replace('-', '_');
}
