using Beffroi.Business.Members.Register;

namespace Beffroi.Business.Members.Offers;

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
