using System.Security.Cryptography;
using Beffroi.Fleet.Devices;
using Beffroi.Identity;
using Beffroi.Vault;

namespace Beffroi.Fleet.Enrolment;

/// <summary>An enrolment token, by something that is no secret. Who holds it may fetch an installer while the token
/// is open, and no more.</summary>
public readonly record struct TokenId(Guid Value)
{
    internal static TokenId New() => new(new Guid(RandomNumberGenerator.GetBytes(16)));

    public override string ToString() => Value.ToString("D");
}

/// <summary>Where a token stands.</summary>
public enum TokenState
{
    /// <summary>It waits for its machine.</summary>
    Open,

    /// <summary>A machine came with it.</summary>
    Used,

    /// <summary>Nobody used it in time.</summary>
    Expired,

    /// <summary>Somebody took it back.</summary>
    Revoked,
}

/// <summary>A token as people see it.</summary>
/// <param name="DeviceName">How the machine is to be called; null: it names itself.</param>
/// <param name="IssuedBy">Who asked for it; empty where nobody knows any more.</param>
/// <param name="Device">The machine that came with it.</param>
public sealed record EnrolmentTokenLine(
    TokenId Id, MemberId Member, DeviceKind Kind, string? DeviceName, string IssuedBy, DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt, TokenState State, DeviceId? Device);

/// <summary>A token with its text.</summary>
/// <param name="Token">What the new machine is given, secret until it was used; null: it is not open any more.</param>
public sealed record EnrolmentTokenView(EnrolmentTokenLine Line, string? Token);

/// <summary>What is said of a new token.</summary>
/// <param name="DeviceName">How the machine is to be called; null: it names itself.</param>
/// <param name="Replaces">The lost machine whose place the new one takes; none for a new machine.</param>
public sealed record NewToken(
    MemberId Member, DeviceKind Kind, string? DeviceName = null, DeviceId? Replaces = null);

/// <summary>Why there is no token.</summary>
public enum TokenFault
{
    /// <summary>The name is empty, too long, or has a line break.</summary>
    NameInvalid,

    /// <summary>The member has as many open tokens as it may have.</summary>
    TooMany,

    /// <summary>The member has no such machine to replace.</summary>
    DeviceUnknown,
}

/// <summary>What came of asking for a token.</summary>
public abstract record TokenOutcome
{
    /// <summary>It waits for its machine.</summary>
    public sealed record Issued(TokenId Id, string Token, DateTimeOffset ExpiresAt) : TokenOutcome;

    /// <summary>There is none.</summary>
    public sealed record Invalid(TokenFault Fault) : TokenOutcome;
}
