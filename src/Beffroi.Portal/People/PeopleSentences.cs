using Beffroi.Identity.People;
using Beffroi.Portal.Texts;

namespace Beffroi.Portal.People;

/// <summary>What is said when something for somebody's account was not done, and how an account stands.</summary>
internal static class PeopleSentences
{
    internal static string Of(Text text, PeopleFault fault) => fault switch
    {
        PeopleFault.RoleTooHigh => text["Votre rôle ne permet pas de donner ou de retirer celui-ci."],
        PeopleFault.SharedAccount =>
            text["Ce compte sert aussi ailleurs. Retirez son rôle ici, ou demandez à l'assistance."],
        PeopleFault.LastReferent => text["C'est le dernier référent actif. Nommez-en d'abord un autre."],
        PeopleFault.Oneself => text["Vous ne pouvez pas le faire pour vous-même. Demandez à un collègue."],
        PeopleFault.StaffAndMember =>
            text["Une même personne ne travaille pas à la fois pour le syndicat et pour une collectivité."],
        PeopleFault.AlreadyHeld => text["Cette personne a déjà ce rôle."],
        PeopleFault.BadEmail => text["Cette adresse de courriel n'est pas bien écrite."],
        PeopleFault.NameMissing => text["Un nom est nécessaire."],
        PeopleFault.BadDates => text["La fin du rôle doit venir après son début, et après aujourd'hui."],
        PeopleFault.NotInvited => text["Cette invitation a déjà été acceptée."],
        PeopleFault.Outdated => text["Ce compte a changé au même moment. Recommencez."],
        _ => text["Cette personne n'est pas dans votre liste."],
    };

    internal static (string Mark, string Icon, string Word) Of(AccountState state) => state switch
    {
        AccountState.Active => ("good", "circle-check", "Actif"),
        AccountState.Invited => ("none", "mail", "Invité"),
        AccountState.InvitationExpired => ("warn", "clock", "Invitation expirée"),
        AccountState.Disabled => ("none", "circle-x", "Désactivé"),
        _ => ("bad", "lock", "Verrouillé"),
    };
}
