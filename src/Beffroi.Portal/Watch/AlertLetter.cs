using Beffroi.Fleet.Watch;
using Beffroi.Identity.Mail;
using Beffroi.Identity.People;
using Beffroi.Portal.Settings;
using Beffroi.Portal.Texts;

namespace Beffroi.Portal.Watch;

/// <summary>The mail that tells a référent what is red: what, since when, what to do, whom to call. In French: no
/// browser has chosen a language.</summary>
internal sealed class AlertLetter(Presentation options, TimeProvider time)
{
    private readonly WatchSentences _sentences =
        new(new Text(Language.French), new Words(new Text(Language.French), time));

    /// <summary>Writes to one person about all that they have not been told of.</summary>
    internal OutgoingMail Write(Correspondent to, IReadOnlyList<UntoldAlert> alerts)
    {
        var subject = alerts.Select(alert => alert.Device).Distinct().Count() == 1
            ? $"Le poste {alerts[0].DeviceName} demande votre attention"
            : $"{alerts.Select(alert => alert.Device).Distinct().Count()} postes demandent votre attention";
        string[] paragraphs =
        [
            $"Bonjour {to.Name},",
            .. alerts.GroupBy(alert => alert.Device).Select(Paragraph),
            $"Le détail est ici : {options.PublicUrl}/sauvegardes",
            options.SupportSentence,
        ];
        return new OutgoingMail(to.Email, subject, string.Join("\n\n", paragraphs) + "\n");
    }

    private string Paragraph(IGrouping<Beffroi.Vault.DeviceId, UntoldAlert> device) => string.Join(
        '\n',
        device.Select(alert => $"{_sentences.Say(alert.Finding)} {_sentences.Advise(alert.Finding)}")
            .Prepend($"Poste {device.First().DeviceName} :"));
}
