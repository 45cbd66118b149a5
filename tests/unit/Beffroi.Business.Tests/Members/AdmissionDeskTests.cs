using System.Text;
using Beffroi.Business.Members;
using Beffroi.Business.Members.Admissions;
using Beffroi.Business.Members.Diagnoses;
using Beffroi.Business.Members.Documents;
using Beffroi.Business.Members.Offers;
using Beffroi.Business.Members.Register;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;

namespace Beffroi.Business.Tests.Members;

public sealed class AdmissionDeskTests(TestCluster cluster)
{
    private static readonly byte[] Pdf = Encoding.ASCII.GetBytes("%PDF-1.7\n%%EOF");
    private static readonly DateOnly Signed = new(2026, 2, 10);
    private static readonly CancellationToken None = CancellationToken.None;

    private static readonly MemberDraft Village = new()
    {
        Name = "Bourg",
        Kind = MemberKind.Commune,
        Class = MemberClass.NonMember,
        Population = 812,
        EpciSiren = Numbers.Siren(9),
    };

    [Fact]
    public async Task A_commune_of_a_member_EPCI_joins_the_backup_offer()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var desk = register.Get<AdmissionDesk>();
        var (member, admission) = await RequestAsync(register);
        await StandsAsync(register, member, MemberStanding.Joining);

        await TakeAsync(desk, admission, new AdmissionStep.CheckEligibility(), AdmissionState.Eligible);
        await TakeAsync(desk, admission, new AdmissionStep.StartDiagnosis(), AdmissionState.Diagnosis);
        await RefusedAsync(desk, admission, new AdmissionStep.Propose(3), StepRefusal.DiagnosisMissing);
        await DiagnoseAsync(register, member, admission);
        await TakeAsync(desk, admission, new AdmissionStep.Propose(3), AdmissionState.Proposal);
        await TakeAsync(desk, admission, new AdmissionStep.AcceptProposal(), AdmissionState.AwaitingPieces);

        Assert.Equal(
            "Deliberation SignedCharter FunctionalAdministrator", await MissingAsync(desk, admission));
        await RefusedAsync(desk, admission, new AdmissionStep.DeclareComplete(), StepRefusal.PiecesMissing);
        var deliberation = await FileAsync(register, member, new DocumentDraft(
            DocumentKind.Deliberation, "Délibération 2026-04", admission, SignedOn: Signed));
        await FileAsync(register, member, new DocumentDraft(
            DocumentKind.Charter, "Charte", admission, Version: "2019", SignedOn: Signed));
        await register.AddContactAsync(member, "Luc Admin", ContactRole.FunctionalAdministrator);
        await TakeAsync(desk, admission, new AdmissionStep.DeclareComplete(), AdmissionState.Complete);

        Assert.Equal("DeliberationTransmitted", await MissingAsync(desk, admission));
        TestRegister.Saved(await register.Get<MemberDocuments>().ChangeAsync(
            TestRegister.Staff, deliberation,
            new DocumentDraft(
                DocumentKind.Deliberation, "Délibération 2026-04", admission, SignedOn: Signed,
                CtesId: "082-200061257-20260210-04202306-DE", AcknowledgedOn: new DateOnly(2026, 2, 12)),
            None));
        await RefusedAsync(
            desk, admission, new AdmissionStep.MakeEffective(new DateOnly(2026, 2, 11)), StepRefusal.DateTooEarly);
        await TakeAsync(
            desk, admission, new AdmissionStep.MakeEffective(new DateOnly(2026, 2, 12)), AdmissionState.Effective);

        await StandsAsync(register, member, MemberStanding.Effective);
        var view = await desk.FindAsync(TestRegister.At(member), admission, None);
        Assert.Equal((3, new DateOnly(2026, 2, 12)), (view!.Level, view.EffectiveOn!.Value));
        Assert.Equal(7, view.Moves.Count);
        Assert.Equal(3, (await register.Get<MemberDirectory>().FindMemberAsync(member, None))!.Level);

