using Beffroi.Identity.Access;
using Beffroi.Identity.Mail;
using Beffroi.Portal.People;
using Beffroi.Portal.Settings;
using Beffroi.Portal.Texts;

namespace Beffroi.Portal.Mails;

/// <summary>Mails about accounts, in French: who gets one has no language chosen yet, or chose it for a
/// browser.</summary>
internal sealed class PeopleLetters(Presentation options, TimeProvider time) : IPeopleLetters
{
    private readonly Words _words = new(new Text(Language.French), time);

    public OutgoingMail Write(PeopleLetter letter, string to) => letter switch
    {
        PeopleLetter.Invitation it => Invite(it, to),
        PeopleLetter.RoleGiven it => Mail(
            to, it.Name, "Un rôle vous est donné",
            $"{it.GivenBy} vous donne un rôle : {RoleOf(it.Role, it.Member)}.",
            $"Votre compte et votre mot de passe ne changent pas. Connectez-vous ici :\n{Link("/")}"),
        PeopleLetter.RoleGivenByOperator it => Mail(
            to, it.Name, $"Un rôle est donné pour {it.Member}",
            $"{it.GivenBy}, du syndicat, donne à {it.Person} un rôle : {RoleOf(it.Role, it.Member)}. "
                + "Ce rôle permet de restaurer vos fichiers.",
            "Ce n'est pas prévu ? Retirez ce rôle sur cette page, puis appelez l'assistance :\n"
                + Link("/utilisateurs")),
        PeopleLetter.PasswordReset it => Mail(
            to, it.Name, "Choisir un nouveau mot de passe",
            $"Vous avez demandé un nouveau mot de passe. Choisissez-le ici :\n{Link("/mot-de-passe", it.Token)}",
            $"Ce lien sert une fois, jusqu'{Until(it.Until)}.",
            "Vous n'avez rien demandé ? Ne faites rien : votre mot de passe reste le même."),
        PeopleLetter.AccountLocked it => Mail(
            to, it.Name, "Votre compte est verrouillé",
            "Vos identifiants ont été signalés comme compromis. Votre mot de passe et vos clés d'accès ne servent "
                + "plus, et vos sessions sont fermées.",
            $"Choisissez un nouveau mot de passe ici :\n{Link("/mot-de-passe", it.Token)}",
            $"Ce lien sert une fois, jusqu'{Until(it.Until)}. Ensuite, demandez-en un autre ici :\n"
                + Link("/mot-de-passe-oublie")),
        PeopleLetter.CompromiseReported it => Mail(
            to, it.Name, "Identifiants compromis",
            $"{it.ReportedBy} signale que les identifiants de {it.Person} sont compromis. Le compte est verrouillé "
                + "et ses sessions sont fermées.",
            $"{it.Person} a reçu un courriel pour choisir un nouveau mot de passe.",
            $"Regardez ce qui a été fait avec ce compte :\n{Link("/journal")}"),
        PeopleLetter.AccountChanged it => Mail(
            to, it.Name, "Votre compte a changé",
            $"{SentenceOf(it.Change)} C'était {_words.OnDay(it.At)}"
                + $"{(it.Origin is { } origin ? $", depuis l'adresse {origin}" : "")}.",
            "Ce n'était pas vous ? Demandez un nouveau mot de passe, puis appelez l'assistance :\n"
                + Link("/mot-de-passe-oublie")),
        _ => throw new InvalidOperationException($"There are no words for a {letter.GetType().Name}."),
    };

    private OutgoingMail Invite(PeopleLetter.Invitation it, string to) => Mail(
        to, it.Name, "Votre compte vous attend",
        $"{it.InvitedBy} vous invite sur le portail, avec un rôle : {RoleOf(it.Role, it.Member)}.",
        $"Choisissez votre mot de passe ici :\n{Link("/invitation", it.Token)}",
        $"Ce lien sert une fois, jusqu'{Until(it.Until)}. Ensuite, demandez-en un autre à {it.InvitedBy}.");

    private OutgoingMail Mail(string to, string name, string subject, params string[] paragraphs)
    {
        return new OutgoingMail(
            to, subject,
            string.Join("\n\n", [$"Bonjour {name},", .. paragraphs, options.SupportSentence]) + "\n");
    }

    private string Link(string path, string? token = null) =>
        options.PublicUrl + path + (token is null ? "" : $"?lien={Uri.EscapeDataString(token)}");

    // "jusqu'au 3 mars à 14 h 05": the day stands for itself, since nobody knows when a mail is read.
    private string Until(DateTimeOffset until) => $"au {_words.OnDay(until)["le ".Length..]}";

    private static string RoleOf(Role role, string? member) => RoleWords.Of(role) + (member is null
        ? ", pour le syndicat"
        : $", pour {member}");

    private static string SentenceOf(AccountChange change) => change switch
    {
        AccountChange.PasswordChanged => "Votre mot de passe a été changé.",
        AccountChange.SecondFactorOn => "La double authentification a été activée.",
        AccountChange.SecondFactorOff => "La double authentification a été désactivée.",
        AccountChange.RecoveryCodesRenewed => "Vos codes de secours ont été refaits.",
        AccountChange.PasskeyAdded => "Une clé d'accès a été ajoutée à votre compte.",
        AccountChange.PasskeyRemoved => "Une clé d'accès de votre compte a été supprimée.",
        _ => throw new InvalidOperationException($"There are no words for {change}."),
    };
}
