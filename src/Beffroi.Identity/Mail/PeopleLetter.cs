using Beffroi.Identity.Access;

namespace Beffroi.Identity.Mail;

/// <summary>What is said to people about accounts. The portal makes the sentences.</summary>
public abstract record PeopleLetter
{
    private PeopleLetter()
    {
    }

    /// <summary>To who was invited and has no password yet.</summary>
    /// <param name="Token">For the page of invitations; a secret.</param>
    public sealed record Invitation(
        string Name, string InvitedBy, Role Role, string? Member, string Token, DateTimeOffset Until) : PeopleLetter;

    /// <summary>To who has an account already, and a further role now.</summary>
    public sealed record RoleGiven(string Name, string GivenBy, Role Role, string? Member) : PeopleLetter;

    /// <summary>To a member's référents: the operator gave somebody a role that opens the member's files.</summary>
    public sealed record RoleGivenByOperator(string Name, string Person, string GivenBy, Role Role, string Member)
        : PeopleLetter;

    /// <summary>To who forgot their password.</summary>
    /// <param name="Token">For the page where a new one is chosen; a secret.</param>
    public sealed record PasswordReset(string Name, string Token, DateTimeOffset Until) : PeopleLetter;

    /// <summary>To who has an account whose password or device fell into other hands.</summary>
    /// <param name="Token">For the page where a new password is chosen; a secret.</param>
    public sealed record AccountLocked(string Name, string Token, DateTimeOffset Until) : PeopleLetter;

    /// <summary>To who manages people for a member: an account there was locked.</summary>
    public sealed record CompromiseReported(string Name, string Person, string ReportedBy) : PeopleLetter;

    /// <summary>To the owner of an account, after a change that somebody else may have made.</summary>
    /// <param name="Origin">Network address that the change came from.</param>
    public sealed record AccountChanged(string Name, AccountChange Change, DateTimeOffset At, string? Origin)
        : PeopleLetter;
}

/// <summary>A change that the owner of an account is told by mail.</summary>
public enum AccountChange
{
    PasswordChanged,
    SecondFactorOn,
    SecondFactorOff,
    RecoveryCodesRenewed,
    PasskeyAdded,
    PasskeyRemoved,
}

/// <summary>Puts letters into words.</summary>
public interface IPeopleLetters
{
    /// <summary>The mail to <paramref name="to"/>.</summary>
    OutgoingMail Write(PeopleLetter letter, string to);
}
