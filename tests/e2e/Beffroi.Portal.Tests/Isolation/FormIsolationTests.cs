using System.Net;
using System.Text.RegularExpressions;
using Beffroi.Server.Configuration;
using Beffroi.Server.Database;
using Npgsql;

namespace Beffroi.Portal.Tests.Isolation;

/// <summary>A form that a stranger sends, with a token of their own and ids of somebody else.</summary>
/// <param name="Name">As the page names it; what a name ends with is an id of theirs.</param>
internal sealed record ForeignForm(string Page, string Name, params (string Name, string Value)[] Fields);

/// <summary>Every form of the portal, sent by the référent of another member: nothing of this member changes.</summary>
[Collection<TwoTownsTests>]
public sealed partial class FormIsolationTests(TwoTowns towns)
{
    private const string Device = "/postes/{device}";
    private const string Awaited = "/postes/ajouter/{code}";
    private const string Person = "/utilisateurs/{person}";
    private const string Service = "/services/{service}";
    private const string Town = "/collectivites/{member}";

    /// <summary>Forms that reach for something of a member.</summary>
    private static readonly ForeignForm[] Reaching =
    [
        new(Device, "sauvegarder"),
        new(Device, "vu", ("Reason", "LastRunFailed"), ("Note", "rien"), ("Days", "90")),
        new(Device, "rouvrir-{reason}"),
        new($"{Device}/hors-perimetre?chemin=%2Fsrv%2Fpaie", "couvrir"),
        new($"{Device}/hors-perimetre?chemin=%2Fsrv%2Fpaie", "laisser", ("Note", "rien")),
        new($"{Device}/doublon", "doublon"),
        new(Device, "proposer"),
        new(Device, "valider"),
        new("/demandes/{order}", "annuler"),
        new("/restaurer/{device}/2/renvoyer?e=top", "renvoyer-fichiers",
            ("Wish.Target", "Original"), ("Wish.Folder", "/srv"), ("Wish.Conflict", "Replace")),
        new("/restaurer/{device}/2", "accord", ("Reason", "par curiosité"), ("Hours", "72")),
        new("/accords", "accorder-{consent}"),
        new("/accords", "refuser-{consent}"),
        new("/accords", "reprendre-{consent}"),
        new("/postes/ajouter", "ajouter", ("Name", "intrus"), ("Kind", "Fixed"), ("System", "Other"),
            ("Member", "{member}")),
        new("/postes/ajouter", "revoquer-{code}"),
        new(Awaited, "revoquer"),
        new(Awaited, "adopter"),
        new(Person, "retirer-{role}"),
        new(Person, "donner", ("Fields.Role", "Referent"), ("Fields.Member", "{member}")),
        new(Person, "renvoyer"),
        new(Person, "reactiver"),
        new(Person, "desactiver"),
        new(Person, "sessions"),
        new(Person, "second"),
        new(Person, "compromis"),
        new("/compte", "fermer-{session}"),
        new(Service, "service", ("name", "Intrus"), ("address", "https://evil.example/"),
            ("redirect", "https://evil.example/"), ("members", "all")),
        new(Service, "secret"),
        new(Service, "etat"),
        new(Service, "comptes", ("Address", "https://evil.example/scim"), ("Secret", "intrus")),
        new(Service, "comptes-reessayer"),
        new(Service, "comptes-arreter"),
        new("/utilisateurs/inviter", "inviter", ("Name", "Intrus"), ("Email", "intrus@beaulieu.example"),
            ("Fields.Role", "Referent"), ("Fields.Member", "{member}")),
        new("/collectivites/nouvelle", "nouvelle", ("Fields.Siret", "26000009900015"), ("Fields.Name", "Intrus")),
        new(Town, "dossier", ("Offer", "bouquet")),
        new($"{Town}/modifier", "fiche", ("Fields.Name", "Intrus"), ("Fields.Phone", "01 02 03 04 05")),
        new($"{Town}/lieux/nouveau", "lieu", ("Fields.Name", "Intrus")),
        new($"{Town}/lieux/nouveau", "retirer-lieu"),
        new($"{Town}/materiel/nouveau", "materiel", ("Fields.Label", "Intrus"), ("Fields.Kind", "Fixed")),
        new($"{Town}/materiel/nouveau", "retirer-materiel"),
        new($"{Town}/contacts/nouveau", "contact", ("Fields.Name", "Intrus")),
        new($"{Town}/contacts/{{contact}}", "retirer-contact"),
        new($"{Town}/contacts/{{contact}}", "role", ("Role", "Referent"), ("From", "2026-01-01")),
        new($"{Town}/contacts/{{contact}}", "finir-{held}"),
        new($"{Town}/documents/nouveau", "document", ("Fields.Kind", "Charter"), ("Fields.Title", "Intrus")),
        new($"{Town}/documents/nouveau", "retirer-document"),
        new($"{Town}/diagnostic", "diagnostic", ("Fields.FixedCount", "1"), ("Act", "garder")),
        new($"{Town}/dossiers/{{admission}}", "etape"),
        new($"{Town}/dossiers/{{admission}}", "fermer", ("Motive", "Mistake")),
        new("/collectivites/import", "import", ("Known", "laisser")),
        new("/collectivites/import/{member}", "importer"),
        new("/parametres/offres", "ouvrir-{preset}"),
        new("/parametres/offres/bouquet", "offre", ("Fields.Name", "Intrus"), ("Fields.Rules", "[]")),
        new("/parametres", "carte", ("Fields.Name", "Intrus")),
        new("/plateforme", "reessayer"),
        new("/plateforme", "reessayer-{member}"),
        new("/plateforme", "oublier-{member}"),
    ];

