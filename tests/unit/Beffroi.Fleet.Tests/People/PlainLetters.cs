using Beffroi.Identity.Mail;

namespace Beffroi.Fleet.Tests.People;

/// <summary>Letters without sentences: the subject names the kind, the text is the token, if there is one.</summary>
internal sealed class PlainLetters : IPeopleLetters
{
    public OutgoingMail Write(PeopleLetter letter, string to) => new(to, letter.GetType().Name, letter switch
    {
        PeopleLetter.Invitation it => it.Token,
        PeopleLetter.PasswordReset it => it.Token,
        PeopleLetter.AccountLocked it => it.Token,
        PeopleLetter.AccountChanged it => it.Change.ToString(),
        _ => "",
    });
}
