using Beffroi.Agent.Reports;
using Beffroi.Business.Members;
using Beffroi.Business.Members.Register;
using Beffroi.Fleet.Browse;
using Beffroi.Fleet.Consents;
using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Orders;
using Beffroi.Fleet.Watch;
using Beffroi.Identity.Access;
using Beffroi.Identity.People;
using Beffroi.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Beffroi.Demonstration;

/// <summary>What a syndicate with three town halls lives through in a month.</summary>
/// <remarks>How history is made without being invented: the real server runs in this process and the real agents in it
/// too, all on one clock that is put to the evening of each day in turn. So every row, pack, receipt, alert and line of
/// the journal was made by the code that makes them in use, at the time that it says; nothing is written past
/// it.</remarks>
public static class Month
{
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");

    /// <summary>Makes it in an empty data folder; the server must not run.</summary>
    /// <param name="data">The server's data folder.</param>
    /// <param name="computers">Folder for the computers' files and their agents.</param>
    /// <param name="password">Of all people.</param>
    /// <returns>The members: id, kit, name.</returns>
    public static async Task<IReadOnlyList<(Guid Id, string Kit, string Name)>> MakeAsync(
        string data, string computers, string password, DateTimeOffset now)
    {
        var time = new MovableTime();
        time.Set(now.AddDays(-Story.Days - 3));
        await using var server = await PastServer.StartAsync(data, time);
        var story = await Story.BeginAsync(server, time, computers, password);
        foreach (var (at, what) in story.Events((hour, ago) => Moment(now, hour, ago)).OrderBy(each => each.At))
        {
            time.Set(at);
            await what();
        }
        return [.. story.Towns.Select(town => (town.Id.Value, town.Kit, town.Name))];
    }

    /// <summary>That hour in France, so many days before the last time that it was over by half an hour.</summary>
    private static DateTimeOffset Moment(DateTimeOffset now, TimeOnly hour, int ago)
    {
        var local = TimeZoneInfo.ConvertTime(now.AddMinutes(-30), Zone).DateTime;
        var day = DateOnly.FromDateTime(local).AddDays(TimeOnly.FromDateTime(local) >= hour ? -ago : -ago - 1);
        var at = day.ToDateTime(hour);
        return new DateTimeOffset(at, Zone.GetUtcOffset(at)).ToUniversalTime();
    }
}

/// <summary>Who is there, and what happens to them.</summary>
internal sealed class Story(PastServer server, MovableTime time, Syndicate syndicate)
{
    internal const int Days = 30;
    private static readonly TimeOnly Morning = new(9, 0);

    private readonly List<Computer> _computers = [];

    internal List<Town> Towns { get; } = [];

    private Computer Reception => _computers[0];
    private Computer Laptop => _computers[1];
    private Computer TownHall => _computers[2];
    private Computer Accounts => _computers[3];
    private Computer Files => _computers[4];

    // The communes are invented; the check digits of their SIRET numbers are right.
    internal static async Task<Story> BeginAsync(
        PastServer server, MovableTime time, string computers, string password)
    {
        var syndicate = new Syndicate(server, time, computers, password);
        await syndicate.NameAsync("Syndicat mixte numérique du Val-de-Brise", "20009912500011");
        var story = new Story(server, time, syndicate);
        var saules = await story.AddTownAsync(
            "Commune de Saint-Aubin-les-Saules", "21490987100011", 1840, 1, "jeanne.morel@saint-aubin.example",
            "Jeanne Morel");
        await syndicate.AddPersonAsync("paul.girard@saint-aubin.example", "Paul Girard", Role.Agent, saules.Id);
        var mayenne = await story.AddTownAsync(
            "Commune de Brécourt-sur-Mayenne", "21530991500019", 612, 2, "luc.perrin@brecourt.example", "Luc Perrin");
        var forge = await story.AddTownAsync(
            "Commune de Montreuil-la-Forge", "21610987600013", 4120, 3, "anne.leroy@montreuil.example", "Anne Leroy");
        await story.AddComputerAsync(saules, "secretariat", DeviceKind.Fixed);
        await story.AddComputerAsync(saules, "portable-maire", DeviceKind.Laptop);
        await story.AddComputerAsync(mayenne, "mairie", DeviceKind.Fixed);
        await story.AddComputerAsync(forge, "comptabilite", DeviceKind.Fixed);
        await story.AddComputerAsync(forge, "serveur-fichiers", DeviceKind.Server);
        return story;
    }

    /// <summary>All that happens, each with its moment.</summary>
    /// <param name="when">The moment of an hour so many days ago.</param>
    internal IEnumerable<(DateTimeOffset At, Func<Task> What)> Events(Func<TimeOnly, int, DateTimeOffset> when)
    {
        for (var days = Days; days >= 0; days--)
        {
            var ago = days; // Each event keeps its own.
            yield return (when(Morning, ago), () => DayAsync(ago));
            foreach (var computer in _computers)
                yield return (when(computer.Hour, ago), () => NightAsync(computer, ago));
        }
    }

    /// <summary>A computer backs up at the hour of its plan, but for what goes wrong.</summary>
    /// <param name="ago">How many days before the last one.</param>
    private async Task NightAsync(Computer computer, int ago)
    {
        if (IsAway(computer, ago)) return;

        computer.Work.Work(time.GetUtcNow().AddHours(-2));
        var gone = FolderGone(computer, ago);
        if (gone is not null) Directory.Move(gone, gone + ".parti");
        await computer.BackUpAsync();
        if (gone is not null) Directory.Move(gone + ".parti", gone);
        await computer.CheckInAsync(time.GetUtcNow().AddDays(1), Uncovered(computer, ago));
    }

