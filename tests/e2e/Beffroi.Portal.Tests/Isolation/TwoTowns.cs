using System.Text;
using System.Text.RegularExpressions;
using Beffroi.Protocol;
using Beffroi.Testing;

namespace Beffroi.Portal.Tests.Isolation;

/// <summary>Arvigny, which has something of everything, and Beaulieu, whose référent and computer try to get at it. A
/// site of its own: what lies here would be in the other tests' way.</summary>
public sealed class TwoTowns : Site
{
    internal const string AgentEmail = "paul.girard@arvigny.example";
    internal const string StrangerEmail = "lucie.blanc@beaulieu.example";
    internal const string VictimEmail = "rene.petit@arvigny.example";
    private const string VictimName = "René Petit";
    private const string DeviceName = "poste-du-tresor";
    private const string AwaitedName = "poste-attendu";

    private HttpClient? _http;
    private TestAgent? _ours;
    private TestAgent? _theirs;
    private TestSnapshot? _snapshot;

    /// <summary>A computer of Arvigny.</summary>
    internal TestAgent Ours => _ours ?? throw NotFilled();

    /// <summary>A computer of Beaulieu.</summary>
    internal TestAgent Theirs => _theirs ?? throw NotFilled();

    /// <summary>What Arvigny's computer backed up.</summary>
    internal TestSnapshot Snapshot => _snapshot ?? throw NotFilled();

    internal string Member { get; private set; } = "";
    internal string Victim { get; private set; } = "";
    internal string Role { get; private set; } = "";
    internal string Session { get; private set; } = "";
    internal Guid Run { get; } = new(7, 7, 7, new byte[8]);
    internal Guid Order { get; private set; }
    internal string Contact { get; private set; } = "";
    internal string Admission { get; private set; } = "";
    internal string Consent { get; private set; } = "";

    /// <summary>A service that Arvigny alone has.</summary>
    internal Guid Service { get; private set; }

    /// <summary>An open code for a computer that has not come yet, by its id and its text.</summary>
    internal (string Id, string Token) Code { get; private set; }

    /// <summary>What no page may show to somebody without a right to it, wherever they work.</summary>
    internal IReadOnlyList<string> Secrets =>
    [
        DeviceName, Ours.Device.ToString(), Ours.Vault.ToString(), Snapshot.Commit.Id.ToString(), $"{Run}", $"{Order}",
        Victim, Session, VictimName, VictimEmail, Contact, Admission,
        Victim, Session, VictimName, VictimEmail, AwaitedName, Code.Id, Code.Token,
    ];

    /// <summary>What moreover nobody of another town may see.</summary>
    internal IReadOnlyList<string> TownSecrets => [.. Secrets, Member, "Arvigny", ReferentEmail, "Jeanne Morel", Role];

    /// <summary>Ids whose rows nothing that a stranger does may change.</summary>
    internal IReadOnlyList<string> Ids =>
    [
        Member, Victim, Ours.Device.ToString(), Ours.Vault.ToString(), $"{Run}", $"{Order}", $"{Service}", Contact,
        Admission, Code.Id,
    ];

    /// <summary>A path with ids of Arvigny in the place of their names.</summary>
    internal string Fill(string path) => path
        .Replace("{member}", Member, StringComparison.Ordinal)
        .Replace("{device}", Ours.Device.ToString(), StringComparison.Ordinal)
        .Replace("{run}", $"{Run}", StringComparison.Ordinal)
        .Replace("{order}", $"{Order}", StringComparison.Ordinal)
        .Replace("{service}", $"{Service}", StringComparison.Ordinal)
        .Replace("{consent}", Consent, StringComparison.Ordinal)
        .Replace("{person}", Victim, StringComparison.Ordinal)
        .Replace("{role}", Role, StringComparison.Ordinal)
        .Replace("{reason}", "LastRunFailed", StringComparison.Ordinal)
        .Replace("{held}", "Referent", StringComparison.Ordinal)
        .Replace("{preset}", "sauvegarde", StringComparison.Ordinal)
        .Replace("{contact}", Contact, StringComparison.Ordinal)
        .Replace("{admission}", Admission, StringComparison.Ordinal)
        .Replace("{code}", Code.Id, StringComparison.Ordinal)
        .Replace("{session}", Session, StringComparison.Ordinal)
        .Replace("{pack}", Snapshot.Data.Id.ToString(), StringComparison.Ordinal)
        .Replace("{snapshot}", Snapshot.Commit.Id.ToString(), StringComparison.Ordinal);

    internal override async Task FillAsync()
    {
        await base.FillAsync();
        Member = await MemberAsync(ArvignySiret);
        Victim = await AddPersonAsync(VictimEmail, VictimName, "agent");
        await AddPersonAsync(AgentEmail, "Paul Girard", "agent");
        await AddPersonAsync(StrangerEmail, "Lucie Blanc", "referent", BeaulieuSiret);
        _http = new HttpClient { BaseAddress = Address };
        _theirs = await EnrolAsync(BeaulieuSiret, "mairie-de-beaulieu");
        _ours = await EnrolAsync(ArvignySiret, DeviceName);
        _snapshot = await Ours.BackUpAsync([.. "Le trésor de la commune"u8]);
        // One that people can read, a picture so that it can be looked at; whoever gets its bytes has the secret.
        await new TestTree().File($"{DeviceName}.png", [.. Samples.Picture, .. Encoding.UTF8.GetBytes(DeviceName)])
            .BackUpAsync(Ours, sequence: 2, Snapshot.Commit.Id);
        await ReportFailedRunAsync();
        await UsePortalAsync();
        var service = await AdminAsync(
            "register-service", "--name", "Urbanisme", "--address", "https://urbanisme.example/", "--redirect",
            "https://urbanisme.example/retour", "--member", Member);
        Service = Guid.Parse(service.GetProperty("clientId").GetString()!); // Always there, see AdminJson.
        await JoinAsync();
    }

