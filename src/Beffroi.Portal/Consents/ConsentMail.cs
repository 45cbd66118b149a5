using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Mail;
using Beffroi.Identity.People;
using Beffroi.Portal.Settings;

namespace Beffroi.Portal.Consents;

/// <summary>Tells a member's référents that somebody asks for their consent. In French: no browser has chosen a
/// language.</summary>
internal sealed class ConsentMail(Referents referents, MailOutbox outbox, Presentation options)
{
    /// <summary>Queues a mail to each; a member without référents is told nothing, and the page says whom to
    /// call.</summary>
    internal async Task TellAsync(
        Caller asking, MemberId member, string reason, int hours, CancellationToken cancellationToken)
    {
        foreach (var reader in await referents.ListAsync(member, cancellationToken))
        {
            var text = string.Join("\n\n",
                $"Bonjour {reader.Name},",
                $"{asking.Name} demande à lire vos sauvegardes pendant {hours} h. Sa raison : {reason.Trim()}",
                "Sans votre accord, personne du syndicat ni aucun prestataire ne peut ouvrir vos fichiers.",
                $"Accordez ou refusez ici :\n{options.PublicUrl}/accords",
                "Vous ne connaissez pas cette personne ? Refusez, et appelez l'assistance.",
                options.SupportSentence) + "\n";
            await outbox.AddAsync(
                new OutgoingMail(reader.Email, "Votre accord est demandé", text), member, cancellationToken);
        }
    }
}
