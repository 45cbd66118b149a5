namespace Beffroi.Business.Members.Admissions;

/// <summary>Where a member's way to an offer has got. Demande → éligibilité (refusée | acceptée) → diagnostic →
/// proposition → pièces en attente → complet → effectif → clos.</summary>
public enum AdmissionState
{
    Requested,

    /// <summary>A rule of the offer is not met. The way ends here; a new request may be made later.</summary>
    Refused,
    Eligible,
    Diagnosis,
    Proposal,
    AwaitingPieces,
    Complete,
    Effective,
    Closed,
}
