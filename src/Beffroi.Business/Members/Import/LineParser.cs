using System.Globalization;
using Beffroi.Business.Members.Register;
using Beffroi.Identity;

namespace Beffroi.Business.Members.Import;

/// <summary>Makes a body of a line, or says all that is wrong with it.</summary>
/// <remarks>What identifies a body, or decides what it is offered, must be right (an error). How to reach it may be
/// wrong in a public file of 30,000 lines without stopping all of them: that field is left empty (a warning).</remarks>
internal sealed class LineParser(FileColumns columns, ProblemList problems)
{
    private const int TextCharactersMax = 200;

    private static readonly Dictionary<string, MemberKind> Kinds = new(StringComparer.Ordinal)
    {
        ["commune"] = MemberKind.Commune,
        ["epci"] = MemberKind.Epci,
        ["departement"] = MemberKind.Departement,
        ["département"] = MemberKind.Departement,
        ["etablissement_public"] = MemberKind.PublicBody,
        ["établissement_public"] = MemberKind.PublicBody,
        ["syndicat"] = MemberKind.Syndicate,
        ["region"] = MemberKind.Other,
        ["région"] = MemberKind.Other,
        ["autre"] = MemberKind.Other,
    };

    private List<CsvField> _fields = [];
    private int _errorsBefore;

    internal RegisterLine? Parse(List<CsvField> fields)
    {
        (_fields, _errorsBefore) = (fields, problems.ErrorCount);
        ReportFlaws();
        if (fields.Count != columns.Count)
        {
            problems.AddError(
                ImportReason.FieldCount, fields[0].Line, found: fields.Count.ToString(CultureInfo.InvariantCulture));
        }
        if (problems.ErrorCount > _errorsBefore) return null; // The fields may stand in wrong places.

        var siret = ReadSiret();
        var kind = ReadKind();
        var name = ReadName();
        var commune = Checked(FileColumns.Commune, PublicCodes.IsCommune, ImportReason.CommuneInvalid);
        var line = new RegisterLine
        {
            Line = fields[0].Line,
            SiretColumn = columns.NumberOf(FileColumns.Siret),
            Siret = siret,
            Kind = kind,
            Name = name,
            Population = ReadPopulation(),
            CommuneCode = commune,
            PostalCode = Checked(FileColumns.PostalCode, PublicCodes.IsPostalCode, ImportReason.PostalCodeInvalid),
            Departement = ReadDepartement(commune),
            EpciSiren = Checked(FileColumns.EpciSiren, PublicCodes.IsSiren, ImportReason.EpciInvalid),
            EpciName = Hoped(FileColumns.EpciName, text => text.Length <= TextCharactersMax, ImportReason.TooLong),
            Mail = Hoped(FileColumns.Mail, PublicCodes.IsMail, ImportReason.MailInvalid),
            Website = Hoped(FileColumns.Website, PublicCodes.IsWebsite, ImportReason.WebsiteInvalid),
            Phone = Hoped(FileColumns.Phone, PublicCodes.IsPhone, ImportReason.PhoneInvalid),
        };
        return problems.ErrorCount > _errorsBefore ? null : line;
    }

    private void ReportFlaws()
    {
        foreach (var (index, field) in _fields.Index())
        {
            if (field.Flaw is { } flaw) problems.AddError(flaw, field.Line, index + 1, found: field.Text);
            else if (field.Text.AsSpan().ContainsAnyInRange('\0', '\b'))
                problems.AddError(ImportReason.ControlCharacter, field.Line, index + 1, found: field.Text);
        }
    }

    private Siret ReadSiret()
    {
        var text = Text(FileColumns.Siret);
        if (text is null) Report(ImportReason.SiretMissing, FileColumns.Siret, "");
        else if (!Siret.TryParse(text, out var siret)) Report(ImportReason.SiretInvalid, FileColumns.Siret, text);
        else
        {
            var siren = Checked(FileColumns.Siren, PublicCodes.IsSiren, ImportReason.SirenInvalid);
            if (siren is not null && !siret.Value.StartsWith(siren, StringComparison.Ordinal))
                Report(ImportReason.SirenDiffers, FileColumns.Siren, siren);
            return siret;
        }
        return default;
    }

    private MemberKind ReadKind()
    {
        var text = (Text(FileColumns.Kind) ?? "").ToLowerInvariant().Replace(' ', '_');
        if (Kinds.TryGetValue(text, out var kind)) return kind;

        Report(ImportReason.KindUnknown, FileColumns.Kind, text);
        return default;
    }

    private string ReadName()
    {
        var text = Text(FileColumns.Name);
        if (text is null) Report(ImportReason.NameMissing, FileColumns.Name, "");
        else if (text.Length > TextCharactersMax) Report(ImportReason.TooLong, FileColumns.Name, text);
        return text ?? "";
    }

    /// <summary>A whole number; spreadsheets write it with spaces or with <c>.0</c>.</summary>
    private int? ReadPopulation()
    {
        if (Text(FileColumns.Population) is not { } text) return null;

        var digits = text.Replace(" ", "", StringComparison.Ordinal).Replace("\u00A0", "", StringComparison.Ordinal)
            .Replace("\u202F", "", StringComparison.Ordinal);
        if (digits.EndsWith(".0", StringComparison.Ordinal)) digits = digits[..^2];
        if (int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return count;

        Report(ImportReason.PopulationInvalid, FileColumns.Population, text);
        return null;
    }

    private string? ReadDepartement(string? commune) =>
        Checked(FileColumns.Departement, PublicCodes.IsDepartement, ImportReason.DepartementInvalid)
        ?? (commune is null ? null : PublicCodes.DepartementOf(commune));

    private string? Checked(string column, Func<string, bool> isRight, ImportReason reason)
    {
        var text = Text(column);
        if (text is null || isRight(text)) return text;

        Report(reason, column, text);
        return null;
    }

    private string? Hoped(string column, Func<string, bool> isRight, ImportReason reason)
    {
        var text = Text(column);
        if (text is null || isRight(text)) return text;

        problems.AddWarning(reason, LineOf(column), columns.NumberOf(column), column, text);
        return null;
    }

    private string? Text(string column)
    {
        var number = columns.NumberOf(column);
        if (number == 0) return null;

        var text = _fields[number - 1].Text.Trim();
        return text.Length == 0 ? null : text;
    }

    private void Report(ImportReason reason, string column, string found) =>
        problems.AddError(reason, LineOf(column), columns.NumberOf(column), column, found);

    private int LineOf(string column) =>
        columns.NumberOf(column) is var number and > 0 ? _fields[number - 1].Line : _fields[0].Line;
}
