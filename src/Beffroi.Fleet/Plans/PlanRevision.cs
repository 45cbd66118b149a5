namespace Beffroi.Fleet.Plans;

/// <summary>One revision of a device's plan. Revisions are added, never changed.</summary>
/// <param name="Author">Who made it, for people to read.</param>
/// <param name="Signature">Who of the member stands for its scope; null while nobody does.</param>
public sealed record PlanRevision(
    long Revision, PlanContent Content, string Author, DateTimeOffset CreatedAt, PlanSignature? Signature);

/// <summary>A member's person stands for a scope.</summary>
public sealed record PlanSignature(string Name, DateTimeOffset At);

/// <summary>A device's plan, and whether the device has it.</summary>
/// <param name="KnownRevision">The revision that the device last said it has; 0 for none.</param>
/// <param name="KnownAt">When it said so.</param>
public sealed record DevicePlan(PlanRevision Newest, long KnownRevision, DateTimeOffset? KnownAt);

/// <summary>What came of a revision.</summary>
public abstract record PlanOutcome
{
    /// <summary>It is the newest now; the device gets it at its next check-in.</summary>
    public sealed record Saved(PlanRevision Revision) : PlanOutcome;

    /// <summary>It cannot be pushed.</summary>
    public sealed record Invalid(IReadOnlyList<PlanFault> Faults) : PlanOutcome;

    /// <summary>Somebody else changed the plan meanwhile.</summary>
    public sealed record Outdated(PlanRevision Newest) : PlanOutcome;
}

/// <summary>What came of a signature.</summary>
public enum SignOffOutcome
{
    SignedNow,

    /// <summary>Somebody had signed it before; that signature stays.</summary>
    SignedBefore,

    /// <summary>Only the member's own people can stand for its scope.</summary>
    NotOfTheMember,
}
