using Beffroi.Fleet.Tests.Integration;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.People;
using Beffroi.Identity.SignIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Beffroi.Fleet.Tests.People;

/// <summary>Two members with people, and the operator's staff: each desk is asked as a request asks it.</summary>
internal sealed class Town : IAsyncDisposable
{
    internal const string Password = "le clocher sonne tard";

    private readonly TestPlatform _platform;

    private Town(TestPlatform platform) => _platform = platform;

    internal SteppedTime Time => _platform.Time;
    internal MemberId A { get; private set; }
    internal MemberId B { get; private set; }

    internal static async Task<Town> BuildAsync(TestCluster cluster)
    {
        var platform = await TestPlatform.CreateAsync(cluster);
        var town = new Town(platform);
        (town.A, _) = await platform.AddMemberAsync();
        (town.B, _) = await platform.AddMemberAsync();
        return town;
    }

    internal T Get<T>()
        where T : notnull => _platform.Get<T>();

    /// <summary>One request to a desk.</summary>
    internal async Task<TResult> AskAsync<TDesk, TResult>(Func<TDesk, Task<TResult>> ask)
        where TDesk : notnull
    {
        await using var request = _platform.OpenRequest();
        return await ask(request.ServiceProvider.GetRequiredService<TDesk>());
    }

    internal async Task<PersonId> AddAsync(string email, Role role, MemberId? member)
    {
        var added = await AskAsync<PeopleDesk, AddedPerson>(desk => desk.AddAsync(
            Caller.System("admin:test"), new NewPerson(email, NameOf(email), role, member), Password,
            CancellationToken.None));
        return Assert.IsType<AddedPerson.Done>(added).Id;
    }

    /// <summary>Who this is now, as their next request would find them.</summary>
    internal async Task<Caller> CallerAsync(PersonId person)
    {
        await using var db = await Get<IDbContextFactory<IdentityDb>>().CreateDbContextAsync();
        var now = Time.GetUtcNow();
        var grants = await db.HeldRoles
            .Where(row => row.PersonId == person.Value && row.From <= now && (row.Until == null || row.Until > now))
            .Select(row => new RoleGrant(row.Role, row.MemberId)).ToListAsync();
        return Caller.Of(person, "Somebody", "192.0.2.7", grants);
    }

    internal async Task<Caller> AddCallerAsync(string email, Role role, MemberId? member) =>
        await CallerAsync(await AddAsync(email, role, member));

    internal Task<SignInOutcome> SignInAsync(string email, string password = Password, string origin = "192.0.2.9") =>
        AskAsync<SignInDesk, SignInOutcome>(desk => desk.TryPasswordAsync(
            email, password, new Visitor(origin, "Firefox"), CancellationToken.None));

    /// <summary>The mails to an address, the oldest first.</summary>
    internal async Task<IReadOnlyList<(string Kind, string Text)>> MailsAsync(string to)
    {
        await using var db = await Get<IDbContextFactory<IdentityDb>>().CreateDbContextAsync();
        var rows = await db.Mails.Where(row => row.To == to).OrderBy(row => row.CreatedAt).ToListAsync();
        return [.. rows.Select(row => (row.Subject, row.Text))];
    }

    internal async Task<string> LastTokenAsync(string to) => (await MailsAsync(to))[^1].Text;

    /// <summary>Names of the acts in the journal, the oldest first.</summary>
    internal async Task<IReadOnlyList<string>> ActsAsync()
    {
        await using var db = await Get<IDbContextFactory<IdentityDb>>().CreateDbContextAsync();
        return await db.Journal.OrderBy(row => row.Id).Select(row => row.Act).ToListAsync();
    }

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    private static string NameOf(string email) => email.Split('@')[0];
}
