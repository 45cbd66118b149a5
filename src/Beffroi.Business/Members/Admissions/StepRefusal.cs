namespace Beffroi.Business.Members.Admissions;

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
