using Beffroi.Identity;

namespace Beffroi.Portal.Settings;

/// <summary>How the portal presents the operator: what was set while it runs, else what its configuration
/// says.</summary>
internal sealed class Presentation(PortalOptions options, OperatorDesk desk)
{
    /// <summary>Address at which people reach the portal, without a slash at the end.</summary>
    internal string PublicUrl => options.PublicUrl;

    internal string? OperatorName => desk.Current.Name;
    internal string? SupportPhone => desk.Current.SupportPhone ?? options.SupportPhone;
    internal string? SupportMail => desk.Current.SupportMail ?? options.SupportMail;
    internal string? LegalNotice => desk.Current.LegalNotice;

    /// <summary>The end of a mail: whom to ask. In French, as mails are.</summary>
    internal string SupportSentence => (SupportPhone, SupportMail) switch
    {
        ({ } phone, { } mail) => $"Une question ? Appelez l'assistance au {phone}, ou écrivez à {mail}.",
        ({ } phone, null) => $"Une question ? Appelez l'assistance au {phone}.",
        (null, { } mail) => $"Une question ? Écrivez à l'assistance : {mail}.",
        _ => "Une question ? Appelez votre syndicat.",
    };
}