    /// <summary>What people do in the morning.</summary>
    private async Task DayAsync(int ago)
    {
        await server.Get<AlertLedger>().RefreshAsync(CancellationToken.None);
        await (ago switch
        {
            20 => InviteAsync(),
            16 => RestoreAsync(),
            12 => ConsentAsync(),
            8 => BackUpNowAsync(),
            0 => AcknowledgeAsync(),
            _ => Task.CompletedTask,
        });
    }

    private async Task<Town> AddTownAsync(
        string name, string siret, int population, int level, string email, string referent)
    {
        var town = await syndicate.AddTownAsync(name, siret, population, level, email, referent);
        Towns.Add(town);
        var contacts = server.Get<MemberContacts>();
        var known = await contacts.SaveAsync(
            syndicate.Director, town.Id, id: null,
            new ContactDraft(referent, "Secrétaire de mairie", email, $"02 41 00 00 {Towns.Count:00}"),
            seen: null, CancellationToken.None);
        if (known is SaveResult<ContactId>.Saved saved)
            await contacts.GiveRoleAsync(
                syndicate.Director, town.Id, saved.Id, ContactRole.Referent,
                DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), CancellationToken.None);
        return town;
    }

    private async Task AddComputerAsync(Town town, string name, DeviceKind kind) =>
        _computers.Add(await syndicate.AddComputerAsync(town, name, kind));

    /// <summary>Switched off for a night; on a journey with its owner; silent for days, and nobody knows
    /// why.</summary>
    private bool IsAway(Computer computer, int ago) =>
        (computer == Reception && ago == 9)
        || (computer == Laptop && (ago <= 4 || ago % 7 == 6))
        || (computer == TownHall && ago <= 3)
        || (computer == Files && ago == 13);

    /// <summary>The outer disk was not connected: a partial run. The share was not there at all: a failed
    /// one.</summary>
    private string? FolderGone(Computer computer, int ago) =>
        computer == Accounts && (ago is 0 or 1 or 5) ? computer.OuterFolder
        : computer == Files && ago == 11 ? computer.DocumentsFolder
        : null;

    /// <summary>Somebody has made a big folder that no plan covers.</summary>
    private UncoveredMessage[] Uncovered(Computer computer, int ago) => computer == Files && ago <= 6
        ? [new UncoveredMessage("/srv/partages/Vidéos du conseil", "folder", Files: 214, Bytes: 38_400_000_000)]
        : [];

    private async Task InviteAsync()
    {
        await using var scope = server.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<RoleDesk>().InviteAsync(
            Towns[0].Referent, "rose.vidal@saint-aubin.example", "Rose Vidal",
            new RoleWanted(Role.Agent, Towns[0].Id), CancellationToken.None);
    }

    /// <summary>The référent wants one folder back, beside the files of today.</summary>
    private async Task RestoreAsync()
    {
        var referent = Towns[0].Referent;
        var browser = server.Get<SnapshotBrowser>();
        var page = await browser.ListSnapshotsAsync(
            referent, new SnapshotQuery(Reception.Id), CancellationToken.None);
        if (page is not { Snapshots: [.., var oldest] }) return;
        var path = Path.Combine(Reception.DocumentsFolder, "Voirie");
        await server.Get<OrderDesk>().AskRestoreAsync(
            referent, Reception.Id,
            new RestoreRequest(
                oldest.Id, [path], RestoreTarget.Folder, Path.Combine(Reception.DocumentsFolder, "Retrouvé"),
                RestoreConflict.KeepBoth),
            CancellationToken.None);
        await ObeyAsync(Reception);
    }

    /// <summary>Before the accounts are closed.</summary>
    private async Task BackUpNowAsync()
    {
        await server.Get<OrderDesk>().AskBackupAsync(Towns[2].Referent, Accounts.Id, CancellationToken.None);
        await ObeyAsync(Accounts);
    }

    private static async Task ObeyAsync(Computer computer)
    {
        foreach (var order in await computer.CheckInAsync())
        {
            if (order.Restore is not null) await computer.RestoreAsync(order);
            else await computer.BackUpAsync(RunTrigger.Order, order.Id);
        }
    }

    /// <summary>The support asks to read, and the référent lets it for a day.</summary>
    private async Task ConsentAsync()
    {
        var consents = server.Get<ReadingConsents>();
        var asked = await consents.AskAsync(
            syndicate.Director, Towns[1].Id, "Retrouver le registre des délibérations de 2019", hours: 24,
            CancellationToken.None);
        if (asked.Consent is { } id)
            await consents.AnswerAsync(Towns[1].Referent, id, isGranted: true, CancellationToken.None);
    }

    /// <summary>The support knows of the disk that is not connected.</summary>
    private async Task AcknowledgeAsync()
    {
        var board = server.Get<WatchBoard>();
        var seen = await board.FindAsync(syndicate.Director, Laptop.Id, CancellationToken.None);
        foreach (var finding in seen?.Findings ?? [])
            await board.AcknowledgeAsync(
                syndicate.Director, Laptop.Id, finding.Reason, "Le maire est en déplacement jusqu'à vendredi.",
                time.GetUtcNow().AddDays(5), CancellationToken.None);
    }
}
