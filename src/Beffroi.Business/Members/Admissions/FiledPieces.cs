using Beffroi.Business.Members.Documents;
using Beffroi.Business.Members.Offers;
using Beffroi.Business.Members.Register;

namespace Beffroi.Business.Members.Admissions;

/// <summary>What an admission needs before it is complete or effective.</summary>
public enum AdmissionPiece
{
    Deliberation,

    /// <summary>The deliberation's @CTES id and the date of its acknowledgement (ME06).</summary>
    DeliberationTransmitted,
    SignedCharter,
    SignedOrderLetter,
    SignedConvention,

    /// <summary>Annex number 2 of the convention (ME30).</summary>
    SignedAnnex2,
    FunctionalAdministrator,
    Referent,
}

/// <summary>A document as the guards see it.</summary>
internal sealed record FiledDocument(
    DocumentKind Kind, int? Number, DateOnly? SignedOn, string? CtesId, DateOnly? AcknowledgedOn);

/// <summary>What an admission has, on a day.</summary>
/// <param name="Documents">Those filed for it.</param>
/// <param name="Roles">Roles that somebody at the member holds on that day.</param>
internal sealed record FiledPieces(IReadOnlyCollection<FiledDocument> Documents, IReadOnlySet<ContactRole> Roles)
{
    /// <summary>Pieces without which the admission is not complete, in the order in which they are asked for.</summary>
    internal static IReadOnlyList<AdmissionPiece> ForComplete(OfferKind kind) => kind switch
    {
        OfferKind.Backup =>
        [
            AdmissionPiece.Referent, AdmissionPiece.Deliberation, AdmissionPiece.SignedCharter,
            AdmissionPiece.FunctionalAdministrator,
        ],
        OfferKind.Pack =>
            [AdmissionPiece.Referent, AdmissionPiece.SignedCharter, AdmissionPiece.SignedOrderLetter],
        OfferKind.Bouquet =>
            [AdmissionPiece.Referent, AdmissionPiece.SignedConvention, AdmissionPiece.SignedAnnex2],
        OfferKind.Other => [AdmissionPiece.Referent, AdmissionPiece.SignedConvention],
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>Pieces without which it is not effective: all those, and what may come after them.</summary>
    internal static IReadOnlyList<AdmissionPiece> ForEffective(OfferKind kind) => kind == OfferKind.Backup
        ? [.. ForComplete(kind), AdmissionPiece.DeliberationTransmitted]
        : ForComplete(kind);

    /// <summary>Those of <paramref name="pieces"/> that are not in, the next one first.</summary>
    internal IReadOnlyList<AdmissionPiece> Missing(IReadOnlyList<AdmissionPiece> pieces) =>
        [.. pieces.Where(piece => !Has(piece))];

    /// <summary>When the last signature was made among the pieces of the kind.</summary>
    internal DateOnly? SignedOn(OfferKind kind) => Latest(kind, document => document.SignedOn);

    /// <summary>The day from which the offer may be effective: of the last signature or acknowledgement
    /// (ME06).</summary>
    internal DateOnly? EarliestEffective(OfferKind kind) =>
        Latest(kind, document => Later(document.SignedOn, document.AcknowledgedOn));

    /// <summary>Of each piece the earliest that does: a second copy signed later does not put the day off.</summary>
    private DateOnly? Latest(OfferKind kind, Func<FiledDocument, DateOnly?> dayOf) => ForEffective(kind)
        .Select(piece => Documents.Where(document => IsPiece(document, piece)).Min(dayOf)).Max();

    private bool Has(AdmissionPiece piece) => piece switch
    {
        AdmissionPiece.FunctionalAdministrator => Roles.Contains(ContactRole.FunctionalAdministrator),
        AdmissionPiece.Referent => Roles.Contains(ContactRole.Referent),
        _ => Documents.Any(document => IsPiece(document, piece)),
    };

    private static bool IsPiece(FiledDocument document, AdmissionPiece piece) => piece switch
    {
        AdmissionPiece.Deliberation => document.Kind == DocumentKind.Deliberation,
        AdmissionPiece.DeliberationTransmitted => document is
        {
            Kind: DocumentKind.Deliberation, CtesId: not null, AcknowledgedOn: not null,
        },
        AdmissionPiece.SignedCharter => document is { Kind: DocumentKind.Charter, SignedOn: not null },
        AdmissionPiece.SignedOrderLetter => document is { Kind: DocumentKind.OrderLetter, SignedOn: not null },
        AdmissionPiece.SignedConvention => document is { Kind: DocumentKind.Convention, SignedOn: not null },
        AdmissionPiece.SignedAnnex2 => document is { Kind: DocumentKind.Annex, Number: 2, SignedOn: not null },
        _ => false,
    };

    private static DateOnly? Later(DateOnly? one, DateOnly? other) =>
        one is null || other > one ? other ?? one : one;
}
