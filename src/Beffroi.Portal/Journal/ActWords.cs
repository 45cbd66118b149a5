using Beffroi.Fleet.Watch;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Beffroi.Portal.People;
using Beffroi.Portal.Texts;

namespace Beffroi.Portal.Journal;

/// <summary>Acts of the journal as people say them; French, as everywhere the key of the translation.</summary>
internal static class ActWords
{
    /// <summary>Every act that has words, in the order of the page's filter.</summary>
    internal static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [Acts.SignedIn] = "Connexion",
        [Acts.SignInRefused] = "Connexion refusée",
        [Acts.AccountLockedOut] = "Compte au repos après trop d'essais",
        [Acts.NameChanged] = "Nom changé",
        [Acts.PasswordChanged] = "Mot de passe changé",
        [Acts.PasswordForgotten] = "Lien de mot de passe demandé",
        [Acts.PasswordReset] = "Mot de passe choisi par lien",
        [Acts.SecondFactorOn] = "Double authentification activée",
        [Acts.SecondFactorOff] = "Double authentification retirée",
        [Acts.RecoveryCodesRenewed] = "Codes de secours refaits",
        [Acts.PasskeyAdded] = "Clé d'accès ajoutée",
        [Acts.PasskeyRenamed] = "Clé d'accès renommée",
        [Acts.PasskeyRemoved] = "Clé d'accès supprimée",
        [Acts.SessionsEnded] = "Sessions fermées",
        [Acts.PersonAdded] = "Compte créé",
        [Acts.PersonInvited] = "Personne invitée",
        [Acts.InvitationSentAgain] = "Invitation renvoyée",
        [Acts.InvitationAccepted] = "Invitation acceptée",
        [Acts.RoleGiven] = "Rôle donné",
        [Acts.RoleEnded] = "Rôle retiré",
        [Acts.AccountDisabled] = "Compte désactivé",
        [Acts.AccountEnabled] = "Compte réactivé",
        [Acts.AccountCompromised] = "Identifiants signalés compromis",
        [Acts.JournalExported] = "Journal exporté",
        [Acts.ServiceRegistered] = "Service ajouté",
        [Acts.ServiceChanged] = "Service modifié",
        [Acts.ServiceSecretRenewed] = "Secret d'un service remplacé",
        [Acts.ServiceSwitchedOn] = "Service remis en route",
        [Acts.ServiceSwitchedOff] = "Service arrêté",
        [Acts.ProgramApproved] = "Programme accepté",
        [Acts.ProgramRefused] = "Programme refusé",
        [Acts.CodeReplayed] = "Code de connexion présenté deux fois",
        [Acts.CodeOfAnotherService] = "Code présenté par un autre service",
        [Acts.RefreshTokenReused] = "Jeton présenté deux fois",
        [Acts.TokenOfAnotherService] = "Jeton présenté par un autre service",
        [Acts.SigningKeysReplaced] = "Clés de signature remplacées",
        [Acts.ProviderSet] = "Fournisseur d'identité réglé",
        [Acts.ProviderSwitchedOff] = "Fournisseur d'identité arrêté",
        [Acts.ProviderLinked] = "Compte relié à un fournisseur d'identité",
        [Acts.OperatorPresented] = "Présentation du syndicat changée",
        [Acts.MailsTriedAgain] = "Courriels réessayés",
        [Acts.MailForgotten] = "Courriel oublié",
        [Acts.ProvisioningSet] = "Comptes d'un service tenus à jour",
        [Acts.ProvisioningRetried] = "Comptes d'un service réessayés",
        [Acts.ProvisioningOff] = "Comptes d'un service laissés tels quels",
        ["vaults-checked"] = "Sauvegardes vérifiées",
        ["vault-created"] = "Coffre créé",
        ["quota-set"] = "Espace réglé",
        ["enrolment-token-issued"] = "Code d'ajout de poste remis",
        ["enrolment-token-revoked"] = "Code d'ajout de poste révoqué",
        ["device-enrolled"] = "Poste ajouté",
        ["device-revoked"] = "Poste révoqué",
        ["root-keys-refused"] = "Trop de versions demandées par un poste",
        ["snapshot-opened"] = "Version ouverte dans le portail",
        ["backup-read"] = "Sauvegarde lue dans le portail",
        ["backup-asked"] = "Sauvegarde demandée",
        ["restore-asked"] = "Restauration demandée",
        ["order-called-back"] = "Demande annulée",
        ["consent-asked"] = "Accord demandé",
        ["consent-granted"] = "Accord donné",
        ["consent-refused"] = "Accord refusé",
        ["consent-revoked"] = "Accord repris",
        ["member-added"] = "Collectivité ajoutée",
        ["member-changed"] = "Collectivité modifiée",
        ["members-imported"] = "Collectivités importées",
        ["member-reach-changed"] = "Coordonnées modifiées",
        ["register-exported"] = "Registre exporté",
        ["site-saved"] = "Lieu enregistré",
        ["site-removed"] = "Lieu retiré",
        ["inventory-saved"] = "Matériel enregistré",
        ["inventory-removed"] = "Matériel retiré",
        ["contact-saved"] = "Contact enregistré",
        ["contact-removed"] = "Contact retiré",
        ["contact-role-given"] = "Rôle de contact donné",
        ["contact-role-ended"] = "Rôle de contact retiré",
        ["document-added"] = "Document ajouté",
        ["document-changed"] = "Document modifié",
        ["document-replaced"] = "Document remplacé",
        ["document-withdrawn"] = "Document retiré",
        ["diagnosis-made"] = "Diagnostic fait",
        ["plan-revised"] = "Plan modifié",
        ["plan-signed"] = "Périmètre validé",
        ["alert-acknowledged"] = "Point noté : peut attendre",
        ["alert-reopened"] = "Point rouvert",
        ["drift-acknowledged"] = "Dossier hors périmètre noté",
        ["duplicate-settled"] = "Doublon d'un poste réglé",
        ["offer-saved"] = "Offre enregistrée",
        ["admission-opened"] = "Adhésion commencée",
        ["admission-eligible"] = "Adhésion : éligible",
        ["admission-refused"] = "Adhésion : refusée",
        ["admission-diagnosis"] = "Adhésion : diagnostic",
        ["admission-proposal"] = "Adhésion : proposition",
        ["admission-awaiting-pieces"] = "Adhésion : pièces attendues",
        ["admission-complete"] = "Adhésion : dossier complet",
        ["admission-effective"] = "Adhésion effective",
        ["admission-closed"] = "Adhésion : dossier fermé",
    };

    private static readonly Dictionary<string, string> Facts = new(StringComparer.Ordinal)
    {
        ["role"] = "rôle",
        ["count"] = "nombre",
        ["name"] = "nom",
        ["from"] = "avant",
        ["to"] = "après",
        ["reason"] = "raison",
        ["methods"] = "preuve",
        ["note"] = "note",
        ["deviceKind"] = "usage",
        ["format"] = "format",
        ["siret"] = "SIRET",
        ["site"] = "lieu",
        ["label"] = "matériel",
        ["offer"] = "offre",
        ["level"] = "niveau",
        ["day"] = "jour",
        ["damages"] = "dommages",
        ["service"] = "service",
        ["redirects"] = "retours",
        ["program-origin"] = "depuis l'adresse",
        ["provider"] = "fournisseur",
        ["issuer"] = "adresse",
        ["supportPhone"] = "téléphone de l'assistance",
        ["supportMail"] = "courriel de l'assistance",
        ["legalNotice"] = "mentions légales, en caractères",
        ["purpose"] = "pour",
        ["entries"] = "numéros d'entrée",
        ["hours"] = "heures",
        ["paths"] = "éléments",
        ["target"] = "endroit",
        ["conflict"] = "si le fichier existe",
        ["quotaBytes"] = "espace, en octets",
        ["before"] = "avant",
        ["path"] = "dossier",
        ["perHourMax"] = "limite par heure",
        ["effectiveOn"] = "effet le",
        ["motive"] = "motif",
        ["revision"] = "version du plan",
    };

    /// <summary>Facts for programs: hashes, codes and whole rules. They are in the exports.</summary>
    private static readonly HashSet<string> Untold =
        new(["person", "snapshot", "askedBy", "token", "sha256", "kind", "rules", "readData", "packs", "bytes",
            "recoveryKey"],
            StringComparer.Ordinal);

    internal static readonly Dictionary<string, string> Values = new(StringComparer.Ordinal)
    {
        ["pwd"] = "mot de passe",
        ["pwd otp"] = "mot de passe et code",
        ["pop mfa"] = "clé d'accès",
        ["WrongCredentials"] = "mot de passe faux",
        ["WrongCode"] = "code faux",
        ["browse"] = "parcourir",
        ["search"] = "chercher",
        ["versions"] = "comparer les versions",
        ["preview"] = "aperçu",
        ["file"] = "télécharger un fichier",
        ["archive"] = "télécharger une sélection",
        ["original"] = "à sa place",
        ["keepBoth"] = "garder les deux",
        ["replace"] = "remplacer",
        ["skip"] = "laisser",
        ["fixed"] = "ordinateur fixe",
        ["laptop"] = "ordinateur portable",
        ["server"] = "serveur",
        ["withdrawn"] = "renoncement",
        ["mistake"] = "ouvert par erreur",
        ["ended"] = "terminé",
        [nameof(WatchReason.NeverBackedUp)] = "jamais sauvegardé",
        [nameof(WatchReason.Overdue)] = "sauvegarde en retard",
        [nameof(WatchReason.LastRunFailed)] = "dernière sauvegarde échouée",
        [nameof(WatchReason.RunIncomplete)] = "sauvegarde incomplète",
        [nameof(WatchReason.FilesUnreadable)] = "fichiers illisibles",
        [nameof(WatchReason.QuotaNear)] = "espace presque plein",
        [nameof(WatchReason.QuotaReached)] = "espace plein",
        [nameof(WatchReason.AgentOld)] = "logiciel ancien",
        [nameof(WatchReason.ClockWrong)] = "horloge fausse",
        [nameof(WatchReason.VerbsRefused)] = "demande refusée",
        [nameof(WatchReason.Duplicate)] = "copie d'un poste",
        [nameof(WatchReason.UnusualVolume)] = "volume inhabituel",
        [nameof(WatchReason.RansomwareSigns)] = "signes de rançongiciel",
        [nameof(WatchReason.ReportsWaiting)] = "rapports en attente",
        [nameof(WatchReason.Uncovered)] = "dossier hors périmètre",
    };

    /// <summary>An act in words. One that a newer module brought shows its own name.</summary>
    internal static string Of(Text text, string act) => All.TryGetValue(act, out var word) ? text[word] : act;

    /// <summary>Who did it: a person by name, an administrator on the server, a job.</summary>
    internal static string ActorOf(Text text, JournalLine line) => line.ActorName ?? line.Actor.Split(':', 2) switch
    {
        ["admin", var user] => text["administrateur du serveur ({0})", user],
        ["job", _] => text["la plateforme"],
        ["device", _] => text["un poste"],
        ["provider", var name] => text["fournisseur d'identité ({0})", name],
        ["person", _] => text["quelqu'un dont le compte n'existe plus"],
        _ => line.Actor,
    };

    /// <summary>Further facts in words. Ids say nothing to anybody, and are in the exports.</summary>
    internal static IEnumerable<string> FactsOf(Text text, JournalLine line)
    {
        if (line.PersonName is { } person) yield return person;
        foreach (var (name, value) in line.Detail)
        {
            if (Untold.Contains(name) || value.Length == 0 || IsId(value)) continue;
            yield return Facts.TryGetValue(name, out var word)
                ? text["{0} : {1}", text[word], ValueOf(text, value)]
                : text["{0} : {1}", name, value];
        }
    }

    /// <summary>An id, somebody's or something's, or a digest: 64 digits that no line can break.</summary>
    private static bool IsId(string value) => Guid.TryParse(value.Split(':')[^1], out _)
        || (value.Length >= 32 && value.All(char.IsAsciiHexDigit));

    private static string ValueOf(Text text, string value) =>
        Enum.TryParse<Role>(value, out var role) && Enum.IsDefined(role) && !char.IsDigit(value[0])
            ? text[RoleWords.Of(role)]
            : Values.TryGetValue(value, out var word) ? text[word] : value;
}
