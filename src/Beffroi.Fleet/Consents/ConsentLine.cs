using Beffroi.Identity;

namespace Beffroi.Fleet.Consents;

/// <summary>Names a consent.</summary>
public readonly record struct ConsentId(Guid Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString("D");
}

/// <summary>Where a consent stands.</summary>
public enum ConsentState
{
    /// <summary>The référent has not answered yet.</summary>
    Asked,

    /// <summary>It holds.</summary>
    Granted,

    /// <summary>The référent said no.</summary>
    Refused,

    /// <summary>The référent took it back.</summary>
    Revoked,

    /// <summary>Its time is over, or nobody answered.</summary>
    Expired,
}

/// <summary>A consent as both sides see it.</summary>
/// <param name="AskedBy">Name of who may read.</param>
/// <param name="IsCallers">Whether it is the caller who asked.</param>
/// <param name="Hours">How long it holds once granted.</param>
/// <param name="AnsweredBy">Name of who answered.</param>
/// <param name="ExpiresAt">When it ends, or the question lapses.</param>
public sealed record ConsentLine(
    ConsentId Id, MemberId Member, ConsentState State, string AskedBy, bool IsCallers, DateTimeOffset AskedAt,
    string Reason, int Hours, string? AnsweredBy, DateTimeOffset? AnsweredAt, DateTimeOffset ExpiresAt);

/// <summary>What became of asking for a consent.</summary>
public enum AskOutcome
{
    /// <summary>The référent is asked.</summary>
    Asked,

    /// <summary>The caller asked before, and that question or consent still stands; it is returned.</summary>
    StandsAlready,

    /// <summary>The caller does not see such a member.</summary>
    NotFound,

    /// <summary>The caller belongs to the member, and needs none.</summary>
    NotNeeded,

    /// <summary>No reason is given, or one longer than 500 characters.</summary>
    ReasonInvalid,

    /// <summary>Not between 1 and 72 hours.</summary>
    HoursInvalid,
}

/// <summary>What became of asking.</summary>
/// <param name="Consent">The question that stands now.</param>
public sealed record AskedConsent(AskOutcome Outcome, ConsentId? Consent = null);

/// <summary>What became of an answer.</summary>
public enum AnswerOutcome
{
    /// <summary>It counts.</summary>
    Done,

    /// <summary>The caller does not see such a consent.</summary>
    NotFound,

    /// <summary>It was answered before, or has lapsed; a revocation comes after the end.</summary>
    TooLate,
}
