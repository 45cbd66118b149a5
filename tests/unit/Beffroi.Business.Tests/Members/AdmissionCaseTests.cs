using Beffroi.Business.Members.Admissions;
using Beffroi.Business.Members.Documents;
using Beffroi.Business.Members.Offers;
using Beffroi.Business.Members.Register;

namespace Beffroi.Business.Tests.Members;

public sealed class AdmissionCaseTests
{
    private static readonly DateOnly Today = new(2023, 10, 20);
    private static readonly DateOnly Voted = new(2023, 10, 2);
    private static readonly DateOnly Acknowledged = new(2023, 10, 5);

    private static readonly FiledDocument Deliberation =
        new(DocumentKind.Deliberation, null, Voted, "082-200061257-20231002-04202306-DE", Acknowledged);

    private static readonly FiledDocument Charter = Signed(DocumentKind.Charter, new DateOnly(2023, 10, 3));

    [Fact]
    public void The_way_to_a_backup_goes_through_every_state()
    {
        var states = new List<AdmissionState>();
        var admission = Backup([Deliberation, Charter]);
        AdmissionStep[] steps =
        [
            new AdmissionStep.CheckEligibility(), new AdmissionStep.StartDiagnosis(), new AdmissionStep.Propose(2),
            new AdmissionStep.AcceptProposal(), new AdmissionStep.DeclareComplete(),
            new AdmissionStep.MakeEffective(Acknowledged), new AdmissionStep.Close(ClosingMotive.Ended),
        ];
        foreach (var step in steps)
        {
            states.Add(Go(admission, step));
            admission = admission with { State = states[^1] };
        }

        Assert.Equal(
            [
                AdmissionState.Eligible, AdmissionState.Diagnosis, AdmissionState.Proposal,
                AdmissionState.AwaitingPieces, AdmissionState.Complete, AdmissionState.Effective,
                AdmissionState.Closed,
            ],
            states);
    }

    [Fact]
    public void No_step_is_taken_from_a_state_that_it_does_not_follow()
    {
        var follows = new Dictionary<Type, AdmissionState[]>
        {
            [typeof(AdmissionStep.CheckEligibility)] = [AdmissionState.Requested],
            [typeof(AdmissionStep.StartDiagnosis)] = [AdmissionState.Eligible],
            [typeof(AdmissionStep.Propose)] = [AdmissionState.Diagnosis, AdmissionState.Proposal],
            [typeof(AdmissionStep.AcceptProposal)] = [AdmissionState.Proposal],
            [typeof(AdmissionStep.DeclareComplete)] = [AdmissionState.AwaitingPieces],
            [typeof(AdmissionStep.MakeEffective)] = [AdmissionState.Complete],
        };
        AdmissionStep[] steps =
        [
            new AdmissionStep.CheckEligibility(), new AdmissionStep.StartDiagnosis(), new AdmissionStep.Propose(1),
            new AdmissionStep.AcceptProposal(), new AdmissionStep.DeclareComplete(),
            new AdmissionStep.MakeEffective(Today),
        ];
        foreach (var state in Enum.GetValues<AdmissionState>())
        {
            foreach (var step in steps)
            {
                var decision = (Backup([Deliberation, Charter]) with { State = state }).Decide(step);
                Assert.Equal(follows[step.GetType()].Contains(state), decision.Refusal != StepRefusal.WrongState);
            }
        }
    }

    [Fact]
    public void A_member_that_the_rules_refuse_is_refused()
    {
        var admission = Backup([]) with
        {
            Facts = new EligibilityFacts
            {
                Class = MemberClass.NonMember,
                EpciIsMember = false,
                Links = [SiteLink.Ftth],
            },
        };

        var decision = admission.Decide(new AdmissionStep.CheckEligibility());

        Assert.Equal(AdmissionState.Refused, decision.To);
        Assert.Equal(
            EligibilityReason.Territory,
            Assert.Single(decision.Eligibility!.Answers, answer => answer.Verdict == RuleVerdict.NotMet).Reason);
    }

