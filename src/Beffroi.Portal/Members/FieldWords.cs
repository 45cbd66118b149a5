using Beffroi.Business.Members;
using Beffroi.Portal.Texts;

namespace Beffroi.Portal.Members;

/// <summary>What is said about a field, and about something that was not saved.</summary>
internal static class FieldWords
{
    private static readonly Dictionary<string, string> Labels = new(StringComparer.Ordinal)
    {
        ["Siret"] = "SIRET",
        ["Name"] = "Nom",
        ["Kind"] = "Type",
        ["Class"] = "Qualité",
        ["Population"] = "Habitants",
        ["PopulationYear"] = "Année du recensement",
        ["CommuneCode"] = "Code INSEE",
        ["Departement"] = "Département",
        ["EpciSiren"] = "SIREN de l'intercommunalité",
        ["EpciName"] = "Intercommunalité",
        ["Street"] = "Rue",
        ["PostalCode"] = "Code postal",
        ["City"] = "Ville",
        ["Mail"] = "Courriel",
        ["Phone"] = "Téléphone",
        ["Website"] = "Site internet",
        ["Link"] = "Raccordement",
        ["MeasuredMbps"] = "Débit mesuré (Mb/s)",
        ["MeasuredOn"] = "Mesuré le",
        ["Label"] = "Nom du matériel",
        ["SiteId"] = "Lieu",
        ["OperatingSystem"] = "Système",
        ["DeviceId"] = "Poste sauvegardé",
        ["Function"] = "Fonction",
        ["Title"] = "Titre",
        ["Content"] = "Fichier",
        ["Number"] = "Numéro",
        ["Version"] = "Version",
        ["SignedOn"] = "Signé ou voté le",
        ["CtesId"] = "Identifiant @CTES",
        ["AcknowledgedOn"] = "Accusé de réception du",
        ["AdmissionId"] = "Dossier d'adhésion",
        ["FixedCount"] = "Ordinateurs fixes",
        ["LaptopCount"] = "Ordinateurs portables",
        ["ServerCount"] = "Serveurs",
        ["VolumeBytes"] = "Volume à sauvegarder (Go)",
        ["Applications"] = "Logiciels métier",
        ["Databases"] = "Bases de données",
        ["ExistingServices"] = "Services déjà en place",
        ["From"] = "Depuis le",
        ["until"] = "Jusqu'au",
    };

    /// <summary>What a field is called; French, as everywhere the key of the translation.</summary>
    internal static string LabelOf(string field) => Labels.GetValueOrDefault(field, field);

    /// <summary>What is wrong with a field, to be read under it.</summary>
    internal static string Of(Text text, FieldMistake mistake) => mistake switch
    {
        { Field: "Siret" } => text["Un SIRET a 14 chiffres. Vérifiez-les sur l'avis de l'INSEE."],
        { Field: "Content", Error: FieldError.TooLong } =>
            text["Ce fichier est trop gros. Il peut faire 20 Mo au plus."],
        { Field: "Content", Error: FieldError.Missing } => text["Choisissez un fichier."],
        { Field: "Content" } =>
            text["Ce type de fichier n'est pas accepté. Choisissez un PDF, PNG, JPEG, ODT ou DOCX sans macro."],
        { Field: "CtesId" } =>
            text["Cet identifiant a la forme 082-200061257-20230411-04202306-DE, pour une délibération seulement."],
        { Field: "PostalCode" } => text["Un code postal a cinq chiffres."],
        { Field: "EpciSiren" } => text["Un SIREN a neuf chiffres. Vérifiez-les."],
        { Field: "FixedCount", Error: FieldError.Missing } => text["Comptez au moins un ordinateur ou un serveur."],
        { Error: FieldError.Missing } => text["Ce champ est nécessaire."],
        { Error: FieldError.TooLong } => text["Ce texte est trop long : 200 caractères au plus."],
        { Error: FieldError.OutOfRange } => text["Cette valeur est trop petite, trop grande ou dans le futur."],
        _ => text["Cette valeur n'est pas bien écrite."],
    };

    /// <summary>Why something well-formed was not saved, and what to do.</summary>
    internal static string Of(Text text, SaveRefusal refusal) => refusal switch
    {
        SaveRefusal.SiretTaken => text["Une collectivité a déjà ce SIRET. Cherchez-la dans la liste."],
        SaveRefusal.LastReferent => text["C'est le dernier référent. Nommez d'abord son successeur."],
        SaveRefusal.SiteInUse => text["Du matériel est encore dans ce lieu. Déplacez-le d'abord."],
        SaveRefusal.DeviceTaken => text["Un autre matériel est déjà ce poste."],
        SaveRefusal.RoleHeld => text["Ce contact a déjà ce rôle à cette date."],
        SaveRefusal.RoleNotHeld => text["Ce contact n'a pas ce rôle."],
        SaveRefusal.HoldsRoles => text["Ce contact a un rôle dans un dossier. Demandez son retrait à l'assistance."],
        SaveRefusal.WrongState => text["Le dossier n'en est pas à cette étape."],
        SaveRefusal.AlreadyWithdrawn => text["Ce document est déjà retiré."],
        _ => text["Cette offre a déjà des dossiers : son type ne change plus."],
    };
}
