using Beffroi.Identity.Access;

namespace Beffroi.Identity.SignIn;

/// <summary>What came of an attempt to sign in.</summary>
public abstract record SignInOutcome
{
    private SignInOutcome()
    {
    }

    /// <summary>The person is who they say.</summary>
    public sealed record Admitted(OpenedSession Session) : SignInOutcome;

    /// <summary>The password is right; a code is wanted too.</summary>
    /// <param name="State">To be sent back with the code, within five minutes. Opaque, tied to the person.</param>
    public sealed record CodeWanted(string State) : SignInOutcome;

    /// <summary>Not admitted.</summary>
    /// <param name="Until">When another try may help, where that is known.</param>
    public sealed record Refused(SignInRefusal Reason, DateTimeOffset? Until = null) : SignInOutcome;
}

/// <summary>Why somebody was not admitted. An unknown address and a wrong password are one case on purpose.</summary>
public enum SignInRefusal
{
    /// <summary>No such account, another password, or a shut account.</summary>
    WrongCredentials,

    /// <summary>Too many wrong passwords or codes of this account.</summary>
    LockedOut,

    /// <summary>Too many attempts from this network address.</summary>
    TooManyAttempts,

    /// <summary>The code or the recovery code does not fit.</summary>
    WrongCode,

    /// <summary>The second step came too late.</summary>
    Expired,

    /// <summary>The passkey is not known, or its proof does not hold.</summary>
    WrongPasskey,

    /// <summary>The page waited too long before the passkey was used.</summary>
    PasskeyExpired,
}

/// <summary>A session that has just begun, for the cookie.</summary>
public sealed record OpenedSession(Guid Id, PersonId Person, DateTimeOffset ExpiresAt);

/// <summary>What is known of the browser that asks.</summary>
/// <param name="Origin">Its network address.</param>
/// <param name="Browser">How it names itself.</param>
public sealed record Visitor(string? Origin, string? Browser);
