namespace Beffroi.Identity.Oidc.Authorize;

/// <summary>What becomes of somebody whom a service sends to sign in.</summary>
public abstract record AuthorizeOutcome
{
    private AuthorizeOutcome()
    {
    }

    /// <summary>Back to the service, with a code or an error.</summary>
    /// <param name="Address">Registered beforehand, with the answer added.</param>
    public sealed record GoBack(string Address) : AuthorizeOutcome;

    /// <summary>Sign in first, also where somebody is signed in.</summary>
    /// <param name="Continue">Path and query to come back to.</param>
    /// <param name="Name">What the service thinks the person signs in with.</param>
    /// <param name="Language">The first that the service asks for and the portal speaks, if any.</param>
    public sealed record SignIn(string Continue, string? Name, string? Language) : AuthorizeOutcome;

    /// <summary>Neither: a page says why. Nothing is sent to an address that is not registered.</summary>
    /// <param name="PartyName">The service, if it is known.</param>
    /// <param name="BackTo">Its registered address with the error, for who wants to go back.</param>
    public sealed record Refused(AuthorizeRefusal Reason, string? PartyName = null, string? BackTo = null)
        : AuthorizeOutcome;
}

/// <summary>Why a page is shown instead of going back to the service.</summary>
public enum AuthorizeRefusal
{
    /// <summary>No service has that id, or it is switched off.</summary>
    UnknownParty,

    /// <summary>The address to go back to is not registered.</summary>
    WrongAddress,

    /// <summary>None of the person's members has the service.</summary>
    NotForYou,
}