    [Fact]
    public void A_missing_fact_decides_nothing()
    {
        var admission = Backup([]) with { Facts = new EligibilityFacts { Class = MemberClass.Member } };

        var decision = admission.Decide(new AdmissionStep.CheckEligibility());

        Assert.Equal(StepRefusal.FactsMissing, decision.Refusal);
        Assert.Null(decision.To);
    }

    [Fact]
    public void Nothing_is_proposed_without_a_diagnosis()
    {
        var admission = Backup([]) with { State = AdmissionState.Diagnosis };

        Assert.Equal(
            StepRefusal.DiagnosisMissing,
            (admission with { HasDiagnosis = false }).Decide(new AdmissionStep.Propose(1)).Refusal);
        Assert.Equal(StepRefusal.LevelInvalid, admission.Decide(new AdmissionStep.Propose(4)).Refusal);
    }

    public static TheoryData<OfferKind, string> Pieces => new()
    {
        { OfferKind.Backup, "Referent Deliberation SignedCharter FunctionalAdministrator" }, // ME07
        { OfferKind.Pack, "Referent SignedCharter SignedOrderLetter" }, // ME20
        { OfferKind.Bouquet, "Referent SignedConvention SignedAnnex2" }, // ME30
        { OfferKind.Other, "Referent SignedConvention" },
    };

    [Theory]
    [MemberData(nameof(Pieces))]
    public void The_missing_pieces_are_listed_and_the_next_one_comes_first(OfferKind kind, string expected)
    {
        var admission = Backup([]) with
        {
            Kind = kind,
            State = AdmissionState.AwaitingPieces,
            Pieces = new FiledPieces([], new HashSet<ContactRole>()),
        };

        Assert.Equal(expected, string.Join(' ', admission.MissingPieces()));
        var decision = admission.Decide(new AdmissionStep.DeclareComplete());
        Assert.Equal(StepRefusal.PiecesMissing, decision.Refusal);
        Assert.Equal(expected, string.Join(' ', decision.Missing));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("082-200061257-20231002-04202306-DE", false)]
    public void A_backup_waits_for_the_deliberation_to_be_transmitted(string? ctesId, bool isAcknowledged)
    {
        var deliberation = Deliberation with
        {
            CtesId = ctesId,
            AcknowledgedOn = isAcknowledged ? Acknowledged : null,
        };
        var admission = Backup([deliberation, Charter]) with { State = AdmissionState.Complete };

        var decision = admission.Decide(new AdmissionStep.MakeEffective(Today));

        Assert.Equal([AdmissionPiece.DeliberationTransmitted], decision.Missing);
        Assert.Equal([AdmissionPiece.DeliberationTransmitted], admission.MissingPieces());
    }

    [Fact]
    public void A_backup_needs_its_administrator_also_on_the_last_step()
    {
        var admission = Backup([Deliberation, Charter]) with { State = AdmissionState.Complete };
        admission = admission with
        {
            Pieces = admission.Pieces with { Roles = new HashSet<ContactRole> { ContactRole.Referent } },
        };

        Assert.Equal(
            [AdmissionPiece.FunctionalAdministrator],
            admission.Decide(new AdmissionStep.MakeEffective(Today)).Missing);
    }

    [Fact]
    public void Nothing_is_effective_before_the_acknowledgement_or_in_the_future()
    {
        var admission = Backup([Deliberation, Charter]) with { State = AdmissionState.Complete };

        Assert.Equal(AdmissionState.Effective, Go(admission, new AdmissionStep.MakeEffective(Acknowledged)));
        Assert.Equal(
            StepRefusal.DateTooEarly,
            admission.Decide(new AdmissionStep.MakeEffective(Acknowledged.AddDays(-1))).Refusal);
        Assert.Equal(
            StepRefusal.DateInFuture, admission.Decide(new AdmissionStep.MakeEffective(Today.AddDays(1))).Refusal);
    }