        await TakeAsync(desk, admission, new AdmissionStep.Close(ClosingMotive.Ended), AdmissionState.Closed);
        await StandsAsync(register, member, MemberStanding.Left);
        var acts = await register.Get<JournalReader>().ReadAsync(
            TestRegister.Staff, new JournalFilter(member), 50, None);
        Assert.Equal(
            "admission-opened admission-eligible admission-diagnosis admission-proposal admission-awaiting-pieces "
                + "admission-complete admission-effective admission-closed",
            string.Join(' ', acts.Reverse().Select(act => act.Act)
                .Where(act => act.StartsWith("admission", StringComparison.Ordinal))));
        Assert.Null((await register.Get<JournalReader>().CheckAsync(null, None)).Broken);
    }

    [Fact]
    public async Task A_member_with_an_effective_offer_keeps_a_referent_also_when_two_leave_at_once()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var contacts = register.Get<MemberContacts>();
        var member = await EffectiveAsync(register);
        var first = (await register.Get<MemberRegister>().FindAsync(TestRegister.Staff, member, None))!
            .Contacts.Single(contact => contact.Data.Name == "Jeanne").Id;
        var today = new DateOnly(2026, 3, 1);

        Assert.Equal(SaveRefusal.LastReferent, TestRegister.Refused(await contacts.EndRoleAsync(
            TestRegister.Staff, member, first, ContactRole.Referent, today, None)));
        Assert.Equal(SaveRefusal.LastReferent, TestRegister.Refused(await contacts.RemoveAsync(
            TestRegister.Staff, member, first, None)));

        var second = await register.AddContactAsync(member, "Paule", ContactRole.Referent);
        var results = await Task.WhenAll(new[] { first, second }.Select(contact => contacts.EndRoleAsync(
            TestRegister.Staff, member, contact, ContactRole.Referent, today, None)));

        Assert.Single(results.OfType<SaveResult<ContactId>.Saved>());
        Assert.Equal(
            SaveRefusal.LastReferent, Assert.Single(results.OfType<SaveResult<ContactId>.Refused>()).Reason);
    }

    [Fact]
    public async Task A_refusal_ends_the_way_and_a_new_request_may_follow()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var desk = register.Get<AdmissionDesk>();
        var (member, admission) = await RequestAsync(register, SiteLink.Adsl);

        var taken = Assert.IsType<StepResult.Taken>(await desk.TakeStepAsync(
            TestRegister.Staff, admission, new AdmissionStep.CheckEligibility(), None));

        Assert.Equal(AdmissionState.Refused, taken.State);
        var answer = Assert.Single(
            taken.Eligibility!.Answers, each => each.Verdict == RuleVerdict.NotMet);
        Assert.Equal((EligibilityReason.Link, "adsl"), (answer.Reason, Assert.Single(answer.Findings).Value));
        await StandsAsync(register, member, MemberStanding.Known);
        await RefusedAsync(desk, admission, new AdmissionStep.CheckEligibility(), StepRefusal.WrongState);
        Assert.IsType<OpeningResult.Opened>(await desk.OpenAsync(TestRegister.Staff, member, "sauvegarde", None));
    }

    [Fact]
    public async Task An_unknown_link_leaves_the_request_where_it_is()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var desk = register.Get<AdmissionDesk>();
        var (_, admission) = await RequestAsync(register, link: null);

        var refused = await RefusedAsync(
            desk, admission, new AdmissionStep.CheckEligibility(), StepRefusal.FactsMissing);

        Assert.Equal(
            EligibilityReason.Link,
            Assert.Single(refused.Eligibility!.Answers, each => each.Verdict == RuleVerdict.Unknown).Reason);
        Assert.Equal(
            AdmissionState.Requested, (await desk.FindAsync(TestRegister.Staff, admission, None))!.State);
    }

    [Fact]
    public async Task An_offer_has_one_way_at_a_time_and_takes_a_contact()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var desk = register.Get<AdmissionDesk>();
        var (member, admission) = await RequestAsync(register);
        var stranger = await register.AddAsync(Village, 2);

        Assert.Equal(
            admission,
            Assert.IsType<OpeningResult.AlreadyOpen>(
                await desk.OpenAsync(TestRegister.Staff, member, "sauvegarde", None)).Id);
        Assert.IsType<OpeningResult.ContactMissing>(
            await desk.OpenAsync(TestRegister.Staff, stranger, "sauvegarde", None));
        Assert.IsType<OpeningResult.NotFound>(await desk.OpenAsync(TestRegister.Staff, member, "rien", None));
        await register.Get<OfferCatalogue>().SaveAsync(
            TestRegister.Staff, OfferPresets.Pack, isOpen: false, None);
        Assert.IsType<OpeningResult.OfferClosed>(
            await desk.OpenAsync(TestRegister.Staff, member, OfferPresets.Pack.Code, None));
    }

    [Fact]
    public async Task The_same_step_taken_twice_at_once_is_taken_once()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var desk = register.Get<AdmissionDesk>();
        var (_, admission) = await RequestAsync(register);

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => desk.TakeStepAsync(
            TestRegister.Staff, admission, new AdmissionStep.CheckEligibility(), None)));

        Assert.Single(results.OfType<StepResult.Taken>());
        Assert.All(
            results.OfType<StepResult.NotTaken>(), result => Assert.Equal(StepRefusal.WrongState, result.Reason));
        Assert.Equal(2, (await desk.FindAsync(TestRegister.Staff, admission, None))!.Moves.Count);
    }

    [Fact]
    public async Task Another_members_admissions_diagnoses_and_documents_are_not_there()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var desk = register.Get<AdmissionDesk>();
        var documents = register.Get<MemberDocuments>();
        var (member, admission) = await RequestAsync(register);
        var other = await register.AddAsync(Village, 2);
        var document = await FileAsync(register, member, new DocumentDraft(DocumentKind.Other, "Plan"));
        var (own, stranger) = (TestRegister.At(member), TestRegister.At(other));

        Assert.NotNull(await desk.FindAsync(own, admission, None));
        Assert.Null(await desk.FindAsync(stranger, admission, None));
        Assert.Equal(0, (await desk.ListAsync(stranger, new AdmissionQuery(), None)).Total);
        Assert.Equal(0, (await desk.ListAsync(stranger, new AdmissionQuery(member), None)).Total);
        Assert.Empty(await documents.ListAsync(stranger, member, None));
        Assert.Null(await documents.ReadAsync(stranger, document, None));
        Assert.Empty(await register.Get<DiagnosisRecord>().ListAsync(stranger, member, None));
        Assert.Single(await documents.ListAsync(own, member, None));
        foreach (var act in new Func<Task>[]
        {
            () => desk.OpenAsync(own, member, "sauvegarde", None),
            () => desk.TakeStepAsync(own, admission, new AdmissionStep.CheckEligibility(), None),
            () => documents.WithdrawAsync(own, document, None),
            () => documents.AddAsync(own, member, new DocumentDraft(DocumentKind.Other, "x"), "x.pdf", Pdf, None),
            () => register.Get<DiagnosisRecord>().RecordAsync(own, member, null, Form(), None),
            () => register.Get<OfferCatalogue>().SaveAsync(own, OfferPresets.Pack, isOpen: true, None),
            () => desk.ListAsync(TestRegister.At(member, Role.Agent), new AdmissionQuery(), None),
        }) await Assert.ThrowsAsync<AccessDeniedException>(act);
    }

    [Fact]
    public async Task Admissions_are_listed_by_state_and_members_found_by_it()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var desk = register.Get<AdmissionDesk>();
        var (member, admission) = await RequestAsync(register);

        var line = Assert.Single(
            (await desk.ListAsync(TestRegister.Staff, new AdmissionQuery(State: AdmissionState.Requested), None)).Rows);
        Assert.Equal((admission, member, "Bourg"), (line.Id, line.Member, line.MemberName));
        Assert.Empty((await desk.ListAsync(
            TestRegister.Staff, new AdmissionQuery(State: AdmissionState.Effective), None)).Rows);
        var page = await register.Get<MemberRegister>().ListAsync(
            TestRegister.Staff, new RegisterQuery(Admission: AdmissionState.Requested), None);
        Assert.Equal(member, Assert.Single(page.Rows).Id);
    }

    [Fact]
    public async Task A_diagnosis_keeps_the_advice_of_its_day()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var member = await register.AddAsync(Village);
        var diagnoses = register.Get<DiagnosisRecord>();

        TestRegister.Saved(await diagnoses.RecordAsync(TestRegister.Staff, member, null, Form(), None));

        var kept = Assert.Single(await diagnoses.ListAsync(TestRegister.At(member), member, None));
        Assert.Equal((3, 1L, 2.00m, true), (
            kept.Advice.Level, kept.Advice.ExtraGigabytes, kept.Advice.ExtraMonthlyPrice, kept.Advice.NeedsStudy));
        Assert.Equal(["Berger-Levrault"], kept.Form.Applications);
        var nothing = Form() with { FixedCount = 0, LaptopCount = 0, ServerCount = 0, VolumeBytes = -1 };
        var invalid = Assert.IsType<SaveResult<DiagnosisId>.Invalid>(
            await diagnoses.RecordAsync(TestRegister.Staff, member, null, nothing, None));
        Assert.Equal(["FixedCount", "VolumeBytes"], invalid.Mistakes.Select(mistake => mistake.Field));
    }

    [Fact]
    public async Task Documents_are_kept_with_their_bytes_and_withdrawn_ones_count_for_nothing()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var documents = register.Get<MemberDocuments>();
        var (member, admission) = await RequestAsync(register);
        var id = TestRegister.Saved(await documents.AddAsync(
            TestRegister.Staff, member,
            new DocumentDraft(DocumentKind.Charter, "Charte", admission, SignedOn: Signed),
            "C:\\Users\\Jeanne\\charte signée;\r\n.exe", Pdf, None));

        Assert.DoesNotContain("SignedCharter", await MissingAsync(register.Get<AdmissionDesk>(), admission));
        var read = await documents.ReadAsync(TestRegister.Staff, id, None);
        Assert.Equal(("charte signée.pdf", "application/pdf", Pdf.Length),
            (read!.FileName, read.MediaType, read.Bytes));
        await using (var content = read.Content)
        {
            using var copy = new MemoryStream();
            await content.CopyToAsync(copy);
            Assert.Equal(Pdf, copy.ToArray());
        }

        TestRegister.Saved(await documents.WithdrawAsync(TestRegister.Staff, id, None));
        Assert.Contains("SignedCharter", await MissingAsync(register.Get<AdmissionDesk>(), admission));
        Assert.NotNull(Assert.Single(await documents.ListAsync(TestRegister.Staff, member, None)).WithdrawnAt);
        register.Store.Lose(id);
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            documents.ReadAsync(TestRegister.Staff, id, None));
    }

    [Fact]
    public async Task A_new_version_takes_the_place_of_the_one_before_which_stays_readable()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var documents = register.Get<MemberDocuments>();
        var (member, admission) = await RequestAsync(register);
        var charter = new DocumentDraft(DocumentKind.Charter, "Charte", admission, SignedOn: Signed);
        var first = await FileAsync(register, member, charter);

        var refused = await documents.ReplaceAsync(
            TestRegister.Staff, first, charter, "v2.pdf", "<html>"u8.ToArray(), None);
        Assert.IsType<SaveResult<DocumentId>.Invalid>(refused);
        Assert.Null(Assert.Single(await documents.ListAsync(TestRegister.Staff, member, None)).WithdrawnAt);

        var second = TestRegister.Saved(await documents.ReplaceAsync(
            TestRegister.Staff, first, charter, "v2.pdf", Pdf, None));
        var kept = (await documents.ListAsync(TestRegister.Staff, member, None)).ToDictionary(each => each.Id);
        Assert.Equal((true, false), (kept[first].WithdrawnAt is not null, kept[second].WithdrawnAt is not null));
        Assert.DoesNotContain("SignedCharter", await MissingAsync(register.Get<AdmissionDesk>(), admission));
        await using var old = (await documents.ReadAsync(TestRegister.Staff, first, None))!.Content;
        Assert.Equal(
            SaveRefusal.AlreadyWithdrawn,
            TestRegister.Refused(await documents.ReplaceAsync(
                TestRegister.Staff, first, charter, "v3.pdf", Pdf, None)));
        await Assert.ThrowsAsync<AccessDeniedException>(() => documents.ReplaceAsync(
            TestRegister.At(member), second, charter, "v3.pdf", Pdf, None));
    }

    [Fact]
    public async Task A_wrong_document_leaves_nothing_in_the_store()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var documents = register.Get<MemberDocuments>();
        var (member, _) = await RequestAsync(register);
        var elsewhere = AdmissionId.New();

        async Task<string> Mistakes(DocumentDraft draft, byte[] content) => string.Join(
            ' ',
            Assert.IsType<SaveResult<DocumentId>.Invalid>(await documents.AddAsync(
                TestRegister.Staff, member, draft, "a.pdf", content, None)).Mistakes
                .Select(mistake => $"{mistake.Field}:{mistake.Error}"));

        var charter = new DocumentDraft(DocumentKind.Charter, "Charte");
        Assert.Equal("Content:Invalid", await Mistakes(charter, "<html>"u8.ToArray()));
        Assert.Equal("Content:Invalid", await Mistakes(charter, []));
        Assert.Equal(
            "Content:TooLong",
            await Mistakes(charter, [.. Pdf, .. new byte[MemberDocuments.BytesMax - Pdf.Length + 1]]));
        Assert.Equal("Title:Missing", await Mistakes(charter with { Title = " " }, Pdf));
        Assert.Equal("AdmissionId:Invalid", await Mistakes(charter with { AdmissionId = elsewhere }, Pdf));
        Assert.Equal("SignedOn:OutOfRange", await Mistakes(charter with { SignedOn = new DateOnly(2026, 3, 2) }, Pdf));
        Assert.Equal("Number:Missing", await Mistakes(charter with { Kind = DocumentKind.Annex }, Pdf));
        Assert.Equal(
            "CtesId:Invalid",
            await Mistakes(charter with { Kind = DocumentKind.Deliberation, CtesId = "082-200061258-x" }, Pdf));
        Assert.Equal(
            "AcknowledgedOn:Invalid",
            await Mistakes(charter with { Kind = DocumentKind.Deliberation, AcknowledgedOn = Signed }, Pdf));
        Assert.Equal(0, register.Store.Count);
    }

    [Fact]
    public async Task An_offer_with_wrong_rules_is_not_saved_and_its_text_comes_back_as_written()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var offers = register.Get<OfferCatalogue>();
        await register.OfferAsync(OfferPresets.Backup);

        var invalid = Assert.IsType<OfferResult.RulesInvalid>(await offers.SaveAsync(
            TestRegister.Staff, OfferPresets.Backup with { Rules = """[{"reason":"x"}]""" }, isOpen: true, None));
        Assert.Equal(2, invalid.Mistakes.Count);
        Assert.IsType<OfferResult.Invalid>(await offers.SaveAsync(
            TestRegister.Staff, OfferPresets.Backup with { Code = "Sauvegarde !" }, isOpen: true, None));
        var offer = Assert.Single(await offers.ListAsync(TestRegister.Staff, None));
        Assert.Equal((OfferPresets.Backup, true), (offer.Data, offer.IsOpen));
    }

    [Fact]
    public async Task The_kind_of_an_offer_with_admissions_stays()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        await RequestAsync(register);

        Assert.IsType<OfferResult.KindInUse>(await register.Get<OfferCatalogue>().SaveAsync(
            TestRegister.Staff, OfferPresets.Backup with { Kind = OfferKind.Pack }, isOpen: true, None));
    }

    private static DiagnosisForm Form() => new()
    {
        FixedCount = 5,
        LaptopCount = 0,
        ServerCount = 1,
        VolumeBytes = 41_000_000_000,
        Applications = ["Berger-Levrault "],
    };

    private static async Task<(MemberId Member, AdmissionId Admission)> RequestAsync(
        TestRegister register, SiteLink? link = SiteLink.Ftth)
    {
        await register.OfferAsync(OfferPresets.Backup);
        await register.AddAsync(
            new MemberDraft { Name = "CC", Kind = MemberKind.Epci, Class = MemberClass.Member }, 9);
        var member = await register.AddAsync(Village);
        await register.AddContactAsync(member, "Jeanne", ContactRole.Referent);
        TestRegister.Saved(await register.Get<MemberInventory>().SaveSiteAsync(
            TestRegister.Staff, member, null, new SiteDraft("Mairie", Link: link), null, None));
        var opened = Assert.IsType<OpeningResult.Opened>(await register.Get<AdmissionDesk>().OpenAsync(
            TestRegister.Staff, member, "sauvegarde", None));
        return (member, opened.Id);
    }

    private static async Task<MemberId> EffectiveAsync(TestRegister register)
    {
        var desk = register.Get<AdmissionDesk>();
        var (member, admission) = await RequestAsync(register);
        await FileAsync(register, member, new DocumentDraft(
            DocumentKind.Deliberation, "Délibération", admission, SignedOn: Signed,
            CtesId: "082-200061257-20260210-04202306-DE", AcknowledgedOn: Signed));
        await FileAsync(register, member, new DocumentDraft(
            DocumentKind.Charter, "Charte", admission, SignedOn: Signed));
        await register.AddContactAsync(member, "Luc", ContactRole.FunctionalAdministrator);
        await TakeAsync(desk, admission, new AdmissionStep.CheckEligibility(), AdmissionState.Eligible);
        await TakeAsync(desk, admission, new AdmissionStep.StartDiagnosis(), AdmissionState.Diagnosis);
        await DiagnoseAsync(register, member, admission);
        await TakeAsync(desk, admission, new AdmissionStep.Propose(3), AdmissionState.Proposal);
        await TakeAsync(desk, admission, new AdmissionStep.AcceptProposal(), AdmissionState.AwaitingPieces);
        await TakeAsync(desk, admission, new AdmissionStep.DeclareComplete(), AdmissionState.Complete);
        await TakeAsync(desk, admission, new AdmissionStep.MakeEffective(Signed), AdmissionState.Effective);
        return member;
    }

    private static async Task DiagnoseAsync(TestRegister register, MemberId member, AdmissionId admission) =>
        TestRegister.Saved(await register.Get<DiagnosisRecord>().RecordAsync(
            TestRegister.Staff, member, admission, Form(), None));

    private static async Task<DocumentId> FileAsync(TestRegister register, MemberId member, DocumentDraft draft) =>
        TestRegister.Saved(await register.Get<MemberDocuments>().AddAsync(
            TestRegister.Staff, member, draft, "scan.pdf", Pdf, None));

    private static async Task TakeAsync(
        AdmissionDesk desk, AdmissionId admission, AdmissionStep step, AdmissionState expected) => Assert.Equal(
        expected,
        Assert.IsType<StepResult.Taken>(await desk.TakeStepAsync(TestRegister.Staff, admission, step, None)).State);

    private static async Task<StepResult.NotTaken> RefusedAsync(
        AdmissionDesk desk, AdmissionId admission, AdmissionStep step, StepRefusal expected)
    {
        var refused = Assert.IsType<StepResult.NotTaken>(
            await desk.TakeStepAsync(TestRegister.Staff, admission, step, None));
        Assert.Equal(expected, refused.Reason);
        return refused;
    }

    private static async Task<string> MissingAsync(AdmissionDesk desk, AdmissionId admission) => string.Join(
        ' ', (await desk.FindAsync(TestRegister.Staff, admission, None))!.MissingPieces);

    private static async Task StandsAsync(TestRegister register, MemberId member, MemberStanding expected) =>
        Assert.Equal(
            expected,
            (await register.Get<MemberRegister>().FindAsync(TestRegister.Staff, member, None))!.Standing);
}
