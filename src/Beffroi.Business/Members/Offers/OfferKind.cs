namespace Beffroi.Business.Members.Offers;

/// <summary>Which pieces an admission to an offer takes.</summary>
public enum OfferKind
{
    /// <summary>Deliberation transmitted, charter signed, functional administrator named (ME07).</summary>
    Backup,

    /// <summary>Charter and order letter signed (ME20).</summary>
    Pack,

    /// <summary>Convention and annex 2 signed (ME30).</summary>
    Bouquet,

    /// <summary>A signed convention.</summary>
    Other,
}

/// <summary>An offer as the operator writes it.</summary>
/// <param name="Code">2 to 40 lower-case letters, digits and hyphens; never changed afterwards.</param>
/// <param name="Rules">JSON, see docs/operations/members.md.</param>
public sealed record OfferDraft(string Code, OfferKind Kind, string Name, string Rules);
