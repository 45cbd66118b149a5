using System.Text;
using Beffroi.Business.Members.Offers;
using Beffroi.Business.Members.Register;
using Beffroi.Testing;

namespace Beffroi.Business.Tests.Members;

public sealed class EligibilityTests
{
    private static readonly EligibilityFacts Village = new()
    {
        Population = 1999,
        Kind = MemberKind.Commune,
        Class = MemberClass.NonMember,
        Links = [SiteLink.Ftth],
        EpciIsMember = true,
        Departement = "80",
        SignedOn = new DateOnly(2023, 10, 31),
    };

    [Theory]
    [InlineData(1999, RuleVerdict.Met)] // 5.5
    [InlineData(2000, RuleVerdict.NotMet)] // 5.5
    [InlineData(null, RuleVerdict.Unknown)]
    public void The_pack_is_for_fewer_than_2000_inhabitants(int? population, RuleVerdict verdict)
    {
        Assert.Equal(verdict, Ask(OfferPresets.Pack.Rules, Village with { Population = population }).Verdict);
    }

    [Theory]
    [InlineData(31, 10, RuleVerdict.Met)] // 5.5
    [InlineData(1, 11, RuleVerdict.NotMet)] // 5.5
    public void The_pack_could_be_signed_until_31_October_2023(int day, int month, RuleVerdict verdict)
    {
        var facts = Village with { SignedOn = new DateOnly(2023, month, day) };
        Assert.Equal(verdict, Ask(OfferPresets.Pack.Rules, facts).Verdict);
    }

    [Fact]
    public void A_refusal_says_which_rule_and_by_which_fact()
    {
        var result = Ask(OfferPresets.Pack.Rules, Village with { Population = 2000 });

        var answer = Assert.Single(result.Answers, answer => answer.Verdict == RuleVerdict.NotMet);
        Assert.Equal(EligibilityReason.Population, answer.Reason);
        Assert.Equal(
            new FactFinding(EligibilityFact.Population, "2000", RuleOperator.Below, "2000", RuleVerdict.NotMet),
            Assert.Single(answer.Findings));
    }

    [Theory]
    [InlineData(new[] { SiteLink.FibreOpsn }, RuleVerdict.Met)]
    [InlineData(new[] { SiteLink.Gfu, SiteLink.Ftth }, RuleVerdict.Met)]
    [InlineData(new[] { SiteLink.Ftth, SiteLink.Adsl }, RuleVerdict.NotMet)] // ME04: no site by ADSL.
    [InlineData(new SiteLink[0], RuleVerdict.Unknown)]
    public void The_backup_offer_excludes_ADSL(SiteLink[] links, RuleVerdict verdict)
    {
        Assert.Equal(verdict, Ask(OfferPresets.Backup.Rules, Village with { Links = links }).Verdict);
    }

    [Theory]
    [InlineData(MemberClass.Member, null, RuleVerdict.Met)] // ME01; the missing fact does not matter.
    [InlineData(MemberClass.NonMember, true, RuleVerdict.Met)] // ME02
    [InlineData(MemberClass.NonMember, false, RuleVerdict.NotMet)]
    [InlineData(MemberClass.NonMember, null, RuleVerdict.Unknown)]
    public void The_backup_offer_is_for_members_and_bodies_of_a_member_EPCI(
        MemberClass memberClass, bool? epciIsMember, RuleVerdict verdict)
    {
        var facts = Village with { Class = memberClass, EpciIsMember = epciIsMember };
        Assert.Equal(verdict, Ask(OfferPresets.Backup.Rules, facts).Verdict);
    }

    [Fact]
    public void An_offer_without_rules_is_open_to_all()
    {
        Assert.Equal(RuleVerdict.Met, Ask("[]", new EligibilityFacts()).Verdict);
    }

    [Theory]
    [InlineData("""{"not":{"fact":"kind","any_of":["epci"]}}""", RuleVerdict.Met)]
    [InlineData("""{"not":{"fact":"kind","any_of":["commune"]}}""", RuleVerdict.NotMet)]
    [InlineData("""{"not":{"fact":"epci_siren","any_of":["200061257"]}}""", RuleVerdict.Unknown)]
    [InlineData("""{"fact":"departement","any_of":["02","80"]}""", RuleVerdict.Met)]
    [InlineData("""{"fact":"signed_on","from":"2023-11-01"}""", RuleVerdict.NotMet)]
    [InlineData("""{"fact":"population","at_least":1999}""", RuleVerdict.Met)]
    [InlineData("""{"fact":"population","above":1999}""", RuleVerdict.NotMet)]
    [InlineData("""{"fact":"population","is":1999}""", RuleVerdict.Met)]
    [InlineData("""{"all":[{"fact":"population","above":1},{"fact":"epci_siren","any_of":["200061257"]}]}""",
        RuleVerdict.Unknown)]
    [InlineData("""{"all":[{"fact":"population","above":5000},{"fact":"epci_siren","any_of":["200061257"]}]}""",
        RuleVerdict.NotMet)] // One part decides, whatever the missing fact is.
    public void Conditions_combine(string condition, RuleVerdict verdict)
    {
        Assert.Equal(verdict, Ask($$"""[{"reason":"other","require":{{condition}}}]""", Village).Verdict);
    }

