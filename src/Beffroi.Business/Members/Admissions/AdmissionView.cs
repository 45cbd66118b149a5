using Beffroi.Business.Members.Offers;
using Beffroi.Identity;

namespace Beffroi.Business.Members.Admissions;

/// <summary>An admission as it stands.</summary>
/// <param name="Level">The level proposed, once one is.</param>
/// <param name="MissingPieces">What it waits for, the next piece first.</param>
/// <param name="Eligibility">What the offer's rules say today.</param>
public sealed record AdmissionView(
    AdmissionId Id, MemberId Member, string MemberName, string OfferCode, string OfferName, OfferKind OfferKind,
    AdmissionState State, int? Level, DateOnly? EffectiveOn, ClosingMotive? Motive, DateTimeOffset OpenedAt,
    DateTimeOffset ChangedAt, IReadOnlyList<AdmissionPiece> MissingPieces, EligibilityResult Eligibility,
    IReadOnlyList<AdmissionMoveView> Moves);

/// <summary>A step that was taken.</summary>
public sealed record AdmissionMoveView(AdmissionState To, DateTimeOffset At, string Actor);

/// <summary>An admission in a list.</summary>
public sealed record AdmissionLine(
    AdmissionId Id, MemberId Member, string MemberName, string OfferCode, AdmissionState State, int? Level,
    DateTimeOffset ChangedAt);

/// <summary>Which admissions are wanted; what is not given does not matter.</summary>
/// <param name="Page">From 1.</param>
public sealed record AdmissionQuery(
    MemberId? Member = null, string? OfferCode = null, AdmissionState? State = null, int Page = 1, int PageRows = 50)
{
    internal const int PageRowsMax = 200;
}

/// <summary>A page of admissions, those that have waited longest first.</summary>
public sealed record AdmissionPage(IReadOnlyList<AdmissionLine> Rows, int Total);

/// <summary>What became of a request for an offer.</summary>
public abstract record OpeningResult
{
    private OpeningResult()
    {
    }

    public sealed record Opened(AdmissionId Id) : OpeningResult;

    /// <summary>The caller sees no such member, or there is no such offer.</summary>
    public sealed record NotFound : OpeningResult;

    /// <summary>The member is on its way to that offer, or has it.</summary>
    public sealed record AlreadyOpen(AdmissionId Id) : OpeningResult;

    /// <summary>The offer takes no new admissions.</summary>
    public sealed record OfferClosed : OpeningResult;

    /// <summary>The member has no contact yet (ME14).</summary>
    public sealed record ContactMissing : OpeningResult;
}

/// <summary>What became of a step.</summary>
public abstract record StepResult
{
    private StepResult()
    {
    }

    /// <param name="Eligibility">What the rules said, if the step asked them.</param>
    public sealed record Taken(AdmissionState State, EligibilityResult? Eligibility) : StepResult;

    public sealed record NotFound : StepResult;

    /// <param name="MissingPieces">The next one first.</param>
    public sealed record NotTaken(
        StepRefusal Reason, IReadOnlyList<AdmissionPiece> MissingPieces, EligibilityResult? Eligibility) : StepResult;
}
