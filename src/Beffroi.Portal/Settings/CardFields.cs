using Beffroi.Identity;
using Beffroi.Portal.Texts;

namespace Beffroi.Portal.Settings;

/// <summary>How the operator presents itself, as a form sends it.</summary>
public sealed class CardFields
{
    public string? Name { get; set; }
    public string? SupportPhone { get; set; }
    public string? SupportMail { get; set; }
    public string? LegalNotice { get; set; }

    internal static CardFields Of(OperatorCard card) => new()
    {
        Name = card.Name,
        SupportPhone = card.SupportPhone,
        SupportMail = card.SupportMail,
        LegalNotice = card.LegalNotice,
    };

    internal OperatorCard ToCard() => new(Name, SupportPhone, SupportMail, LegalNotice);

    internal static string Of(Text text, CardFault fault) => fault switch
    {
        CardFault.NameMissing => text["Le nom du syndicat est nécessaire."],
        CardFault.NameTooLong => text["Le nom du syndicat est trop long."],
        CardFault.PhoneInvalid => text["Ce numéro de téléphone n'est pas bien écrit."],
        CardFault.MailInvalid => text["Cette adresse de courriel n'est pas bien écrite."],
        _ => text["Les mentions légales sont trop longues : 20 000 caractères au plus."],
    };
}
