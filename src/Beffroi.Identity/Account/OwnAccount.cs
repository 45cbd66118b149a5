namespace Beffroi.Identity.Account;

/// <summary>A person's own account, for its page.</summary>
public sealed record OwnAccount(string Name, string Email, bool HasSecondFactor, int RecoveryCodesLeft);

/// <summary>A browser that is signed in.</summary>
/// <param name="Origin">Network address that it signed in from.</param>
/// <param name="Browser">How it named itself.</param>
public sealed record SessionSummary(
    Guid Id, DateTimeOffset Since, DateTimeOffset LastSeenAt, string? Origin, string? Browser);
