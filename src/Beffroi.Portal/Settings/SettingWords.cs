namespace Beffroi.Portal.Settings;

/// <summary>What each setting of the server does; French, as everywhere the key of the translation.</summary>
internal static class SettingWords
{
    private static readonly Dictionary<string, string> Effects = new(StringComparer.Ordinal)
    {
        ["Data"] = "Dossier de tout ce que le serveur garde.",
        ["Urls"] = "Adresses où le serveur écoute.",
        ["ConnectionString"] = "Base PostgreSQL à part ; sinon le serveur tient la sienne.",
        ["BehindProxy"] = "Un serveur mandataire tient le chiffrement devant celui-ci.",
        ["KnownProxies"] = "Serveurs mandataires dont on croit les en-têtes.",
        ["PublicHostNames"] = "Noms écrits dans le certificat que le serveur se fait.",
        ["Certificate:Path"] = "Votre certificat ; sinon le serveur se fait le sien.",
        ["Certificate:KeyPath"] = "Clé de ce certificat, si elle est dans un autre fichier.",
        ["Certificate:Password"] = "Mot de passe du fichier de ce certificat.",
        ["ObjectStore:Endpoint"] = "Service S3 des sauvegardes ; sinon un dossier.",
        ["ObjectStore:Bucket"] = "Compartiment du service S3.",
        ["ObjectStore:AccessKey"] = "Identifiant de la clé du service S3.",
        ["ObjectStore:SecretKey"] = "Clé du service S3.",
        ["ObjectStore:Prefix"] = "Début de tous les noms dans le compartiment.",
        ["ObjectStore:Region"] = "Région du service S3.",
        ["BlobReserveMegabytes"] = "Place que les sauvegardes laissent libre pour la base (Mo).",
        ["QuotaGigabytesByLevel"] = "Espace d'un nouveau coffre, par niveau (Go).",
        ["EnrolmentTokenDays"] = "Jours de validité d'un code d'ajout de poste.",
        ["InstallerFolder"] = "Dossier des installateurs du logiciel de sauvegarde.",
        ["MetricsToken"] = "Secret avec lequel la supervision lit les mesures.",
        ["Intake:UploadDiskMebibytes"] = "Disque pour les envois en cours (Mio).",
        ["Intake:UploadMemoryMebibytes"] = "Mémoire pour les envois en vérification (Mio).",
        ["Intake:UploadWaitSeconds"] = "Attente d'un envoi avant d'être renvoyé à plus tard (s).",
        ["Intake:ReadMemoryMebibytes"] = "Mémoire pour les restaurations en cours (Mio).",
        ["Intake:SessionMinutes"] = "Durée d'une session d'un poste (min).",
        ["Intake:FailuresPerAddressMax"] = "Échecs permis à une adresse du réseau.",
        ["Intake:FailureWindowMinutes"] = "Durée sur laquelle ces échecs sont comptés (min).",
        ["Intake:HaveQuestionsPerMinuteMax"] = "Questions permises à un poste par minute.",
        ["Intake:PlanMessagesPerMinuteMax"] = "Messages permis à un poste par minute.",
        ["Intake:CheckInSeconds"] = "Temps entre deux nouvelles d'un poste au repos (s).",
        ["Intake:RootKeysPerHourMax"] = "Versions qu'un poste peut ouvrir en une heure.",
        ["Intake:RestoreNeedsApproval"] = "Refuse toute restauration sans le kit de secours.",
        ["Portal:PublicUrl"] = "Adresse du portail ; les liens des courriels commencent ainsi.",
        ["Portal:SessionHours"] = "Durée d'une session dans le portail (h).",
        ["Portal:IdleMinutes"] = "Fin d'une session sans activité (min).",
        ["Portal:DigestHour"] = "Heure à partir de laquelle part le courriel du matin.",
        ["Portal:SupportPhone"] = "Téléphone de l'assistance, si rien n'est mis ci-dessus.",
        ["Portal:SupportMail"] = "Courriel de l'assistance, si rien n'est mis ci-dessus.",
        ["Smtp:Host"] = "Serveur de courriel ; sans lui, les courriels attendent.",
        ["Smtp:Port"] = "Port du serveur de courriel.",
        ["Smtp:User"] = "Compte sur le serveur de courriel.",
        ["Smtp:Password"] = "Mot de passe de ce compte.",
        ["Smtp:From"] = "Adresse d'où partent les courriels.",
        ["Smtp:StartTls"] = "Chiffre l'envoi des courriels.",
        ["Postgres:BinFolder"] = "Dossier des programmes de PostgreSQL ; sinon le serveur les trouve.",
        ["Postgres:User"] = "Compte qui fait tourner la base, si le serveur est root.",
    };

    /// <summary>What a setting does; every setting has its words, a test sees to it.</summary>
    internal static string? EffectOf(string name) => Effects.GetValueOrDefault(name);
}
