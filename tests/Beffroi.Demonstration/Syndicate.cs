using Beffroi.Agent.Reports;
using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Enrolment;
using Beffroi.Fleet.Plans;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.People;
using Beffroi.Server.Admin;
using Beffroi.Vault;
using Microsoft.Extensions.DependencyInjection;

namespace Beffroi.Demonstration;

/// <summary>A town hall of the demonstration.</summary>
internal sealed record Town(MemberId Id, VaultId Vault, string Name, string Kit, Caller Referent);

/// <summary>Makes the operator, its members, people and computers, by the same services as the server's commands and
/// pages.</summary>
internal sealed class Syndicate(PastServer server, MovableTime time, string computers, string password)
{
    private const string Actor = "admin:demonstration";
    private const string Origin = "192.0.2.17"; // Reserved for examples (RFC 5737).

    private int _computers;

    internal Caller Director { get; private set; } = Caller.System(Actor);

    internal async Task NameAsync(string name, string siret)
    {
        await server.Get<MemberDirectory>().NameOperatorAsync(name, Siret.Parse(siret), CancellationToken.None);
        Director = await AddPersonAsync(
            "olive.ferrand@syndicat.example", "Olive Ferrand", Role.Direction, member: null);
        await AddPersonAsync("karim.hadj@syndicat.example", "Karim Hadj", Role.Support, member: null);
    }

    /// <summary>A member with its vault, its kit, and its référent.</summary>
    internal async Task<Town> AddTownAsync(
        string name, string siret, int population, int level, string referentEmail, string referent)
    {
        var made = await CreateMember.MakeAsync(
            server.Services, new NewMember(name, Siret.Parse(siret), population, level), Actor, CancellationToken.None);
        var id = new MemberId(made.MemberId);
        return new Town(
            id, new VaultId(made.VaultId), name, made.Kit,
            await AddPersonAsync(referentEmail, referent, Role.Referent, id));
    }

    internal async Task<Caller> AddPersonAsync(string email, string name, Role role, MemberId? member)
    {
        await using var scope = server.Services.CreateAsyncScope();
        var added = await scope.ServiceProvider.GetRequiredService<PeopleDesk>().AddAsync(
            Caller.System(Actor), new NewPerson(email, name, role, member), password, CancellationToken.None);
        return added is AddedPerson.Done done
            ? Caller.Of(done.Id, name, Origin, [new RoleGrant(role, member)])
            : throw new InvalidOperationException($"{email} was not added: {added}");
    }

    /// <summary>A computer that is enrolled, planned, signed for by the référent, and holds some years of
    /// work.</summary>
    internal async Task<Computer> AddComputerAsync(Town town, string name, DeviceKind kind)
    {
        var computer = new Computer(
            Path.Combine(computers, name), name, HourOf(kind).AddMinutes(7 * _computers), time, ++_computers);
        computer.Work.Begin(time.GetUtcNow());
        Directory.CreateDirectory(computer.OuterFolder);
        await File.WriteAllTextAsync(Path.Combine(computer.OuterFolder, "archives.txt"), "Registres de 1789 à 1950");
        var outcome = await server.Get<EnrolmentDesk>().IssueAsync(
            Director, new NewToken(town.Id, kind, name), CancellationToken.None);
        if (outcome is not TokenOutcome.Issued issued)
            throw new InvalidOperationException($"{name} got no token: {outcome}");
        await computer.EnrolAsync(server.Address, issued.Token);
        await PlanAsync(town, computer);
        return computer;
    }

    /// <summary>Within the hours that the plans propose: servers at night, the others at noon or on the way.</summary>
    private static TimeOnly HourOf(DeviceKind kind) => kind switch
    {
        DeviceKind.Server => new TimeOnly(1, 5),
        DeviceKind.Laptop => new TimeOnly(10, 40),
        _ => new TimeOnly(12, 10),
    };

    private async Task PlanAsync(Town town, Computer computer)
    {
        var plans = server.Get<PlanDesk>();
        var proposed = await plans.ProposeAsync(Director, computer.Id, CancellationToken.None)
            ?? throw new InvalidOperationException($"Nothing is proposed for '{computer.Name}'.");
        var content = proposed with
        {
            Scope = proposed.Scope with { Include = [computer.DocumentsFolder, computer.OuterFolder] },
        };
        await plans.ReviseAsync(Director, computer.Id, content, basedOn: 0, CancellationToken.None);
        await plans.SignOffAsync(town.Referent, computer.Id, revision: 1, CancellationToken.None);
        await computer.CheckInAsync(); // Takes the plan.
        await computer.BackUpAsync(RunTrigger.Manual);
    }
}
