namespace Beffroi.Business.Members.Admissions;

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