    private async Task<TestAgent> EnrolAsync(string siret, string name)
    {
        var issued = await AdminAsync("enrolment-token", "--member", await MemberAsync(siret));
        var agent = new TestAgent(_http ?? throw NotFilled()) { Clock = TimeProvider.System.GetUtcNow() };
        using var answer = await agent.TryEnrolAsync(issued.GetProperty("token").GetString()!, name); // Always there.
        agent.Identity = await TestAgent.ReadAsync(answer, ProtocolJson.Default.EnrolmentAnswer);
        await agent.OpenSessionAsync();
        return agent;
    }

    private async Task ReportFailedRunAsync()
    {
        await Ours.OpenSessionAsync("plan");
        await Ours.CheckInAsync(request => request with
        {
            Uncovered = [new UncoveredMessage("/srv/paie", "folder", Files: 12, Bytes: 6_000_000_000)],
        });
        var copy = new Guid(8, 8, 8, new byte[8]);
        await Ours.CheckInAsync(request => request with { Start = copy, HostName = "copie" });
        await Ours.CheckInAsync(); // Two computers that take turns.
        using var answer = await Ours.ReportRunAsync(Run);
        answer.EnsureSuccessStatusCode();
        await Ours.OpenSessionAsync();
    }

    /// <summary>The référent plans, orders and notes something, so that there is something to spoil.</summary>
    private async Task UsePortalAsync()
    {
        using var elsewhere = await Visitor.SignInAsync(this, ReferentEmail);
        using var referent = await Visitor.SignInAsync(this, ReferentEmail);
        var device = Fill("/postes/{device}");
        await referent.PostAsync(device, "proposer");
        await referent.PostAsync(device, "sauvegarder");
        await referent.PostAsync(
            device, "vu", ("Reason", "LastRunFailed"), ("Note", "Olive s'en occupe"), ("Days", "3"));
        var orders = await AdminAsync("list-orders", "--device", Ours.Device.ToString());
        Order = orders.GetProperty("orders")[0].GetProperty("orderId").GetGuid();
        using var staff = await Visitor.SignInAsync(this, OperatorEmail);
        await staff.PostAsync(Fill("/restaurer/{device}/2"), "accord", ("Reason", "Aider"), ("Hours", "2"));
        Consent = IdIn(await referent.GetAsync("/accords"), "accorder-");
        Role = IdIn(await referent.GetAsync($"/utilisateurs/{Victim}"), "retirer-");
        Code = await AwaitAsync(referent);
        Session = IdIn(await referent.GetAsync("/compte"), "fermer-");
    }

    /// <summary>The operator knows somebody at Arvigny, and leads it to an offer.</summary>
    private async Task JoinAsync()
    {
        using var staff = await Visitor.SignInAsync(this, OperatorEmail);
        await staff.PostAsync("/parametres/offres", "ouvrir-bouquet");
        var saved = await staff.PostAsync(
            Fill("/collectivites/{member}/contacts/nouveau"), "contact", ("Fields.Name", "Secrétariat"));
        Contact = LastPartOf(saved, "/contacts/");
        var opened = await staff.PostAsync(Fill("/collectivites/{member}"), "dossier", ("Offer", "bouquet"));
        Admission = LastPartOf(opened, "/dossiers/");
    }

    private static string LastPartOf(Reply reply, string before) => reply.Location?.Split(before) is [_, var rest]
        ? rest.Split('?')[0]
        : throw new InvalidOperationException($"Not saved: {reply.Status} {reply.Body}");

    private static async Task<(string Id, string Token)> AwaitAsync(Visitor referent)
    {
        var reply = await referent.PostAsync(
            "/postes/ajouter", "ajouter", ("Name", AwaitedName), ("Kind", "Laptop"), ("System", "Other"));
        var page = new Uri(new Uri("http://site"), reply.Location);
        var body = (await referent.GetAsync(page.PathAndQuery)).Body;
        var token = Regex.Match(body, @"bef1\.[A-Za-z0-9_-]+", RegexOptions.None, TimeSpan.FromSeconds(1));
        return (page.Segments[^1], token.Value);
    }

    private static string IdIn(Reply page, string prefix) =>
        Regex.Match(page.Body, prefix + "([0-9a-f]{32})", RegexOptions.None, TimeSpan.FromSeconds(1)) is
        { Success: true } match
            ? match.Groups[1].Value
            : throw new InvalidOperationException($"No '{prefix}' in: {page.Body}");

    private static InvalidOperationException NotFilled() => new("The towns have not been built.");
}

/// <summary>The tests that share them.</summary>
[CollectionDefinition]
public sealed class TwoTownsTests : ICollectionFixture<TwoTowns>;
