using Beffroi.Portal.Texts;

namespace Beffroi.Portal.Platform;

/// <summary>What is said about the house.</summary>
internal static class HouseWords
{
    internal static string Of(Text text, StoreUse use) => use switch
    {
        StoreUse.Blobs => text["Sauvegardes"],
        StoreUse.Database => text["Base de données"],
        _ => text["Documents"],
    };

    /// <summary>A concern, and what to do about it.</summary>
    internal static (string Sentence, string Advice) Of(Text text, HouseConcernKind kind) => kind switch
    {
        HouseConcernKind.StoreSilent => (
            text["Un stockage ne répond pas : les sauvegardes attendent."],
            text["Vérifiez le disque ou le service S3 ; le code est dans le tableau."]),
        HouseConcernKind.StoreNearlyFull => (
            text["Un disque a moins de 10 % de place libre."], text["Agrandissez-le, ou déplacez les sauvegardes."]),
        HouseConcernKind.DatabaseSilent => (
            text["La base de données ne répond pas."], text["Regardez le journal du serveur, puis redémarrez-le."]),
        HouseConcernKind.FullSoon => (
            text["Au rythme actuel, la place manquera dans moins de deux mois."],
            text["Commandez de la place dès maintenant."]),
        HouseConcernKind.PacksDamaged => (
            text["Des paquets abîmés attendent leur remplacement."],
            text["Lancez « beffroi-server admin check » et suivez le guide des dommages."]),
        HouseConcernKind.CheckFoundDamage => (
            text["La dernière vérification a trouvé des dommages."],
            text["Suivez le guide des dommages, puis vérifiez de nouveau."]),
        HouseConcernKind.CheckOverdue => (
            text["La dernière vérification des sauvegardes a plus d'un mois."],
            text["Lancez « beffroi-server admin check --read-data »."]),
        HouseConcernKind.NeverChecked => (
            text["Les sauvegardes n'ont jamais été vérifiées."],
            text["Lancez « beffroi-server admin check --read-data »."]),
        HouseConcernKind.JournalBroken => (
            text["Une ligne du journal a été changée ou effacée."],
            text["Prévenez la direction, et gardez une copie de la base telle qu'elle est."]),
        HouseConcernKind.MailsGivenUp => (
            text["Des courriels n'ont pas pu partir."],
            text["Lisez la raison ci-dessous, puis réessayez ou oubliez-les."]),
        HouseConcernKind.MailsLate => (
            text["Des courriels attendent depuis plus d'une heure."],
            text["Vérifiez le serveur de courriel ; la raison est ci-dessous."]),
        HouseConcernKind.NoMailServer => (
            text["Aucun serveur de courriel n'est réglé : invitations et alertes ne partent pas."],
            text["Donnez le réglage Smtp:Host au serveur."]),
        _ => (
            text["Le certificat du serveur finit bientôt."],
            text["Renouvelez-le, puis redémarrez le serveur."]),
    };
}
