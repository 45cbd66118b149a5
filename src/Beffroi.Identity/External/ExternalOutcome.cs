using Beffroi.Identity.SignIn;

namespace Beffroi.Identity.External;

/// <summary>A provider that people may choose on the sign-in page.</summary>
public sealed record OfferedProvider(string Id, string Name);

/// <summary>Leaving for a provider: the address, and what the browser keeps until it comes back.</summary>
public sealed record Departure(string Address, string Cookie);

/// <summary>What came of coming back from a provider.</summary>
public abstract record ExternalOutcome
{
    private ExternalOutcome()
    {
    }

    /// <summary>Recognised: the account of that provider's subject.</summary>
    public sealed record Admitted(OpenedSession Session, string ReturnTo) : ExternalOutcome;

    /// <summary>Recognised, but by one proof only, and the account asks for two.</summary>
    /// <param name="State">For the second step of the sign-in page.</param>
    public sealed record CodeWanted(string State, string ReturnTo) : ExternalOutcome;

    /// <summary>The account is there and never came this way: it is linked once the person has signed in as usual. The
    /// provider's mail address alone proves nothing.</summary>
    /// <param name="Link">To be kept by the browser until then.</param>
    public sealed record LinkWanted(string Link, string Email, string ReturnTo) : ExternalOutcome;

    /// <summary>Not admitted.</summary>
    public sealed record Refused(ExternalRefusal Reason) : ExternalOutcome;
}

/// <summary>Why somebody was not admitted by way of a provider.</summary>
public enum ExternalRefusal
{
    /// <summary>Not asked from here, too late, or from another browser.</summary>
    Expired,

    /// <summary>The person said no there, or the provider did.</summary>
    Denied,

    /// <summary>The provider does not answer, or not as it must.</summary>
    ProviderFailed,

    /// <summary>No account, and none is made: the SIRET is none of a member's, or accounts are not made this
    /// way.</summary>
    NoAccount,

    /// <summary>The account is shut.</summary>
    Shut,
}
