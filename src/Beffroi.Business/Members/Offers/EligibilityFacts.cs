using System.Globalization;
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

/// <summary>What is known about a member on a day. A missing fact makes rules about it undecided, never met.</summary>
public sealed record EligibilityFacts
{
    public int? Population { get; init; }
    public MemberKind? Kind { get; init; }
    public MemberClass? Class { get; init; }

    /// <summary>None when no site is inventoried: then the links are unknown.</summary>
    public IReadOnlyCollection<SiteLink> Links { get; init; } = [];

    public string? EpciSiren { get; init; }
    public bool? EpciIsMember { get; init; }
    public string? Departement { get; init; }
    public DateOnly SignedOn { get; init; }

    internal FactValue? Get(EligibilityFact fact) => fact switch
    {
        EligibilityFact.Population => Population is { } count ? new FactValue.Number(count) : null,
        EligibilityFact.Kind => Kind is { } kind ? new FactValue.Words([CodeWord.Of(kind)]) : null,
        EligibilityFact.Class => Class is { } memberClass ? new FactValue.Words([CodeWord.Of(memberClass)]) : null,
        EligibilityFact.Links => Links.Count > 0
            ? new FactValue.Words([.. Links.Distinct().Order().Select(CodeWord.Of)])
            : null,
        EligibilityFact.EpciSiren => EpciSiren is null ? null : new FactValue.Words([EpciSiren]),
        EligibilityFact.EpciIsMember => EpciIsMember is { } isMember ? new FactValue.Flag(isMember) : null,
        EligibilityFact.Departement => Departement is null ? null : new FactValue.Words([Departement]),
        EligibilityFact.SignedOn => new FactValue.Day(SignedOn),
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, null),
    };
}

/// <summary>A fact's value, or what a rule compares it with.</summary>
internal abstract record FactValue
{
    internal sealed record Number(long Count) : FactValue
    {
        internal override string ToText() => Count.ToString(CultureInfo.InvariantCulture);
    }

    internal sealed record Words(IReadOnlyList<string> Texts) : FactValue
    {
        internal override string ToText() => string.Join(' ', Texts);
    }

    internal sealed record Flag(bool IsSet) : FactValue
    {
        internal override string ToText() => IsSet ? "true" : "false";
    }

    internal sealed record Day(DateOnly Date) : FactValue
    {
        internal override string ToText() => Date.ToString("O", CultureInfo.InvariantCulture);
    }

    internal abstract string ToText();
}
