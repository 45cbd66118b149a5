using Beffroi.Business.Members;
using Beffroi.Business.Members.Register;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Beffroi.Business.Tests.Members;

public sealed class MemberRegisterTests(TestCluster cluster)
{
    private static readonly MemberDraft Village = new()
    {
        Name = "  Évreux-le-Vieil ",
        Kind = MemberKind.Commune,
        Class = MemberClass.Assimilated,
        Population = 812,
        PopulationYear = 2023,
        CommuneCode = "2a004",
        EpciSiren = "200 061 257",
        EpciName = "CC du Nord",
        Street = "1 place de la Mairie",
        PostalCode = "20000",
        City = "Évreux",
        Mail = "mairie@evreux.example",
        Phone = "04 95 00 00 00",
        Website = "www.evreux.example",
    };

    [Fact]
    public async Task A_member_is_read_as_it_was_written_and_tidied()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var id = await register.AddAsync(Village);

        var found = await register.Get<MemberRegister>().FindAsync(TestRegister.Staff, id, CancellationToken.None);

        Assert.NotNull(found);
        Assert.Equal(
            Village with
            {
                Name = "Évreux-le-Vieil",
                CommuneCode = "2A004",
                Departement = "2A",
                EpciSiren = "200061257",
            },
            found.Data);
        Assert.Equal((1, MemberStanding.Known), (found.Level, found.Standing));
        Assert.Equal(found.Siret[..9], found.Siren);
        var lines = await register.Get<JournalReader>().ReadAsync(
            TestRegister.Staff, new JournalFilter(), 10, CancellationToken.None);
        Assert.Equal(("member-added", id), (lines[0].Act, lines[0].Member!.Value));
    }

    [Fact]
    public async Task A_change_replaces_the_data_in_both_modules()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var id = await register.AddAsync(Village);
        var members = register.Get<MemberRegister>();

        TestRegister.Saved(await members.ChangeAsync(
            TestRegister.Staff, id, Village with { Name = "Evreux", Population = null, Mail = " " }, seen: null,
            CancellationToken.None));

        var found = await members.FindAsync(TestRegister.Staff, id, CancellationToken.None);
        Assert.Equal(("Evreux", null, null), (found!.Data.Name, found.Data.Population, found.Data.Mail));
        var tenant = await register.Get<MemberDirectory>().FindMemberAsync(id, CancellationToken.None);
        Assert.Equal("Evreux", tenant!.Name);
    }

    [Fact]
    public async Task All_wrong_fields_are_named()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var wrong = new MemberDraft
        {
            Name = " ",
            Population = -1,
            PopulationYear = 2027,
            CommuneCode = "2C004",
            Departement = "20",
            EpciSiren = "200061258",
            PostalCode = "1234",
            City = new string('x', 201),
            Mail = "mairie",
            Phone = "123",
            Website = "n'importe quoi",
            Street = "a\u0007b",
        };

        var result = await register.Get<MemberRegister>().AddAsync(
            TestRegister.Staff, Numbers.Siret(1), wrong, CancellationToken.None);

        var mistakes = Assert.IsType<SaveResult<MemberId>.Invalid>(result).Mistakes;
        Assert.Equal(12, mistakes.Count);
        Assert.Contains(new FieldMistake("Name", FieldError.Missing), mistakes);
        Assert.Contains(new FieldMistake("City", FieldError.TooLong), mistakes);
        Assert.Contains(new FieldMistake("PopulationYear", FieldError.OutOfRange), mistakes);
        Assert.Equal(0L, await register.ScalarAsync<long>("select count(*) from identity.members"));
    }

    [Fact]
    public async Task A_SIRET_is_one_member()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        await register.AddAsync(Village);

        Assert.Equal(
            SaveRefusal.SiretTaken,
            TestRegister.Refused(await register.Get<MemberRegister>().AddAsync(
                TestRegister.Staff, Numbers.Siret(1), Village, CancellationToken.None)));
    }

    [Fact]
    public async Task A_member_that_the_command_added_is_in_the_register_before_anybody_fills_its_file()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var (member, _) = await register.Get<MemberDirectory>().AddMemberAsync(
            new NewMember("Bourg", Numbers.Siret(1), 300, Level: 2), CancellationToken.None);
        var members = register.Get<MemberRegister>();

        var row = Assert.Single((await ListAsync(register, new RegisterQuery())).Rows);
        Assert.Equal((member.Id, null, MemberStanding.Known, 2), (row.Id, row.Kind, row.Standing, row.Level));
        Assert.Single((await ListAsync(register, new RegisterQuery(Standing: MemberStanding.Known))).Rows);
        Assert.NotNull(await members.FindAsync(TestRegister.Staff, member.Id, CancellationToken.None));
        Assert.Null((await members.CountByEpciAsync(TestRegister.Staff, CancellationToken.None)).Single().EpciSiren);

        TestRegister.Saved(await members.ChangeAsync(
            TestRegister.Staff, member.Id, Village, seen: null, CancellationToken.None));
        Assert.Single((await ListAsync(register, new RegisterQuery(Kind: MemberKind.Commune))).Rows);
    }

    [Fact]
    public async Task The_register_is_searched_without_accents_filtered_sorted_and_paged()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        await register.AddAsync(Village with { Name = "Zuydcoote", Population = 100 }, 1);
        await register.AddAsync(Village with { Name = "Évreux", Population = 300, Departement = "27" }, 2);
        await register.AddAsync(Village with { Name = "Arras", Population = null, Kind = MemberKind.Epci }, 3);
        await register.AddAsync(
            Village with { Name = "L’Étang-Salé du Bœuf", Population = 200, CommuneCode = "97404" }, 4);

        async Task<string> Names(RegisterQuery query) =>
            string.Join(' ', (await ListAsync(register, query)).Rows.Select(row => row.Name));

        Assert.Equal("Arras Évreux L’Étang-Salé du Bœuf Zuydcoote", await Names(new RegisterQuery()));
        Assert.Equal(
            "Zuydcoote L’Étang-Salé du Bœuf Évreux Arras", await Names(new RegisterQuery(Descending: true)));
        Assert.Equal(
            "Zuydcoote L’Étang-Salé du Bœuf Évreux Arras",
            await Names(new RegisterQuery(Sort: RegisterSort.Population)));
        Assert.Equal( // What is not known is last, whichever way.
            "Évreux L’Étang-Salé du Bœuf Zuydcoote Arras",
            await Names(new RegisterQuery(Sort: RegisterSort.Population, Descending: true)));
        Assert.Equal("Évreux", await Names(new RegisterQuery(Search: "EVREUX")));
        Assert.Equal("L’Étang-Salé du Bœuf", await Names(new RegisterQuery(Search: "sale étang boeuf")));
        Assert.Equal("L’Étang-Salé du Bœuf", await Names(new RegisterQuery(Search: "97404")));
        Assert.Equal("Arras", await Names(new RegisterQuery(Search: Numbers.Siren(3))));
        Assert.Equal("", await Names(new RegisterQuery(Search: "100%")));
        Assert.Equal("Arras", await Names(new RegisterQuery(Kind: MemberKind.Epci)));
        Assert.Equal("Évreux", await Names(new RegisterQuery(Departement: "27")));
        Assert.Equal("", await Names(new RegisterQuery(Class: MemberClass.Member)));

        var second = await ListAsync(register, new RegisterQuery(Page: 2, PageRows: 3));
        Assert.Equal((4, "Zuydcoote"), (second.Total, Assert.Single(second.Rows).Name));
        Assert.Single((await ListAsync(register, new RegisterQuery(Page: 99, PageRows: 3))).Rows); // The last page.
        foreach (var sort in Enum.GetValues<RegisterSort>())
            Assert.Equal(4, (await ListAsync(register, new RegisterQuery(Sort: sort))).Rows.Count);
    }

    [Fact]
    public async Task Members_are_counted_by_EPCI_and_standing()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        await register.AddAsync(Village with { Name = "A" }, 1);
        await register.AddAsync(Village with { Name = "B" }, 2);
        await register.AddAsync(new MemberDraft { Name = "CC de l'Est", Kind = MemberKind.Epci }, 3);
        await register.AddAsync(new MemberDraft { Name = "SDIS", Kind = MemberKind.PublicBody }, 4);

        var counts = await register.Get<MemberRegister>().CountByEpciAsync(
            TestRegister.Staff, CancellationToken.None);

        Assert.Equal(["CC de l'Est", "CC du Nord", null], counts.Select(count => count.EpciName));
        Assert.Equal(
            [Numbers.Siren(3), "200061257", null], counts.Select(count => count.EpciSiren));
        Assert.Equal([1, 2, 1], counts.Select(count => count.Members[MemberStanding.Known]));
    }

    [Fact]
    public async Task Sites_and_inventory_are_kept_and_guarded()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var id = await register.AddAsync(Village);
        var other = await register.AddAsync(Village, 2);
        var inventory = register.Get<MemberInventory>();
        var device = Guid.Parse("5f0c1f0e-6b1d-4c7a-9f37-0a1b2c3d4e5f");
        var draft = new SiteDraft("Mairie", Link: SiteLink.FibreOpsn, MeasuredMbps: 90.5m,
            MeasuredOn: new DateOnly(2026, 2, 1), IsInGfu: true);
        var none = CancellationToken.None;

        var site = TestRegister.Saved(await inventory.SaveSiteAsync(TestRegister.Staff, id, null, draft, null, none));
        var server = new InventoryDraft("SRV1", InventoryKind.Server, site, "Debian 12", device);
        var item = TestRegister.Saved(await inventory.SaveItemAsync(TestRegister.Staff, id, null, server, null, none));

        var found = await register.Get<MemberRegister>().FindAsync(TestRegister.Staff, id, none);
        Assert.Equal(new SiteView(site, draft), Assert.Single(found!.Sites));
        Assert.Equal(new InventoryView(item, server), Assert.Single(found.Inventory));
        Assert.Equal(
            SaveRefusal.SiteInUse,
            TestRegister.Refused(await inventory.RemoveSiteAsync(TestRegister.Staff, id, site, none)));
        Assert.Equal(
            SaveRefusal.DeviceTaken,
            TestRegister.Refused(await inventory.SaveItemAsync(
                TestRegister.Staff, id, null, server with { Label = "SRV2" }, null, none)));
        Assert.IsType<SaveResult<InventoryItemId>.Invalid>( // The site is another member's.
            await inventory.SaveItemAsync(TestRegister.Staff, other, null, server, null, none));
        Assert.IsType<SaveResult<SiteId>.NotFound>(
            await inventory.SaveSiteAsync(TestRegister.Staff, other, site, draft, null, none));
        Assert.IsType<SaveResult<SiteId>.Invalid>(
            await inventory.SaveSiteAsync(TestRegister.Staff, id, site, draft with { MeasuredMbps = 0 }, null, none));

        TestRegister.Saved(await inventory.RemoveItemAsync(TestRegister.Staff, id, item, none));
        TestRegister.Saved(await inventory.RemoveSiteAsync(TestRegister.Staff, id, site, none));
        found = await register.Get<MemberRegister>().FindAsync(TestRegister.Staff, id, none);
        Assert.Empty(found!.Sites);
    }

    [Fact]
    public async Task Roles_are_held_from_a_day_to_a_day()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var id = await register.AddAsync(Village);
        var contacts = register.Get<MemberContacts>();
        var contact = await register.AddContactAsync(id, "Jeanne Petit", ContactRole.Referent, ContactRole.Executive);
        var none = CancellationToken.None;

        TestRegister.Saved(await contacts.EndRoleAsync(
            TestRegister.Staff, id, contact, ContactRole.Executive, new DateOnly(2026, 2, 28), none));

        var found = await register.Get<MemberRegister>().FindAsync(TestRegister.Staff, id, none);
        var view = Assert.Single(found!.Contacts);
        Assert.Equal(
            [(ContactRole.Referent, true), (ContactRole.Executive, false)],
            view.Roles.Select(role => (role.Role, role.IsHeldToday)).Order());
        Assert.Equal(
            SaveRefusal.RoleHeld,
            TestRegister.Refused(await contacts.GiveRoleAsync(
                TestRegister.Staff, id, contact, ContactRole.Executive, new DateOnly(2026, 2, 28), none)));
        Assert.Equal(
            SaveRefusal.RoleNotHeld,
            TestRegister.Refused(await contacts.EndRoleAsync(
                TestRegister.Staff, id, contact, ContactRole.Accounting, new DateOnly(2026, 3, 1), none)));
        Assert.IsType<SaveResult<ContactId>.Invalid>(await contacts.EndRoleAsync(
            TestRegister.Staff, id, contact, ContactRole.Referent, new DateOnly(2019, 1, 1), none));
        TestRegister.Saved(await contacts.GiveRoleAsync(
            TestRegister.Staff, id, contact, ContactRole.Executive, new DateOnly(2026, 3, 1), none));
        TestRegister.Saved(await contacts.RemoveAsync(TestRegister.Staff, id, contact, none));
    }

    [Fact]
    public async Task Another_members_file_is_not_there_and_only_the_operator_writes()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var a = await register.AddAsync(Village, 1);
        var b = await register.AddAsync(Village, 2);
        var members = register.Get<MemberRegister>();
        var referent = TestRegister.At(a);
        var none = CancellationToken.None;

        Assert.NotNull(await members.FindAsync(referent, a, none));
        Assert.Null(await members.FindAsync(referent, b, none));
        Assert.Equal([a], (await members.ListAsync(referent, new RegisterQuery(), none)).Rows.Select(row => row.Id));
        Assert.Equal(1, (await members.CountByEpciAsync(referent, none)).Sum(epci => epci.Members.Values.Sum()));
        await DeniedAsync(() => members.ChangeAsync(referent, a, Village, null, none));
        await DeniedAsync(() => members.AddAsync(referent, Numbers.Siret(3), Village, none));
        await DeniedAsync(() => members.ExportAsync(referent, new RegisterQuery(), none));
        await DeniedAsync(() => members.FindAsync(TestRegister.At(a, Role.Agent), a, none));
        await DeniedAsync(() => members.FindAsync(TestRegister.At(a, Role.Provider), a, none));
    }

    [Fact]
    public async Task A_referent_keeps_the_details_of_their_own_member_up_to_date_and_of_no_other()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var a = await register.AddAsync(Village, 1);
        var b = await register.AddAsync(Village, 2);
        var members = register.Get<MemberRegister>();
        var inventory = register.Get<MemberInventory>();
        var contacts = register.Get<MemberContacts>();
        var referent = TestRegister.At(a);
        var none = CancellationToken.None;
        var reach = new MemberReach("2 rue Haute", "20000", "Évreux", "accueil@evreux.example", null, null);

        TestRegister.Saved(await members.ChangeReachAsync(referent, a, reach, null, none));
        TestRegister.Saved(await inventory.SaveSiteAsync(referent, a, null, new SiteDraft("École"), null, none));
        var jeanne = TestRegister.Saved(await contacts.SaveAsync(
            referent, a, null, new ContactDraft("Jeanne"), null, none));
        var found = await members.FindAsync(referent, a, none);
        Assert.Equal(
            (reach, "Évreux-le-Vieil", 812),
            (MemberReach.Of(found!.Data), found.Data.Name, found.Data.Population));
        Assert.IsType<SaveResult<MemberId>.Invalid>(
            await members.ChangeReachAsync(referent, a, reach with { Mail = "accueil" }, null, none));

        Assert.IsType<SaveResult<MemberId>.NotFound>(
            await members.ChangeReachAsync(referent, b, reach, null, none));
        Assert.IsType<SaveResult<SiteId>.NotFound>(
            await inventory.SaveSiteAsync(referent, b, null, new SiteDraft("École"), null, none));
        Assert.IsType<SaveResult<ContactId>.NotFound>(
            await contacts.SaveAsync(referent, b, null, new ContactDraft("Jeanne"), null, none));
        await DeniedAsync(() => members.ChangeReachAsync(TestRegister.At(a, Role.Agent), a, reach, null, none));
        var help = Caller.Of(PersonId.New(), "Luc", null, [new RoleGrant(Role.Support, Member: null)]);
        await DeniedAsync(() => members.ChangeReachAsync(help, a, reach, null, none));

        var day = new DateOnly(2026, 3, 1);
        await DeniedAsync(() => contacts.GiveRoleAsync(referent, a, jeanne, ContactRole.Referent, day, none));
        TestRegister.Saved(await contacts.GiveRoleAsync(
            TestRegister.Staff, a, jeanne, ContactRole.Executive, day, none));
        Assert.Equal(
            SaveRefusal.HoldsRoles, TestRegister.Refused(await contacts.RemoveAsync(referent, a, jeanne, none)));
        TestRegister.Saved(await contacts.RemoveAsync(TestRegister.Staff, a, jeanne, none));
    }

    [Fact]
    public async Task Of_two_people_who_change_one_thing_the_second_is_told()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var id = await register.AddAsync(Village);
        var members = register.Get<MemberRegister>();
        var inventory = register.Get<MemberInventory>();
        var contacts = register.Get<MemberContacts>();
        var none = CancellationToken.None;
        var site = TestRegister.Saved(await inventory.SaveSiteAsync(
            TestRegister.Staff, id, null, new SiteDraft("Mairie", MeasuredMbps: 90.5m), null, none));
        await inventory.SaveItemAsync(
            TestRegister.Staff, id, null, new InventoryDraft("SRV", InventoryKind.Server, site), null, none);
        await register.AddContactAsync(id, "Jeanne", ContactRole.Referent);
        var seen = (await members.FindAsync(TestRegister.Staff, id, none))!; // Both open their forms.
        var (item, contact) = (seen.Inventory[0], seen.Contacts[0]);

        TestRegister.Saved(await members.ChangeReachAsync(
            TestRegister.At(id), id, MemberReach.Of(seen.Data) with { Phone = "04 95 11 11 11" }, seen.Revision, none));
        TestRegister.Saved(await inventory.SaveSiteAsync(
            TestRegister.Staff, id, site, seen.Sites[0].Data with { City = "Bourg" }, seen.Sites[0].Revision, none));
        TestRegister.Saved(await inventory.SaveItemAsync(
            TestRegister.Staff, id, item.Id, item.Data with { Label = "SRV1" }, item.Revision, none));
        TestRegister.Saved(await contacts.SaveAsync(
            TestRegister.Staff, id, contact.Id, contact.Data with { Function = "Maire" }, contact.Revision, none));

        Assert.IsType<SaveResult<MemberId>.Outdated>(await members.ChangeAsync(
            TestRegister.Staff, id, seen.Data with { Population = 900 }, seen.Revision, none));
        Assert.IsType<SaveResult<MemberId>.Outdated>(await members.ChangeReachAsync(
            TestRegister.Staff, id, MemberReach.Of(seen.Data), seen.Revision, none));
        Assert.IsType<SaveResult<SiteId>.Outdated>(await inventory.SaveSiteAsync(
            TestRegister.Staff, id, site, seen.Sites[0].Data, seen.Sites[0].Revision, none));
        Assert.IsType<SaveResult<InventoryItemId>.Outdated>(await inventory.SaveItemAsync(
            TestRegister.Staff, id, item.Id, item.Data, item.Revision, none));
        Assert.IsType<SaveResult<ContactId>.Outdated>(await contacts.SaveAsync(
            TestRegister.Staff, id, contact.Id, contact.Data, contact.Revision, none));

        var now = (await members.FindAsync(TestRegister.Staff, id, none))!;
        Assert.Equal(("04 95 11 11 11", 812), (now.Data.Phone, now.Data.Population)); // The first one's, and whole.
        TestRegister.Saved(await members.ChangeAsync(
            TestRegister.Staff, id, now.Data with { Population = 900 }, now.Revision, none));
    }

    [Fact]
    public async Task The_register_is_exported_as_filtered_and_the_journal_knows()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        await register.AddAsync(Village with { Name = "B" }, 1);
        await register.AddAsync(Village with { Name = "A" }, 2);
        await register.AddAsync(Village with { Name = "C", Kind = MemberKind.Epci }, 3);

        var rows = await register.Get<MemberRegister>().ExportAsync(
            TestRegister.Staff, new RegisterQuery(Kind: MemberKind.Commune, PageRows: 1), CancellationToken.None);

        Assert.Equal(["A", "B"], rows.Select(row => row.Name));
        var lines = await register.Get<JournalReader>().ReadAsync(
            TestRegister.Staff, new JournalFilter(), 1, CancellationToken.None);
        Assert.Equal(("register-exported", "2"), (lines[0].Act, lines[0].Detail["count"]));
    }

    [Fact]
    public async Task A_role_at_one_member_gives_no_sight_of_another_at_which_one_is_only_an_agent()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var a = await register.AddAsync(Village, 1);
        var b = await register.AddAsync(Village, 2);
        var caller = Caller.Of(
            PersonId.New(), "Jeanne", null, [new RoleGrant(Role.Referent, a), new RoleGrant(Role.Agent, b)]);

        Assert.Null(await register.Get<MemberRegister>().FindAsync(caller, b, CancellationToken.None));
    }

    [Fact]
    public async Task Sql_of_a_member_reads_its_own_rows_and_writes_no_offer()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var a = await register.AddAsync(Village, 1);
        await register.AddAsync(Village, 2);
        await register.OfferAsync(Business.Members.Offers.OfferPresets.Backup);
        await using var db = await register.Get<ScopedContexts<BusinessDb>>().OpenAsync(
            AccessScope.Of(a), CancellationToken.None);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();

        async Task<long> Count(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            return (long)(await command.ExecuteScalarAsync())!; // A count is never null.
        }

        Assert.Equal(1, await Count("select count(*) from business.member_files"));
        Assert.Equal(1, await Count("select count(*) from business.offers"));
        Assert.Equal(0, await Count(
            "with gone as (delete from business.offers returning 1) select count(*) from gone"));
        var denied = await Assert.ThrowsAsync<PostgresException>(() => Count(
            "with made as (insert into business.offers values ('x', 'other', 'X', '[]', true, now()) returning 1) "
                + "select count(*) from made"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, denied.SqlState);
    }

    private static Task<RegisterPage> ListAsync(TestRegister register, RegisterQuery query) =>
        register.Get<MemberRegister>().ListAsync(TestRegister.Staff, query, CancellationToken.None);

    private static Task DeniedAsync(Func<Task> act) => Assert.ThrowsAsync<AccessDeniedException>(act);
}
