using Beffroi.Business.Members.Import;
using Beffroi.Portal.Texts;

namespace Beffroi.Portal.Members.Import;

/// <summary>What is said about an imported file.</summary>
internal static class ImportWords
{
    /// <summary>What to do with members that the register has, as addresses say it.</summary>
    internal static KnownMembers KnownOf(string? word) =>
        word == "laisser" ? KnownMembers.LeaveOut : KnownMembers.Refuse;

    internal static string Of(KnownMembers known) => known == KnownMembers.LeaveOut ? "laisser" : "refuser";

    internal static string Of(ImportEncoding encoding) => encoding switch
    {
        ImportEncoding.Utf8 => "UTF-8",
        ImportEncoding.Windows1252 => "Windows-1252",
        _ => "UTF-16",
    };

    /// <summary>What is wrong, in a sentence.</summary>
    internal static string Of(Text text, ImportProblem problem) => problem.Reason switch
    {
        ImportReason.FileTooBig => text["Le fichier a plus de 64 Mo ou de 50 000 lignes. Coupez-le en deux."],
        ImportReason.FileEmpty => text["Le fichier n'a aucune ligne sous son en-tête."],
        ImportReason.FileNotText => text["Ce fichier n'est pas du texte. Enregistrez le tableau au format CSV."],
        ImportReason.EncodingMixed =>
            text["Le codage change ici : deux fichiers ont été collés. Enregistrez le tout en UTF-8."],
        ImportReason.ColumnMissing => text["Cette colonne manque : siret, type et libelle sont nécessaires."],
        ImportReason.ColumnTwice => text["Cette colonne est là deux fois."],
        ImportReason.FieldCount => text["Cette ligne n'a pas autant de champs que l'en-tête."],
        ImportReason.QuoteUnclosed => text["Un guillemet s'ouvre ici et ne se ferme jamais."],
        ImportReason.QuoteMisplaced => text["Du texte suit un guillemet fermant."],
        ImportReason.ControlCharacter => text["Un caractère invisible est dans ce champ."],
        ImportReason.TooLong => text["Ce champ est trop long."],
        ImportReason.SiretMissing => text["Le SIRET manque."],
        ImportReason.SiretInvalid => text["Ce SIRET est faux : 14 chiffres, dont une clé."],
        ImportReason.SirenInvalid => text["Ce SIREN est faux : 9 chiffres, dont une clé."],
        ImportReason.SirenDiffers => text["Le SIREN n'est pas le début du SIRET."],
        ImportReason.KindUnknown => text["Ce type de collectivité n'est pas connu."],
        ImportReason.NameMissing => text["Le nom manque."],
        ImportReason.PopulationInvalid => text["Ce nombre d'habitants n'est pas un nombre."],
        ImportReason.CommuneInvalid => text["Ce code INSEE n'existe pas sous cette forme."],
        ImportReason.PostalCodeInvalid => text["Un code postal a cinq chiffres."],
        ImportReason.DepartementInvalid => text["Ce code de département n'existe pas."],
        ImportReason.EpciInvalid => text["Le SIREN de l'intercommunalité est faux."],
        ImportReason.MailInvalid => text["Cette adresse de courriel est mal écrite : le champ restera vide."],
        ImportReason.WebsiteInvalid => text["Cette adresse de site est mal écrite : le champ restera vide."],
        ImportReason.PhoneInvalid => text["Ce numéro de téléphone est mal écrit : le champ restera vide."],
        ImportReason.TwiceInFile => text["Ce SIRET est déjà à la ligne {0}.", problem.OtherLine],
        _ => text["Le registre a déjà ce SIRET."],
    };
}
