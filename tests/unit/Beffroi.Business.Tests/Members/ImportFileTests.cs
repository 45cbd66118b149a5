using System.Text;
using Beffroi.Business.Members.Import;
using Beffroi.Business.Members.Register;
using Beffroi.Testing;

namespace Beffroi.Business.Tests.Members;

public sealed class ImportFileTests
{
    private const string Header = "type,siret,siren,libelle,population,code_insee,code_postal,epci_libelle,epci_siren,"
        + "epci_population,departement_code_insee,region_code_insee,adresse_messagerie,site_internet,telephone,rpnt,"
        + "service_public_url";

    private const string Village = "commune,20006125700016,200061257,Évreux-l'Étang,812,45003,45230,CC de la Forêt,"
        + "732829320,31000,45,24,mairie@evreux.example,https://evreux.example,02 38 00 00 00,1.1,https://x.example/1";

    private static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    public static TheoryData<string, ImportEncoding> Encodings => new()
    {
        { "utf-8", ImportEncoding.Utf8 },
        { "utf-8-bom", ImportEncoding.Utf8 },
        { "utf-16le-bom", ImportEncoding.Utf16LittleEndian },
        { "utf-16be-bom", ImportEncoding.Utf16BigEndian },
        { "utf-16le", ImportEncoding.Utf16LittleEndian },
        { "utf-16be", ImportEncoding.Utf16BigEndian },
        { "windows-1252", ImportEncoding.Windows1252 },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void The_public_file_is_read_in_every_encoding(string encoding, ImportEncoding expected)
    {
        var file = ImportFile.Read(Bytes($"{Header}\r\n{Village}\r\n", encoding));

        Assert.Empty(file.Problems.Kept);
        Assert.Equal(expected, file.Encoding);
        var line = Assert.Single(file.Lines);
        Assert.Equal(
            ("Évreux-l'Étang", MemberKind.Commune, 812, "45003", "45230", "45"),
            (line.Name, line.Kind, line.Population, line.CommuneCode, line.PostalCode, line.Departement));
        Assert.Equal(
            ("CC de la Forêt", "732829320", "mairie@evreux.example", "https://evreux.example", "02 38 00 00 00"),
            (line.EpciName, line.EpciSiren, line.Mail, line.Website, line.Phone));
        Assert.Equal(
            ["epci_population", "region_code_insee", "rpnt", "service_public_url"], file.ColumnsIgnored);
    }

    [Theory]
    [InlineData(';')]
    [InlineData(',')]
    [InlineData('\t')]
    public void The_separator_is_found(char separator)
    {
        var text = Short("21450003300011", "Bourg").Replace(',', separator);
        Assert.Equal("Bourg", Assert.Single(Read(text).Lines).Name);
    }

    [Fact]
    public void Quoted_fields_may_hold_separators_quotes_and_newlines_and_lines_are_counted_on()
    {
        var file = Read("""
            siret;type;libelle
            21450003300011;commune;"Bourg; dit ""le Grand""
            et sa plaine"

            21000000100011;ville;X
            """);

        Assert.Equal("Bourg; dit \"le Grand\"\net sa plaine", Assert.Single(file.Lines).Name);
        var problem = Assert.Single(file.Problems.Kept);
        Assert.Equal((5, 2, "type", ImportReason.KindUnknown), (problem.Line, problem.Column, problem.Field,
            problem.Reason));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public void Lines_are_counted_with_every_ending(string ending)
    {
        var text = string.Join(ending, "siret,type,libelle", "21450003300011,commune,\"a", "b\"", "x,commune,b");
        Assert.Equal(4, Assert.Single(Read(text).Problems.Kept).Line);
    }

    public static TheoryData<string, ImportReason, int, int> Wrong => new()
    {
        { ",commune,A,,,,,,", ImportReason.SiretMissing, 2, 1 },
        { "21450003300012,commune,A,,,,,,", ImportReason.SiretInvalid, 2, 1 },
        { "21450003300011,,A,,,,,,", ImportReason.KindUnknown, 2, 2 },
        { "21450003300011,commune, ,,,,,,", ImportReason.NameMissing, 2, 3 },
        { "21450003300011,commune,A,214500034,,,,,", ImportReason.SirenInvalid, 2, 4 },
        { "21450003300011,commune,A,200061257,,,,,", ImportReason.SirenDiffers, 2, 4 },
        { "21450003300011,commune,A,,-3,,,,", ImportReason.PopulationInvalid, 2, 5 },
        { "21450003300011,commune,A,,beaucoup,,,,", ImportReason.PopulationInvalid, 2, 5 },
        { "21450003300011,commune,A,,,2C004,,,", ImportReason.CommuneInvalid, 2, 6 },
        { "21450003300011,commune,A,,,,4523,,", ImportReason.PostalCodeInvalid, 2, 7 },
        { "21450003300011,commune,A,,,,,20,", ImportReason.DepartementInvalid, 2, 8 },
        { "21450003300011,commune,A,,,,,,200061258", ImportReason.EpciInvalid, 2, 9 },
        { "21450003300011,commune,A", ImportReason.FieldCount, 2, 0 },
        { "21450003300011,commune,A,,,,,,,", ImportReason.FieldCount, 2, 0 },
        { "21450003300011,commune,\"A\"B,,,,,,", ImportReason.QuoteMisplaced, 2, 3 },
        { "21450003300011,commune,A\u0001,,,,,,", ImportReason.ControlCharacter, 2, 3 },
        { "21450003300011,commune,A,,,,,,\"200061257\nx,x,x", ImportReason.QuoteUnclosed, 2, 9 },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_field_is_named_with_its_line_and_column(string line, ImportReason reason, int at, int column)
    {
        var file = Read(
            "siret,type,libelle,siren,population,code_insee,code_postal,departement_code_insee,epci_siren\n" + line);

        Assert.Empty(file.Lines);
        var problem = Assert.Single(file.Problems.Kept);
        Assert.Equal((reason, at, column, true), (problem.Reason, problem.Line, problem.Column, problem.IsError));
    }

    [Theory]
    [InlineData("adresse_messagerie", "mairie(at)x.fr", ImportReason.MailInvalid)]
    [InlineData("site_internet", "pas de site", ImportReason.WebsiteInvalid)]
    [InlineData("telephone", "néant", ImportReason.PhoneInvalid)]
    public void A_wrong_way_to_reach_a_body_only_warns(string column, string value, ImportReason reason)
    {
        var file = Read($"siret,type,libelle,{column}\n21450003300011,commune,A,{value}");

        Assert.Single(file.Lines);
        Assert.Equal((0, 1), (file.Problems.ErrorCount, file.Problems.WarningCount));
        var problem = Assert.Single(file.Problems.Kept);
        Assert.Equal((reason, 2, 4, false), (problem.Reason, problem.Line, problem.Column, problem.IsError));
    }

    [Theory]
    [InlineData("1 234")]
    [InlineData("1\u202F234")]
    [InlineData("1234.0")]
    public void A_population_is_read_as_spreadsheets_write_it(string text)
    {
        var file = Read($"siret,type,libelle,population\n21450003300011,commune,A,{text}");
        Assert.Equal(1234, Assert.Single(file.Lines).Population);
    }

    [Theory]
    [InlineData("45003", "45")]
    [InlineData("2A004", "2A")]
    [InlineData("97101", "971")]
    public void The_departement_follows_from_the_commune(string commune, string departement)
    {
        var file = Read($"siret,type,libelle,code_insee\n21450003300011,commune,A,{commune}");
        Assert.Equal(departement, Assert.Single(file.Lines).Departement);
    }

    [Fact]
    public void A_SIRET_given_twice_names_the_first_line()
    {
        var file = Read("siret,type,libelle\n21450003300011,commune,A\n21000000100011,commune,B\n"
            + "214 500 033 00011,commune,C");

        var problem = Assert.Single(file.Problems.Kept);
        Assert.Equal((ImportReason.TwiceInFile, 4, 1, 2),
            (problem.Reason, problem.Line, problem.Column, problem.OtherLine));
    }

    [Fact]
    public void All_mistakes_of_a_line_are_listed()
    {
        var file = Read("siret,type,libelle,population\n1,ville,,-1");
        Assert.Equal(
            [
                ImportReason.SiretInvalid, ImportReason.KindUnknown, ImportReason.NameMissing,
                ImportReason.PopulationInvalid,
            ],
            file.Problems.Kept.Select(problem => problem.Reason));
    }

    [Theory]
    [InlineData("", ImportReason.FileEmpty)]
    [InlineData("\n\n", ImportReason.FileEmpty)]
    [InlineData("siret,type,libelle\n", ImportReason.FileEmpty)]
    [InlineData("siret,type\n1,2", ImportReason.ColumnMissing)]
    [InlineData("siret,type,libelle,siret\n1,2,3,4", ImportReason.ColumnTwice)]
    public void A_file_without_its_columns_or_lines_is_refused(string text, ImportReason reason)
    {
        Assert.Equal(reason, Assert.Single(Read(text).Problems.Kept).Reason);
    }

    [Fact]
    public void Two_encodings_in_one_file_are_noticed_with_the_line()
    {
        byte[] bytes =
        [
            .. "siret,type,libelle\n21450003300011,commune,Évreux\n21000000100011,commune,Béthune-été\n"u8,
            .. Windows1252.GetBytes("21000000200019,commune,Étampes"),
        ];

        var problem = Assert.Single(ImportFile.Read(bytes).Problems.Kept);
        Assert.Equal((ImportReason.EncodingMixed, 4), (problem.Reason, problem.Line));
    }

    [Fact]
    public void What_is_no_text_is_refused()
    {
        var random = Seed.ForThisTest();
        var bytes = new byte[10_001];
        random.NextBytes(bytes);
        (bytes[0], bytes[1]) = (0xFF, 0xFE);

        Assert.True(ImportFile.Read(bytes).Problems.ErrorCount > 0);
    }

    [Fact]
    public void The_list_of_problems_is_bounded_and_their_number_is_not()
    {
        var text = new StringBuilder("siret,type,libelle\n");
        for (var line = 0; line < 3000; line++) text.Append("1,commune,A\n");

        var problems = Read(text.ToString()).Problems;

        Assert.Equal((3000, ProblemList.KeptMax), (problems.ErrorCount, problems.Kept.Count));
        Assert.Equal(2, problems.Kept[0].Line);
    }

    [Fact]
    public void A_file_with_too_many_lines_is_refused()
    {
        var text = new StringBuilder("siret,type,libelle\n");
        for (var line = 0; line <= ImportFile.LinesMax; line++) text.Append("1,2,3\n");

        var file = Read(text.ToString());

        Assert.Equal(ImportFile.LinesMax + 1, file.LineCount);
        Assert.True(file.Problems.ErrorCount > ImportFile.LinesMax);
    }

    [Fact]
    public void No_damaged_file_throws()
    {
        var random = Seed.ForThisTest();
        var sound = Encoding.UTF8.GetBytes($"{Header}\n{Village}\n{Village.Replace("Évreux", "\"É\"\"\n,v\"")}\n");
        for (var round = 0; round < 2000; round++)
        {
            var bytes = (byte[])sound.Clone();
            for (var change = random.Next(1, 6); change > 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var file = ImportFile.Read(bytes.AsSpan(0, random.Next(bytes.Length)));
            Assert.True(file.LineCount <= 10);
        }
    }

    private static ImportFile Read(string text) => ImportFile.Read(Encoding.UTF8.GetBytes(text));

    private static string Short(string siret, string name) => $"siret,type,libelle\n{siret},commune,{name}\n";

    private static byte[] Bytes(string text, string encoding) => encoding switch
    {
        "utf-8" => Encoding.UTF8.GetBytes(text),
        "utf-8-bom" => [.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes(text)],
        "utf-16le-bom" => [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(text)],
        "utf-16be-bom" => [.. Encoding.BigEndianUnicode.GetPreamble(), .. Encoding.BigEndianUnicode.GetBytes(text)],
        "utf-16le" => Encoding.Unicode.GetBytes(text),
        "utf-16be" => Encoding.BigEndianUnicode.GetBytes(text),
        _ => Windows1252.GetBytes(text),
    };
}