    [Theory]
    [InlineData("2023-10-31", 1999, null)]
    [InlineData("2023-11-01", 1999, StepRefusal.NoLongerEligible)]
    [InlineData("2023-10-31", 2000, StepRefusal.NoLongerEligible)]
    public void A_pack_is_judged_by_the_day_on_which_it_was_signed(
        string signedOn, int population, StepRefusal? refusal)
    {
        var day = DateOnly.ParseExact(signedOn, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var admission = Pack([Signed(DocumentKind.Charter, Voted), Signed(DocumentKind.OrderLetter, day)], population);

        Assert.Equal(refusal, admission.Decide(new AdmissionStep.MakeEffective(new DateOnly(2023, 11, 2))).Refusal);
    }

    [Fact]
    public void A_bouquet_needs_the_convention_and_annex_2_signed()
    {
        var convention = Signed(DocumentKind.Convention, Voted);
        var annex = new FiledDocument(DocumentKind.Annex, 2, Voted, null, null);
        var admission = Backup([]) with { Kind = OfferKind.Bouquet, Rules = [], State = AdmissionState.Complete };

        AdmissionPiece[] MissingWith(params FiledDocument[] documents) =>
            [.. (admission with { Pieces = admission.Pieces with { Documents = documents } }).MissingPieces()];

        Assert.Empty(MissingWith(convention, annex));
        Assert.Equal([AdmissionPiece.SignedAnnex2], MissingWith(convention, annex with { Number = 1 }));
        Assert.Equal([AdmissionPiece.SignedAnnex2], MissingWith(convention, annex with { SignedOn = null }));
        Assert.Equal([AdmissionPiece.SignedConvention], MissingWith(convention with { SignedOn = null }, annex));
    }

    [Fact]
    public void Only_an_effective_admission_ends_and_any_other_is_withdrawn()
    {
        var open = Backup([]) with { State = AdmissionState.Proposal };
        var effective = open with { State = AdmissionState.Effective };

        Assert.Equal(AdmissionState.Closed, Go(open, new AdmissionStep.Close(ClosingMotive.Withdrawn)));
        Assert.Equal(AdmissionState.Closed, Go(effective, new AdmissionStep.Close(ClosingMotive.Ended)));
        Assert.Equal(
            StepRefusal.MotiveInvalid, open.Decide(new AdmissionStep.Close(ClosingMotive.Ended)).Refusal);
        Assert.Equal(
            StepRefusal.MotiveInvalid, effective.Decide(new AdmissionStep.Close(ClosingMotive.Withdrawn)).Refusal);
    }

    private static AdmissionState Go(AdmissionCase admission, AdmissionStep step)
    {
        var decision = admission.Decide(step);
        Assert.Null(decision.Refusal);
        return decision.To!.Value;
    }

    private static FiledDocument Signed(DocumentKind kind, DateOnly on) => new(kind, null, on, null, null);

    private static AdmissionCase Backup(FiledDocument[] documents) => new()
    {
        State = AdmissionState.Requested,
        Kind = OfferKind.Backup,
        Rules = RuleParser.Parse(OfferPresets.Backup.Rules).Rules,
        Pieces = new FiledPieces(
            documents, new HashSet<ContactRole> { ContactRole.Referent, ContactRole.FunctionalAdministrator }),
        Facts = new EligibilityFacts { Class = MemberClass.Member, Links = [SiteLink.FibreOpsn] },
        HasDiagnosis = true,
        Today = Today,
    };

    private static AdmissionCase Pack(FiledDocument[] documents, int population) => Backup(documents) with
    {
        State = AdmissionState.Complete,
        Kind = OfferKind.Pack,
        Rules = RuleParser.Parse(OfferPresets.Pack.Rules).Rules,
        Facts = new EligibilityFacts { Class = MemberClass.Member, Population = population },
        Today = new DateOnly(2023, 11, 2),
    };
}