    /// <summary>Forms that know nobody but who sends them, or nobody at all.</summary>
    private static readonly string[] OnesOwn =
    [
        "mot-de-passe", "cle", "code", "oublie", "choisir", "nom", "fermer-autres", "activer", "codes", "renommer-",
        "supprimer-", "reponse", "verifier", // The whole journal's check changes nothing.
    ];

    [Fact]
    public void Every_form_of_the_pages_stands_in_a_table()
    {
        var pages = Path.Combine(Repository.Root(), "src", "Beffroi.Portal");
        var forms = Directory.EnumerateFiles(pages, "*.razor", SearchOption.AllDirectories)
            .Where(file => !file.Contains("node_modules", StringComparison.Ordinal))
            .SelectMany(file => FormName().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .Distinct();
        string[] known = [.. Reaching.Select(form => form.Name.Split('{')[0]), .. OnesOwn];

        Assert.Empty(forms.Except(known).Select(form => $"{form}: say in FormIsolationTests what it reaches"));
    }

    [Fact]
    public async Task A_strangers_form_changes_nothing_here()
    {
        using var stranger = await Visitor.SignInAsync(towns, TwoTowns.StrangerEmail);
        using var agent = await Visitor.SignInAsync(towns, TwoTowns.AgentEmail);
        var before = await FingerprintsAsync();
        Assert.NotEmpty(before);
        foreach (var form in Reaching)
            foreach (var visitor in new[] { stranger, agent })
            {
                var reply = await visitor.PostAsync(
                    towns.Fill(form.Page), towns.Fill(form.Name),
                    [.. form.Fields.Select(field => (field.Name, towns.Fill(field.Value)))]);
                Assert.False(
                    reply is { Status: HttpStatusCode.Redirect, Location: { } to }
                        && to.Contains("fait=", StringComparison.Ordinal),
                    $"{form.Page} {form.Name}: {reply.Status} {reply.Location}");
                Assert.Equal(before, await FingerprintsAsync());
            }
    }

    /// <summary>Of each table, what its rows that name something of Arvigny amount to. Without the queue of mails,
    /// which a job works on.</summary>
    private async Task<SortedDictionary<string, string>> FingerprintsAsync()
    {
        await using var database = NpgsqlDataSource.Create(
            PrivatePostgres.ConnectionString(new DataFolder(towns.Data)));
        var tables = await ListAsync(database, """
            select format('%I.%I', schemaname, tablename) from pg_tables
            where schemaname in ('identity', 'fleet', 'business') and tablename <> 'mails'
            """);
        SortedDictionary<string, string> prints = new(StringComparer.Ordinal);
        foreach (var table in tables)
        {
            var rows = await ListAsync(database, $"""
                select md5(t::text) from {table} t
                where t::text like any (array[{string.Join(',', towns.Ids.Select(id => $"'%{id}%'"))}]) order by 1
                """);
            if (rows.Count > 0) prints[table] = string.Join(',', rows);
        }
        return prints;
    }

    private static async Task<List<string>> ListAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> found = [];
        while (await reader.ReadAsync()) found.Add(reader.GetString(0));
        return found;
    }

    [GeneratedRegex("""@formname="(?:@\(\$")?([a-z-]+)""", RegexOptions.None, 1000)]
    private static partial Regex FormName();
}
