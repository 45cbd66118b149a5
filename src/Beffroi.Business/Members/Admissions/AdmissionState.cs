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

/// <summary>Why an admission was closed.</summary>
public enum ClosingMotive
{
    /// <summary>The member does not want it any more.</summary>
    Withdrawn,

    /// <summary>It was effective and has ended.</summary>
    Ended,

    /// <summary>It was opened by mistake.</summary>
    Mistake,
}

/// <summary>A step that somebody wants an admission to take.</summary>
public abstract record AdmissionStep
{
    private AdmissionStep()
    {
    }

    /// <summary>Asks the offer's rules: refused, eligible, or as before while a fact is missing.</summary>
    public sealed record CheckEligibility : AdmissionStep;

    public sealed record StartDiagnosis : AdmissionStep;

    /// <summary>Proposes a level; takes a diagnosis made for this admission.</summary>
    /// <param name="Level">1 to 3; another than the advised one is allowed, and both are kept.</param>
    public sealed record Propose(int Level) : AdmissionStep;

    /// <summary>The member says yes to the proposal; from now on pieces are awaited.</summary>
    public sealed record AcceptProposal : AdmissionStep;

    /// <summary>All pieces are in.</summary>
    public sealed record DeclareComplete : AdmissionStep;

    /// <summary>The service is due from that day on.</summary>
    public sealed record MakeEffective(DateOnly On) : AdmissionStep;

    public sealed record Close(ClosingMotive Motive) : AdmissionStep;
}

/// <summary>Why a step was not taken; nothing was changed then.</summary>
public enum StepRefusal
{
    /// <summary>The step does not follow the state that the admission is in.</summary>
    WrongState,

    /// <summary>Facts of the eligibility rules are missing; the answers say which.</summary>
    FactsMissing,

    /// <summary>No diagnosis was made for this admission.</summary>
    DiagnosisMissing,

    /// <summary>No level 1 to 3 was given.</summary>
    LevelInvalid,

    /// <summary>Pieces are missing; the list says which, the next one first.</summary>
    PiecesMissing,

    /// <summary>With the dates of the signatures, or the data of today, a rule of the offer is not met.</summary>
    NoLongerEligible,

    /// <summary>Before the last piece was signed or transmitted.</summary>
    DateTooEarly,
    DateInFuture,

    /// <summary>Only an admission that was effective ends, and only such a one.</summary>
    MotiveInvalid,
}
