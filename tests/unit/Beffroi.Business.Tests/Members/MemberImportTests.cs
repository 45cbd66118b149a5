using System.Diagnostics;
using System.Globalization;
using System.Text;
using Beffroi.Business.Members.Import;
using Beffroi.Business.Members.Register;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;

namespace Beffroi.Business.Tests.Members;

public sealed class MemberImportTests(TestCluster cluster)
{
    private const string Header =
        "type,siret,siren,libelle,population,code_insee,code_postal,epci_libelle,epci_siren,adresse_messagerie,rpnt";

    [Fact]
    public async Task A_check_changes_nothing_and_an_import_does_what_it_said()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var import = register.Get<MemberImport>();
        var file = Lines(1, 2, 3);

        var check = await import.CheckAsync(TestRegister.Staff, file, KnownMembers.Refuse, CancellationToken.None);
        Assert.Equal((false, 3, 3, 0), (check.IsImported, check.LineCount, check.NewCount, check.ErrorCount));
        Assert.Equal(0L, await CountAsync(register));

        var report = await import.ImportAsync(TestRegister.Staff, file, KnownMembers.Refuse, CancellationToken.None);
        Assert.Equal((true, 3, 3, 0), (report.IsImported, report.LineCount, report.NewCount, report.LeftOutCount));
        Assert.Equal(3L, await CountAsync(register));
        var page = await register.Get<MemberRegister>().ListAsync(
            TestRegister.Staff, new RegisterQuery(Search: "bourg 2"), CancellationToken.None);
        var row = Assert.Single(page.Rows);
        Assert.Equal(
            ("Bourg-2", MemberKind.Commune, 102, "80", "200061257", "CC de l'Été"),
            (row.Name, row.Kind, row.Population, row.Departement, row.EpciSiren, row.EpciName));
        var found = await register.Get<MemberRegister>().FindAsync(TestRegister.Staff, row.Id, CancellationToken.None);
        Assert.Equal("mairie2@x.example", found!.Data.Mail);
        var act = Assert.Single(await register.Get<JournalReader>().ReadAsync(
            TestRegister.Staff, new JournalFilter(), 10, CancellationToken.None));
        Assert.Equal(("members-imported", "3"), (act.Act, act.Detail["count"]));
    }

    [Fact]
    public async Task One_wrong_line_imports_nothing()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        byte[] file = [.. Lines(1, 2), .. Encoding.UTF8.GetBytes("commune,123,,Mal,,,,,,,\n"), .. Line(3)];

        var report = await register.Get<MemberImport>().ImportAsync(
            TestRegister.Staff, file, KnownMembers.LeaveOut, CancellationToken.None);

        Assert.Equal((false, 1), (report.IsImported, report.ErrorCount));
        var problem = Assert.Single(report.Problems);
        Assert.Equal((4, 2, ImportReason.SiretInvalid), (problem.Line, problem.Column, problem.Reason));
        Assert.Equal(0L, await CountAsync(register));
        Assert.Equal(0L, await register.ScalarAsync<long>("select count(*) from business.member_files"));
    }

    [Fact]
    public async Task Members_that_the_register_has_are_errors_or_left_out_as_asked()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        await register.AddAsync(new MemberDraft { Name = "Déjà là" }, 2);
        var import = register.Get<MemberImport>();

        var refused = await import.ImportAsync(
            TestRegister.Staff, Lines(1, 2, 3), KnownMembers.Refuse, CancellationToken.None);
        Assert.False(refused.IsImported);
        var problem = Assert.Single(refused.Problems);
        Assert.Equal((3, 2, ImportReason.AlreadyRegistered), (problem.Line, problem.Column, problem.Reason));
        Assert.Equal(1L, await CountAsync(register));

        var report = await import.ImportAsync(
            TestRegister.Staff, Lines(1, 2, 3), KnownMembers.LeaveOut, CancellationToken.None);
        Assert.Equal((true, 2, 1), (report.IsImported, report.NewCount, report.LeftOutCount));
        Assert.Equal(3L, await CountAsync(register));
        Assert.Equal("Déjà là", await register.ScalarAsync<string>(
            $"select name from identity.members where siret = '{Numbers.Siret(2)}'"));
    }

    [Fact]
    public async Task A_file_that_was_checked_is_imported_once_and_all_that_is_wrong_with_it_can_be_read()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var import = register.Get<MemberImport>();
        var none = CancellationToken.None;
        var wrong = string.Concat(Enumerable.Range(0, 10_000).Select(_ => "commune,123,,Mal,,,,,,,\n"));
        byte[] bad = [.. Lines(1), .. Encoding.UTF8.GetBytes(wrong)];

        var id = (await import.ShelveAsync(TestRegister.Staff, bad, none))!.Value;
        var check = await import.CheckAsync(TestRegister.Staff, id, KnownMembers.Refuse, none);
        Assert.Equal((10_000, 1000), (check!.ErrorCount, check.Problems.Count));
        var all = await import.ListProblemsAsync(TestRegister.Staff, id, KnownMembers.Refuse, none);
        Assert.Equal(Enumerable.Range(3, 10_000), all!.Select(problem => problem.Line));
        Assert.False((await import.ImportAsync(TestRegister.Staff, id, KnownMembers.Refuse, none))!.IsImported);
        Assert.Equal(0L, await CountAsync(register));

        id = (await import.ShelveAsync(TestRegister.Staff, Lines(1, 2), none))!.Value;
        Assert.True((await import.ImportAsync(TestRegister.Staff, id, KnownMembers.Refuse, none))!.IsImported);
        Assert.Null(await import.ImportAsync(TestRegister.Staff, id, KnownMembers.Refuse, none)); // A second click.
        Assert.Null(await import.CheckAsync(TestRegister.Staff, id, KnownMembers.Refuse, none));
        Assert.Equal(2L, await CountAsync(register));
        Assert.Null(await import.ShelveAsync(TestRegister.Staff, ReadOnlyMemory<byte>.Empty, none));
        await Assert.ThrowsAsync<AccessDeniedException>(() => import.ShelveAsync(
            TestRegister.At(MemberId.New()), Lines(1), none));
    }

    [Fact]
    public async Task Two_imports_at_once_add_each_member_once()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var import = register.Get<MemberImport>();
        var file = Lines([.. Enumerable.Range(1, 500)]);

        var reports = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => import.ImportAsync(
            TestRegister.Staff, file, KnownMembers.LeaveOut, CancellationToken.None)));

        Assert.All(reports, report => Assert.True(report.IsImported));
        Assert.Equal(500, reports.Sum(report => report.NewCount));
        Assert.Equal(500L, await CountAsync(register));
        Assert.Equal(500L, await register.ScalarAsync<long>("select count(*) from business.member_files"));
    }

    [Fact]
    public async Task Ten_thousand_lines_take_a_few_seconds()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var file = Lines([.. Enumerable.Range(1, 10_000)]);
        var watch = Stopwatch.StartNew();

        var report = await register.Get<MemberImport>().ImportAsync(
            TestRegister.Staff, file, KnownMembers.Refuse, CancellationToken.None);

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"10,000 members imported in {watch.ElapsedMilliseconds} ms"));
        Assert.Equal((true, 10_000), (report.IsImported, report.NewCount));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 10);
        watch.Restart();
        var page = await register.Get<MemberRegister>().ListAsync(
            TestRegister.Staff, new RegisterQuery(Search: "bourg 99", Page: 2), CancellationToken.None);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"searched among 10,000 in {watch.ElapsedMilliseconds} ms"));
        Assert.True(page.Total > 100);
    }

    [Fact]
    public async Task Only_who_keeps_the_register_imports()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var member = await register.AddAsync(new MemberDraft { Name = "A" });
        var support = Caller.Of(PersonId.New(), "Luc", null, [new RoleGrant(Role.Support, null)]);
        var import = register.Get<MemberImport>();

        foreach (var caller in new[] { TestRegister.At(member), support })
        {
            await Assert.ThrowsAsync<AccessDeniedException>(() => import.CheckAsync(
                caller, Lines(1), KnownMembers.Refuse, CancellationToken.None));
            await Assert.ThrowsAsync<AccessDeniedException>(() => import.ImportAsync(
                caller, Lines(1), KnownMembers.Refuse, CancellationToken.None));
        }
    }

    private static Task<long> CountAsync(TestRegister register) =>
        register.ScalarAsync<long>("select count(*) from identity.members");

    private static byte[] Lines(params int[] numbers) =>
        [.. Encoding.UTF8.GetBytes(Header + "\n"), .. numbers.SelectMany(Line)];

    private static byte[] Line(int number) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"commune,{Numbers.Siret(number)},{Numbers.Siren(number)},Bourg-{number},{100 + number},80{number % 1000:D3},"
            + $"80000,\"CC de l'Été\",200061257,mairie{number}@x.example,\"1.1,1.2\"\n"));
}
