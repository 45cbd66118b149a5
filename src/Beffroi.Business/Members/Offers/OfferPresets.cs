namespace Beffroi.Business.Members.Offers;

/// <summary>Offers as the founding charters describe them, for an operator to begin with. Nothing is offered until
/// it saves one of them.</summary>
public static class OfferPresets
{
    /// <summary>Backup and drive (ME01–ME04): members, or bodies of a member EPCI's territory; by fibre.</summary>
    public static OfferDraft Backup { get; } = new("sauvegarde", OfferKind.Backup, "Sauvegarde", """
        [
          { "reason": "territory", "require": { "any": [
            { "fact": "class", "any_of": ["member"] },
            { "fact": "epci_is_member", "is": true } ] } },
          { "reason": "link", "require": { "fact": "links", "none_of": ["adsl"] } }
        ]
        """);

    /// <summary>Pack "Mairie connectée" (ME17–ME19): fewer than 2000 inhabitants, on the territory, signed by
    /// 31 October 2023.</summary>
    public static OfferDraft Pack { get; } = new("mairie-connectee", OfferKind.Pack, "Mairie connectée", """
        [
          { "reason": "population", "require": { "fact": "population", "below": 2000 } },
          { "reason": "territory", "require": { "any": [
            { "fact": "class", "any_of": ["member", "assimilated"] },
            { "fact": "epci_is_member", "is": true } ] } },
          { "reason": "signature_window", "require": { "fact": "signed_on", "until": "2023-10-31" } }
        ]
        """);

    /// <summary>Bouquet of services by convention (ME23, ME30); its annexes decide, not rules.</summary>
    public static OfferDraft Bouquet { get; } = new("bouquet", OfferKind.Bouquet, "Bouquet de services", "[]");
}
