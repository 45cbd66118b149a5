using Beffroi.Business.Members.Offers;

namespace Beffroi.Business.Members.Admissions;

/// <summary>What a step comes to: a new state, or a refusal that changes nothing.</summary>
/// <param name="Missing">With <see cref="StepRefusal.PiecesMissing"/>, the next piece first.</param>
/// <param name="Eligibility">What the rules said, if they were asked.</param>
internal sealed record StepDecision(
    AdmissionState? To, StepRefusal? Refusal, IReadOnlyList<AdmissionPiece> Missing, EligibilityResult? Eligibility)
{
    internal static StepDecision Go(AdmissionState to, EligibilityResult? eligibility = null) =>
        new(to, null, [], eligibility);

    internal static StepDecision No(StepRefusal refusal, EligibilityResult? eligibility = null) =>
        new(null, refusal, [], eligibility);

    internal static StepDecision Lacks(IReadOnlyList<AdmissionPiece> missing) =>
        new(null, StepRefusal.PiecesMissing, missing, null);
}

/// <summary>An admission with all that its guards look at. Pure: the same case and step give the same
/// decision.</summary>
internal sealed record AdmissionCase
{
    public required AdmissionState State { get; init; }
    public required OfferKind Kind { get; init; }
    public required IReadOnlyList<EligibilityRule> Rules { get; init; }
    public required FiledPieces Pieces { get; init; }

    /// <summary>What is known of the member; the day of signature is put in by the case.</summary>
    public required EligibilityFacts Facts { get; init; }

    public required bool HasDiagnosis { get; init; }
    public required DateOnly Today { get; init; }

    internal StepDecision Decide(AdmissionStep step) => (State, step) switch
    {
        (AdmissionState.Requested, AdmissionStep.CheckEligibility) => CheckEligibility(),
        (AdmissionState.Eligible, AdmissionStep.StartDiagnosis) => StepDecision.Go(AdmissionState.Diagnosis),
        (AdmissionState.Diagnosis or AdmissionState.Proposal, AdmissionStep.Propose propose) => Propose(propose),
        (AdmissionState.Proposal, AdmissionStep.AcceptProposal) => StepDecision.Go(AdmissionState.AwaitingPieces),
        (AdmissionState.AwaitingPieces, AdmissionStep.DeclareComplete) => DeclareComplete(),
        (AdmissionState.Complete, AdmissionStep.MakeEffective effective) => MakeEffective(effective.On),
        (AdmissionState.Refused or AdmissionState.Closed, _) => StepDecision.No(StepRefusal.WrongState),
        (_, AdmissionStep.Close close) => Close(close.Motive),
        _ => StepDecision.No(StepRefusal.WrongState),
    };

    /// <summary>Pieces that the admission still waits for, the next one first.</summary>
    internal IReadOnlyList<AdmissionPiece> MissingPieces() => State switch
    {
        AdmissionState.Refused or AdmissionState.Effective or AdmissionState.Closed => [],
        AdmissionState.Complete => Pieces.Missing(FiledPieces.ForEffective(Kind)),
        _ => Pieces.Missing(FiledPieces.ForComplete(Kind)),
    };

    private StepDecision CheckEligibility()
    {
        var result = AskRules();
        return result.Verdict switch
        {
            RuleVerdict.Met => StepDecision.Go(AdmissionState.Eligible, result),
            RuleVerdict.NotMet => StepDecision.Go(AdmissionState.Refused, result),
            _ => StepDecision.No(StepRefusal.FactsMissing, result),
        };
    }

    /// <summary>What the rules say, by the day of the signatures or, before them, today.</summary>
    internal EligibilityResult AskRules() =>
        EligibilityRule.Ask(Rules, Facts with { SignedOn = Pieces.SignedOn(Kind) ?? Today });

    private StepDecision Propose(AdmissionStep.Propose step)
    {
        if (!HasDiagnosis) return StepDecision.No(StepRefusal.DiagnosisMissing);
        return step.Level is >= 1 and <= 3
            ? StepDecision.Go(AdmissionState.Proposal)
            : StepDecision.No(StepRefusal.LevelInvalid);
    }

    private StepDecision DeclareComplete()
    {
        var missing = Pieces.Missing(FiledPieces.ForComplete(Kind));
        return missing.Count > 0 ? StepDecision.Lacks(missing) : StepDecision.Go(AdmissionState.Complete);
    }

    /// <summary>The last guard looks at everything again: a piece may have been withdrawn since, and only now is the
    /// day of the signature known.</summary>
    private StepDecision MakeEffective(DateOnly on)
    {
        var missing = Pieces.Missing(FiledPieces.ForEffective(Kind));
        if (missing.Count > 0) return StepDecision.Lacks(missing);

        var result = AskRules();
        if (result.Verdict == RuleVerdict.NotMet) return StepDecision.No(StepRefusal.NoLongerEligible, result);
        if (result.Verdict == RuleVerdict.Unknown) return StepDecision.No(StepRefusal.FactsMissing, result);
        if (on > Today) return StepDecision.No(StepRefusal.DateInFuture);
        return on < Pieces.EarliestEffective(Kind)
            ? StepDecision.No(StepRefusal.DateTooEarly)
            : StepDecision.Go(AdmissionState.Effective, result);
    }

    private StepDecision Close(ClosingMotive motive) =>
        motive == ClosingMotive.Ended == (State == AdmissionState.Effective)
            ? StepDecision.Go(AdmissionState.Closed)
            : StepDecision.No(StepRefusal.MotiveInvalid);
}
