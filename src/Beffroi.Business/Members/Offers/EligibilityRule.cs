namespace Beffroi.Business.Members.Offers;

/// <summary>What a rule of an offer is about; the portal makes the sentence from it and the facts.</summary>
public enum EligibilityReason
{
    Population,
    Kind,
    Membership,
    Territory,
    Link,
    SignatureWindow,
    Other,
}

/// <summary>How a rule compares a fact. The word of each in a rule is its name in snake case.</summary>
public enum RuleOperator
{
    Below,
    AtMost,
    Is,
    AtLeast,
    Above,
    AnyOf,
    NoneOf,

    /// <summary>On that day or later.</summary>
    From,

    /// <summary>On that day or before.</summary>
    Until,
}

/// <summary>What a rule, or a part of it, says about a member.</summary>
public enum RuleVerdict
{
    NotMet,

    /// <summary>A fact is missing, and the verdict hangs on it.</summary>
    Unknown,
    Met,
}

/// <summary>One comparison with what it found.</summary>
/// <param name="Value">What is known, in invariant form (<c>1999</c>, <c>adsl</c>, <c>2023-10-31</c>); none if
/// nothing is.</param>
/// <param name="Expected">What the rule compares it with, in the same form.</param>
public sealed record FactFinding(
    EligibilityFact Fact, string? Value, RuleOperator Operator, string Expected, RuleVerdict Verdict);

/// <summary>What one rule says about a member, and by which facts.</summary>
public sealed record RuleAnswer(
    EligibilityReason Reason, RuleVerdict Verdict, IReadOnlyList<FactFinding> Findings);

/// <summary>What all rules of an offer say about a member.</summary>
/// <param name="Verdict">Met if every rule is, not met if one is not.</param>
public sealed record EligibilityResult(RuleVerdict Verdict, IReadOnlyList<RuleAnswer> Answers);

/// <summary>A rule of an offer: data that the operator writes, never code.</summary>
internal sealed record EligibilityRule(EligibilityReason Reason, RuleCondition Condition)
{
    /// <summary>Asks every rule; an offer without rules is open to all.</summary>
    internal static EligibilityResult Ask(IReadOnlyList<EligibilityRule> rules, EligibilityFacts facts)
    {
        List<RuleAnswer> answers = [.. rules.Select(rule => rule.Ask(facts))];
        return new EligibilityResult(
            answers.Count == 0 ? RuleVerdict.Met : answers.Min(answer => answer.Verdict), answers);
    }

    private RuleAnswer Ask(EligibilityFacts facts)
    {
        List<FactFinding> findings = [];
        return new RuleAnswer(Reason, Condition.Ask(facts, findings), findings);
    }
}

/// <summary>An expression over facts, in Kleene's three values: what does not hang on a missing fact is
/// decided.</summary>
internal abstract record RuleCondition
{
    internal sealed record All(IReadOnlyList<RuleCondition> Parts) : RuleCondition
    {
        internal override RuleVerdict Ask(EligibilityFacts facts, List<FactFinding> findings) =>
            Parts.Select(part => part.Ask(facts, findings)).ToList().Min();
    }

    internal sealed record Any(IReadOnlyList<RuleCondition> Parts) : RuleCondition
    {
        internal override RuleVerdict Ask(EligibilityFacts facts, List<FactFinding> findings) =>
            Parts.Select(part => part.Ask(facts, findings)).ToList().Max();
    }

    internal sealed record Not(RuleCondition Part) : RuleCondition
    {
        internal override RuleVerdict Ask(EligibilityFacts facts, List<FactFinding> findings) =>
            Part.Ask(facts, findings) switch
            {
                RuleVerdict.Met => RuleVerdict.NotMet,
                RuleVerdict.NotMet => RuleVerdict.Met,
                var unknown => unknown,
            };
    }

    internal sealed record Compare(EligibilityFact Fact, RuleOperator Operator, FactValue Expected) : RuleCondition
    {
        internal override RuleVerdict Ask(EligibilityFacts facts, List<FactFinding> findings)
        {
            var value = facts.Get(Fact);
            var verdict = value is null ? RuleVerdict.Unknown : Holds(value) ? RuleVerdict.Met : RuleVerdict.NotMet;
            findings.Add(new FactFinding(Fact, value?.ToText(), Operator, Expected.ToText(), verdict));
            return verdict;
        }

        private bool Holds(FactValue value) => (value, Expected) switch
        {
            (FactValue.Number found, FactValue.Number limit) => Compares(found.Count.CompareTo(limit.Count)),
            (FactValue.Day found, FactValue.Day limit) => Compares(found.Date.CompareTo(limit.Date)),
            (FactValue.Flag found, FactValue.Flag wanted) => found.IsSet == wanted.IsSet,
            (FactValue.Words found, FactValue.Words listed) =>
                found.Texts.Intersect(listed.Texts, StringComparer.Ordinal).Any() == (Operator != RuleOperator.NoneOf),
            _ => throw new InvalidOperationException($"A rule compares {Fact} so; the parser let it by."),
        };

        private bool Compares(int order) => Operator switch
        {
            RuleOperator.Below => order < 0,
            RuleOperator.AtMost or RuleOperator.Until => order <= 0,
            RuleOperator.Is => order == 0,
            RuleOperator.AtLeast or RuleOperator.From => order >= 0,
            RuleOperator.Above => order > 0,
            _ => throw new InvalidOperationException($"{Operator} orders nothing; the parser let it by."),
        };
    }

    internal abstract RuleVerdict Ask(EligibilityFacts facts, List<FactFinding> findings);
}
