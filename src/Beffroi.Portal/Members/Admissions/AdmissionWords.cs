using Beffroi.Business.Members.Admissions;
using Beffroi.Business.Members.Diagnoses;
using Beffroi.Business.Members.Offers;
using Beffroi.Business.Members.Register;
using Beffroi.Portal.Texts;

namespace Beffroi.Portal.Members.Admissions;

/// <summary>What is said about an admission: what it waits for, why a step was not taken, what the rules
/// found.</summary>
internal static class AdmissionWords
{
    /// <summary>A piece, and how to get it.</summary>
    internal static (string Name, string Advice) Of(Text text, AdmissionPiece piece) => piece switch
    {
        AdmissionPiece.Deliberation => (
            text["Délibération"], text["Demandez-la à la collectivité, puis ajoutez-la aux documents du dossier."]),
        AdmissionPiece.DeliberationTransmitted => (
            text["Délibération transmise au contrôle de légalité"],
            text["Complétez la délibération : identifiant @CTES et date de l'accusé de réception."]),
        AdmissionPiece.SignedCharter => (
            text["Charte signée"], text["Faites signer la charte, puis ajoutez-la avec sa date de signature."]),
        AdmissionPiece.SignedOrderLetter => (
            text["Lettre de commande signée"],
            text["Faites signer la lettre de commande, puis ajoutez-la avec sa date de signature."]),
        AdmissionPiece.SignedConvention => (
            text["Convention signée"],
            text["Faites signer la convention, puis ajoutez-la avec sa date de signature."]),
        AdmissionPiece.SignedAnnex2 => (
            text["Annexe 2 signée"], text["Ajoutez une annexe de numéro 2, avec sa date de signature."]),
        AdmissionPiece.FunctionalAdministrator => (
            text["Administrateur fonctionnel nommé"],
            text["Donnez ce rôle à un contact de la collectivité, dès aujourd'hui."]),
        _ => (text["Référent nommé"], text["Donnez ce rôle à un contact de la collectivité, dès aujourd'hui."]),
    };

    /// <summary>Why a step was not taken.</summary>
    internal static string Of(Text text, StepRefusal refusal) => refusal switch
    {
        StepRefusal.WrongState => text["Cette étape ne suit pas l'état du dossier. Il vient peut-être de changer."],
        StepRefusal.FactsMissing =>
            text["Des renseignements manquent pour décider. Complétez la fiche, puis recommencez."],
        StepRefusal.DiagnosisMissing => text["Faites d'abord un diagnostic pour ce dossier."],
        StepRefusal.LevelInvalid => text["Choisissez un niveau, de 1 à 3."],
        StepRefusal.PiecesMissing => text["Des pièces manquent encore."],
        StepRefusal.NoLongerEligible =>
            text["Une règle n'est plus remplie, à la date des signatures ou par la fiche."],
        StepRefusal.DateTooEarly =>
            text["La date vient avant la dernière signature ou le dernier accusé de réception."],
        StepRefusal.DateInFuture => text["La date est dans le futur."],
        _ => text["Ce motif ne convient pas : « terminé » est pour une adhésion effective, et pour elle seule."],
    };

    /// <summary>What a rule is about.</summary>
    internal static string Of(Text text, EligibilityReason reason) => reason switch
    {
        EligibilityReason.Population => text["Nombre d'habitants"],
        EligibilityReason.Kind => text["Type de collectivité"],
        EligibilityReason.Membership => text["Appartenance au syndicat"],
        EligibilityReason.Territory => text["Territoire"],
        EligibilityReason.Link => text["Raccordement internet"],
        EligibilityReason.SignatureWindow => text["Date de signature"],
        _ => text["Autre règle"],
    };

    internal static (string Mark, string Icon, string Word) Of(Text text, RuleVerdict verdict) => verdict switch
    {
        RuleVerdict.Met => ("good", "circle-check", text["Remplie"]),
        RuleVerdict.NotMet => ("bad", "circle-x", text["Non remplie"]),
        _ => ("warn", "info-circle", text["Renseignement manquant"]),
    };