    [Theory]
    [InlineData("", RuleError.NotJson, "1:1")]
    [InlineData("[,]", RuleError.NotJson, "1:2")]
    [InlineData("[] []", RuleError.NotJson, "1:4")]
    [InlineData("[] // none", RuleError.NotJson, "1:4")]
    [InlineData("{}", RuleError.WrongShape, "$")]
    [InlineData("[1]", RuleError.WrongShape, "$[0]")]
    [InlineData("""[{"reason":"population"}]""", RuleError.WrongShape, "$[0].require")]
    [InlineData("""[{"reason":"age","require":{"fact":"population","below":1}}]""",
        RuleError.UnknownReason, "$[0].reason")]
    [InlineData("""[{"reason":"Population","require":{"fact":"population","below":1}}]""",
        RuleError.UnknownReason, "$[0].reason")]
    [InlineData("""[{"reason":"other","require":{"fact":"population","below":1},"note":""}]""",
        RuleError.UnknownProperty, "$[0].note")]
    [InlineData("""[{"reason":"other","require":{"fact":"age","below":1}}]""",
        RuleError.UnknownFact, "$[0].require.fact")]
    [InlineData("""[{"reason":"other","require":{"fact":"population"}}]""",
        RuleError.WrongOperator, "$[0].require")]
    [InlineData("""[{"reason":"other","require":{"fact":"population","below":9,"above":1}}]""",
        RuleError.WrongOperator, "$[0].require")]
    [InlineData("""[{"reason":"other","require":{"fact":"links","below":9}}]""",
        RuleError.WrongOperator, "$[0].require")]
    [InlineData("""[{"reason":"other","require":{"fact":"population","below":"9"}}]""",
        RuleError.WrongValue, "$[0].require.below")]
    [InlineData("""[{"reason":"other","require":{"fact":"population","below":1.5}}]""",
        RuleError.WrongValue, "$[0].require.below")]
    [InlineData("""[{"reason":"other","require":{"fact":"links","none_of":["adls"]}}]""",
        RuleError.WrongValue, "$[0].require.none_of")]
    [InlineData("""[{"reason":"other","require":{"fact":"links","none_of":[]}}]""",
        RuleError.WrongValue, "$[0].require.none_of")]
    [InlineData("""[{"reason":"other","require":{"fact":"epci_siren","any_of":["200061258"]}}]""",
        RuleError.WrongValue, "$[0].require.any_of")]
    [InlineData("""[{"reason":"other","require":{"fact":"signed_on","until":"31/10/2023"}}]""",
        RuleError.WrongValue, "$[0].require.until")]
    [InlineData("""[{"reason":"other","require":{"all":[]}}]""", RuleError.WrongShape, "$[0].require.all")]
    [InlineData("""[{"reason":"other","require":{"none":[]}}]""", RuleError.UnknownProperty, "$[0].require.none")]
    [InlineData("""[{"reason":"other","require":{"any":[{"all":[{"fact":"x","is":1}]}]}}]""",
        RuleError.UnknownFact, "$[0].require.any[0].all[0].fact")]
    public void A_mistake_is_named_with_its_place(string text, RuleError error, string path)
    {
        var (rules, mistakes) = RuleParser.Parse(text);

        Assert.Empty(rules);
        var mistake = Assert.Single(mistakes);
        Assert.Equal((error, path), (mistake.Error, mistake.Path));
    }

    [Fact]
    public void A_property_given_twice_is_a_mistake()
    {
        const string Text = """[{"reason":"other","require":{"fact":"population","below":9,"below":1}}]""";
        Assert.Equal(RuleError.NotJson, Assert.Single(RuleParser.Parse(Text).Mistakes).Error);
    }

    [Fact]
    public void All_mistakes_are_named_at_once()
    {
        const string Text = """
            [{"reason":"x","require":{"fact":"y","is":1}},{"reason":"other","require":{"fact":"population","is":"z"}}]
            """;
        Assert.Equal(3, RuleParser.Parse(Text).Mistakes.Count);
    }

    [Fact]
    public void Size_count_and_depth_are_bounded()
    {
        const string Rule = """{"reason":"other","require":{"fact":"population","is":1}}""";
        var deep = new StringBuilder("""{"fact":"population","is":1}""");
        for (var level = 0; level < 40; level++) deep.Insert(0, "{\"not\":").Append('}');

        Assert.NotEmpty(RuleParser.Parse("[" + new string(' ', RuleParser.BytesMax) + "]").Mistakes);
        Assert.NotEmpty(RuleParser.Parse($"[{string.Join(',', Enumerable.Repeat(Rule, 33))}]").Mistakes);
        Assert.NotEmpty(RuleParser.Parse($$"""[{"reason":"other","require":{{deep}}}]""").Mistakes);
    }

    [Fact]
    public void No_damaged_text_throws()
    {
        var random = Seed.ForThisTest();
        var sound = OfferPresets.Pack.Rules;
        for (var round = 0; round < 2000; round++)
        {
            var text = new StringBuilder(sound);
            for (var change = random.Next(1, 4); change > 0; change--)
                text[random.Next(text.Length)] = (char)random.Next(32, 127);
            var (rules, mistakes) = RuleParser.Parse(text.ToString());
            Assert.True(rules.Count == 0 || mistakes.Count == 0);
        }
    }

    private static EligibilityResult Ask(string rules, EligibilityFacts facts)
    {
        var (parsed, mistakes) = RuleParser.Parse(rules);
        Assert.Empty(mistakes);
        return EligibilityRule.Ask(parsed, facts);
    }
}
