using Beffroi.Business.Members.Register;

namespace Beffroi.Business.Members.Offers;

/// <summary>What rules may ask about a member. The word of each in a rule is its name in snake case.</summary>
public enum EligibilityFact
{
    /// <summary>Inhabitants.</summary>
    Population,

    /// <summary>One of <see cref="MemberKind"/>.</summary>
    Kind,

    /// <summary>One of <see cref="MemberClass"/>.</summary>
    Class,

    /// <summary>The links of its sites, each a <see cref="SiteLink"/>.</summary>
    Links,

    /// <summary>SIREN of its EPCI.</summary>
    EpciSiren,

    /// <summary>Whether its EPCI is in the register with the class <c>member</c>.</summary>
    EpciIsMember,

    /// <summary>Code of its département, such as <c>80</c> or <c>2A</c>.</summary>
    Departement,

    /// <summary>When it signed; before that, today, the earliest day on which it could.</summary>
    SignedOn,
}
