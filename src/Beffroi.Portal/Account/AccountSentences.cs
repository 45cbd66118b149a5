using Beffroi.Identity.Account;
using Beffroi.Portal.Texts;

namespace Beffroi.Portal.Account;

/// <summary>What is said when something of one's own account was not done.</summary>
internal static class AccountSentences
{
    internal static string Of(Text text, AccountFault fault) => fault switch
    {
        AccountFault.NameMissing => text["Un nom est nécessaire."],
        AccountFault.WrongPassword => text["Ce n'est pas votre mot de passe actuel."],
        AccountFault.LockedOut => text["Trop d'essais. Attendez un quart d'heure, ou appelez l'assistance."],
        AccountFault.TooShort => text["Ce mot de passe est trop court : il en faut au moins 12 caractères."],
        AccountFault.TooLong => text["Ce mot de passe est trop long : 256 caractères au plus."],
        AccountFault.TooCommon => text["Ce mot de passe est de ceux que l'on essaie d'abord. Choisissez-en un autre."],
        AccountFault.LikeTheAccount => text["Ce mot de passe ressemble à votre nom ou à votre adresse."],
        AccountFault.WrongCode => text["Ce code ne convient pas. Attendez le suivant et réessayez."],
        AccountFault.WrongPasskey => text["Le navigateur n'a pas pu prouver cette clé d'accès. Recommencez."],
        AccountFault.TooManyPasskeys => text["Vous avez déjà 20 clés d'accès. Supprimez-en une d'abord."],
        AccountFault.LinkSpent => text["Ce lien a déjà servi, ou un lien plus récent l'a remplacé."],
        AccountFault.LinkExpired => text["Ce lien est trop ancien."],
        AccountFault.Outdated => text["Votre compte a changé au même moment. Recommencez."],
        _ => text["C'est déjà fait, ou cela n'existe plus."],
    };
}