    /// <summary>One comparison: what is known, and what the rule wants.</summary>
    internal static string Of(Text text, Words words, FactFinding finding)
    {
        var known = finding.Value is { Length: > 0 } value
            ? ValueOf(text, words, finding.Fact, value)
            : text["inconnu"];
        return text[
            "{0} : {1} (règle : {2} {3})", NameOf(text, finding.Fact), known, OperatorOf(text, finding.Operator),
            ValueOf(text, words, finding.Fact, finding.Expected)];
    }

    /// <summary>Why a level is advised.</summary>
    internal static string Of(Text text, Words words, LevelReason reason)
    {
        var (found, limit) = (words.Number(reason.Found), words.Number(reason.Limit ?? 0));
        return reason.Code switch
        {
            LevelReasonCode.FewComputers => text["Peu de postes : {0}, dans la limite du niveau 1.", found],
            LevelReasonCode.SeveralFixed =>
                text["{0} ordinateurs fixes, quand le niveau 1 en prend {1} au plus.", found, limit],
            LevelReasonCode.SeveralLaptops =>
                text["{0} ordinateurs portables, quand le niveau 1 en prend {1} au plus.", found, limit],
            LevelReasonCode.Server => text.Count(
                reason.Found, "{0} serveur : il demande le niveau 3.", "{0} serveurs : ils demandent le niveau 3."),
            LevelReasonCode.VolumeIncluded =>
                text["{0} Go à sauvegarder : les {1} Go du niveau suffisent.", found, limit],
            LevelReasonCode.VolumeExtra =>
                text[
                    "{0} Go à sauvegarder, pour {1} Go compris : chaque Go commencé en plus est facturé.", found,
                    limit],
            LevelReasonCode.VolumeBeyondLevels =>
                text["Plus que le plus haut niveau ({1} Go) : une étude et un devis d'abord.", found, limit],
            LevelReasonCode.Complex => text["Le technicien juge la situation particulière : une étude d'abord."],
            LevelReasonCode.DrivePairs => text.Count(
                reason.Found, "{0} disque partagé entre un poste fixe et son portable.",
                "{0} disques partagés entre un poste fixe et son portable."),
            _ => text["Un boîtier de stockage (NAS) est fourni."],
        };
    }

    private static string NameOf(Text text, EligibilityFact fact) => fact switch
    {
        EligibilityFact.Population => text["habitants"],
        EligibilityFact.Kind => text["type"],
        EligibilityFact.Class => text["qualité"],
        EligibilityFact.Links => text["raccordements"],
        EligibilityFact.EpciSiren => text["SIREN de l'intercommunalité"],
        EligibilityFact.EpciIsMember => text["intercommunalité membre"],
        EligibilityFact.Departement => text["département"],
        _ => text["date de signature"],
    };

    private static string OperatorOf(Text text, RuleOperator op) => op switch
    {
        RuleOperator.Below => text["moins de"],
        RuleOperator.AtMost => text["au plus"],
        RuleOperator.AtLeast => text["au moins"],
        RuleOperator.Above => text["plus de"],
        RuleOperator.NoneOf => text["ni"],
        RuleOperator.From => text["à partir du"],
        RuleOperator.Until => text["jusqu'au"],
        _ => text["être"],
    };

    private static string ValueOf(Text text, Words words, EligibilityFact fact, string value) => string.Join(
        ", ",
        value.Split(',', StringSplitOptions.TrimEntries).Select(word => (fact, word) switch
        {
            (EligibilityFact.EpciIsMember, "true") => text["oui"],
            (EligibilityFact.EpciIsMember, _) => text["non"],
            (EligibilityFact.SignedOn, _) when DateOnly.TryParse(word, out var day) => words.Day(day),
            (EligibilityFact.Kind, _) when Named<MemberKind>(word) is { } kind => text[MemberWords.Of(kind)],
            (EligibilityFact.Class, _) when Named<MemberClass>(word) is { } each => text[MemberWords.Of(each)],
            (EligibilityFact.Links, _) when Named<SiteLink>(word) is { } link => text[MemberWords.Of(link)],
            _ => word,
        }));

    /// <summary>A value by its word in rules: <c>non_member</c>.</summary>
    private static T? Named<T>(string word)
        where T : struct, Enum => Enum.TryParse<T>(
            word.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var value)
        && Enum.IsDefined(value) ? value : null;
}
