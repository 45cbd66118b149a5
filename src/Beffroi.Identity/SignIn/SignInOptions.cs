namespace Beffroi.Identity.SignIn;

/// <summary>How long people stay signed in, and how hard passwords are to guess.</summary>
public sealed record SignInOptions
{
    /// <summary>A session ends after this, whatever is done in it. ProConnect's is 12 hours too.</summary>
    public TimeSpan SessionMax { get; init; } = TimeSpan.FromHours(12);

    /// <summary>A session ends after so long without a request.</summary>
    public TimeSpan IdleMax { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Wrong passwords or codes before an account rests.</summary>
    public int FailuresMax { get; init; } = 5;

    /// <summary>How long it rests.</summary>
    public TimeSpan LockOut { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Rounds of PBKDF2-HMAC-SHA512; OWASP asks for at least 210,000 (Password Storage Cheat Sheet).</summary>
    public int PasswordRounds { get; init; } = 250_000;

    /// <summary>Host name for which passkeys are made, without port; they work nowhere else.</summary>
    public string PasskeyDomain { get; init; } = "localhost";
}
