namespace Beffroi.Business.Members.Import;

/// <summary>What is wrong with a place in an imported file.</summary>
public enum ImportReason
{
    /// <summary>The file has more bytes, or more lines, than an import takes.</summary>
    FileTooBig,
    FileEmpty,

    /// <summary>No text in a known encoding: binary, or UTF-16 cut in the middle.</summary>
    FileNotText,

    /// <summary>UTF-8 almost everywhere, but not in this line: two files were joined.</summary>
    EncodingMixed,
    ColumnMissing,
    ColumnTwice,

    /// <summary>The line has more or fewer fields than the header.</summary>
    FieldCount,

    /// <summary>A quoted field never ends; the line is where it begins.</summary>
    QuoteUnclosed,

    /// <summary>Text stands after a closing quote.</summary>
    QuoteMisplaced,
    ControlCharacter,
    TooLong,
    SiretMissing,

    /// <summary>Not 14 digits, or a wrong key.</summary>
    SiretInvalid,
    SirenInvalid,

    /// <summary>The SIREN is not the beginning of the SIRET.</summary>
    SirenDiffers,
    KindUnknown,
    NameMissing,
    PopulationInvalid,
    CommuneInvalid,
    PostalCodeInvalid,
    DepartementInvalid,
    EpciInvalid,
    MailInvalid,
    WebsiteInvalid,
    PhoneInvalid,

    /// <summary>An earlier line has this SIRET.</summary>
    TwiceInFile,

    /// <summary>The register has this SIRET.</summary>
    AlreadyRegistered,
}

/// <summary>A place in the file and what is wrong with it.</summary>
/// <param name="Line">Counted as an editor does, from 1, also within quoted fields; 0 for the whole file.</param>
/// <param name="Column">Number of the field in its line from 1; 0 for the whole line.</param>
/// <param name="Field">Name of the column, if the header has one there.</param>
/// <param name="Found">What stands there, shortened.</param>
/// <param name="IsError">An error stops the whole import; a warning only leaves that field empty.</param>
/// <param name="OtherLine">The earlier line of a duplicate.</param>
public sealed record ImportProblem(
    int Line, int Column, string? Field, ImportReason Reason, string Found, bool IsError, int? OtherLine);
