using Beffroi.Fleet.Watch;
using Beffroi.Portal.Texts;

namespace Beffroi.Portal.Watch;

/// <summary>Says findings in words: what is the matter, and what to do about it.</summary>
internal sealed class WatchSentences(Text t, Words words)
{
    /// <summary>What is the matter, in one sentence.</summary>
    internal string Say(WatchFinding finding) => finding.Reason switch
    {
        WatchReason.NeverBackedUp => t["Jamais sauvegardé. Ajouté {0}.", Since(finding)],
        WatchReason.Overdue => t["Aucune bonne sauvegarde depuis {0}.", Since(finding)],
        WatchReason.LastRunFailed => t["La dernière sauvegarde a échoué ({0}).", finding.Text],
        WatchReason.RunIncomplete =>
            t["La dernière sauvegarde est incomplète : un dossier ou une base manquait."],
        WatchReason.FilesUnreadable => t.Count(
            finding.Number ?? 0, "{0} fichier n'a pas pu être lu.", "{0} fichiers n'ont pas pu être lus."),
        WatchReason.QuotaNear => t["L'espace de la collectivité est rempli à {0} %.", finding.Number],
        WatchReason.QuotaReached => t["L'espace de la collectivité est plein ({0} %).", finding.Number],
        WatchReason.AgentOld => t["Le logiciel de sauvegarde est ancien ({0}).", finding.Text],
        WatchReason.ClockWrong => t["L'horloge du poste est fausse de {0}.", ClockError(finding)],
        WatchReason.VerbsRefused => t["Le serveur a refusé une demande du poste ({0}).", finding.Text],
        WatchReason.Duplicate => t["Deux ordinateurs se présentent comme ce poste."],
        WatchReason.UnusualVolume =>
            t["La dernière sauvegarde est {0} fois plus grosse que d'habitude.", finding.Number],
        WatchReason.RansomwareSigns when finding.Text is { } ending =>
            t["Des milliers de fichiers ont changé d'un coup et finissent par « {0} ». Rançongiciel possible.", ending],
        WatchReason.RansomwareSigns =>
            t["Une grande part des fichiers a changé d'un coup et ne se compresse plus. Rançongiciel possible."],
        WatchReason.Uncovered => t.Count(
            finding.Number ?? 0, "{0} gros dossier ou base n'est pas sauvegardé.",
            "{0} gros dossiers ou bases ne sont pas sauvegardés."),
        _ => t.Count(
            finding.Number ?? 0, "{0} compte rendu attend sur le poste.", "{0} comptes rendus attendent sur le poste."),
    };

    /// <summary>The next act, for somebody in the town hall.</summary>
    internal string Advise(WatchFinding finding) => finding.Reason switch
    {
        WatchReason.NeverBackedUp or WatchReason.Overdue =>
            t["S'il est éteint, allumez-le une heure. Sinon, appelez l'assistance."],
        WatchReason.LastRunFailed =>
            t["Laissez le poste allumé : il réessaie seul. Si cela dure deux jours, appelez l'assistance."],
        WatchReason.RunIncomplete =>
            t["Ouvrez la sauvegarde de cette nuit et lisez ses remarques. Un disque est-il débranché ?"],
        WatchReason.FilesUnreadable => t["Fermez ces fichiers le soir, puis regardez la liste sur la page du poste."],
        WatchReason.QuotaNear or WatchReason.QuotaReached =>
            t["Demandez plus d'espace à votre syndicat, ou retirez un dossier du périmètre."],
        WatchReason.AgentOld => t["Mettez à jour le logiciel de sauvegarde du poste."],
        WatchReason.ClockWrong => t["Réglez la date et l'heure du poste, puis redémarrez-le."],
        WatchReason.Duplicate => t["Éteignez la copie du poste, ou ajoutez-la comme un nouveau poste."],
        WatchReason.RansomwareSigns =>
            t["Débranchez le poste du réseau, ne l'éteignez pas, et appelez l'assistance tout de suite."],
        WatchReason.UnusualVolume => t["Si personne n'a copié de gros dossiers, appelez l'assistance."],
        WatchReason.Uncovered => t["Regardez-les sur la page du poste, et décidez pour chacun."],
        _ => t["Appelez l'assistance si cela dure."],
    };

    private string Since(WatchFinding finding) =>
        finding.Since is { } since ? words.Moment(since) : t["une date inconnue"];

    private string ClockError(WatchFinding finding) =>
        words.Duration(TimeSpan.FromSeconds(Math.Abs(finding.Number ?? 0)));
}
