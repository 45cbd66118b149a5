using Beffroi.Business.Members.Offers;
using Beffroi.Portal.Texts;

namespace Beffroi.Portal.Members.Admissions;

/// <summary>An offer as a form sends it.</summary>
public sealed class OfferFields
{
    public string? Name { get; set; }
    public string? Rules { get; set; }
    public bool IsOpen { get; set; }

    internal static OfferFields Of(OfferView offer) => new()
    {
        Name = offer.Data.Name,
        Rules = offer.Data.Rules,
        IsOpen = offer.IsOpen,
    };

    internal static string WordOf(OfferKind kind) => kind switch
    {
        OfferKind.Backup => "Sauvegarde",
        OfferKind.Pack => "Pack",
        OfferKind.Bouquet => "Bouquet",
        _ => "Autre",
    };

    /// <summary>What is wrong with a rule, with its place.</summary>
    internal static string Of(Text text, RuleMistake mistake) => mistake.Error switch
    {
        RuleError.TooBig => text["{0} : c'est trop long ou trop imbriqué.", mistake.Path],
        RuleError.NotJson => text["{0} : ce n'est pas du JSON.", mistake.Path],
        RuleError.UnknownReason => text["{0} : la raison « {1} » n'existe pas.", mistake.Path, mistake.Found],
        RuleError.UnknownFact => text["{0} : le fait « {1} » n'existe pas.", mistake.Path, mistake.Found],
        RuleError.UnknownProperty => text["{0} : le mot « {1} » n'existe pas.", mistake.Path, mistake.Found],
        _ => text["{0} : « {1} » ne va pas ici.", mistake.Path, mistake.Found],
    };
}
