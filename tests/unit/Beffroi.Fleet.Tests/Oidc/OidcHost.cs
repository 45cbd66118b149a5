using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Beffroi.Fleet.KeyService;
using Beffroi.Fleet.Tests.Integration;
using Beffroi.Fleet.Tests.People;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Identity.Mail;
using Beffroi.Identity.Oidc;
using Beffroi.Identity.Oidc.Authorize;
using Beffroi.Identity.Oidc.Jose;
using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.People;
using Beffroi.Identity.SignIn;
using Beffroi.Server.Database;
using Beffroi.Vault.Stores;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Beffroi.Fleet.Tests.Oidc;

/// <summary>The provider on a loopback port with a real database and a clock that the test moves. The pages are not
/// there: tests ask the desks behind them.</summary>
internal sealed class OidcHost : IAsyncDisposable
{
    internal const string Back = "https://mail.example.org/oidc/callback";
    internal const string AfterSignOut = "https://mail.example.org/bye";
    internal const string Password = "le clocher sonne tard";
    internal static readonly Caller Admin = Caller.System("admin:test");

    private readonly string _keys = Directory.CreateTempSubdirectory("beffroi-keys-").FullName;
    private readonly WebApplication _app;

    private OidcHost(string database, Action<IServiceCollection>? change)
    {
        var keyFile = Path.Combine(_keys, "server.json");
        KeyFile.CreateIfAbsent(keyFile, Time);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton(_ => KeyFile.Load(keyFile))
            .AddSingleton(_ => NpgsqlDataSource.Create(database))
            .AddSingleton(_ => new PeopleDatabase(database))
            .AddSingleton<IBlobStore>(new MemoryBlobStore())
            .AddSingleton<IPeopleLetters, PlainLetters>()
            .AddIdentity(new SignInOptions { PasswordRounds = 1000 })
            .AddFleet()
            .AddSingleton<SchemaUpgrade>();
        change?.Invoke(builder.Services);
        _app = builder.Build();
        _app.MapOidc();
    }

    internal SteppedTime Time { get; } = new();
    internal HttpClient Http { get; private set; } = null!; // Set once the port is known.
    internal string Issuer => Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
    internal MemberId Member { get; private set; }

    internal static async Task<OidcHost> StartAsync(
        TestCluster cluster, Action<IServiceCollection>? change = null)
    {
        var host = new OidcHost(await cluster.CreateDatabaseAsync(), change);
        await host.Get<SchemaUpgrade>().RunAsync(mayChange: true, CancellationToken.None);
        await host._app.StartAsync();
        host.Http = new HttpClient { BaseAddress = new Uri(host._app.Urls.Single()) };
        await host.Get<MemberDirectory>().NameOperatorAsync(
            "Syndicat du Clocher", Siret.Parse("20006125700016"), CancellationToken.None);
        host.Member = await host.AddMemberAsync("Arvigny", "21450003300011");
        return host;
    }

    internal T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    internal IdentityDb Open() => Get<IDbContextFactory<IdentityDb>>().CreateDbContext();

    internal async Task<MemberId> AddMemberAsync(string name, string siret) =>
        (await Get<MemberDirectory>().AddMemberAsync(
            new NewMember(name, Siret.Parse(siret), 812, 1), CancellationToken.None)).Member.Id;

    internal async Task<PersonId> AddPersonAsync(string email, Role role, MemberId? member)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        var added = await scope.ServiceProvider.GetRequiredService<PeopleDesk>().AddAsync(
            Admin, new NewPerson(email, "Jeanne Morel", role, member), Password, CancellationToken.None);
        return Assert.IsType<AddedPerson.Done>(added).Id;
    }

    internal async Task<OpenedSession> SignInAsync(string email)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        var outcome = await scope.ServiceProvider.GetRequiredService<SignInDesk>().TryPasswordAsync(
            email, Password, new Visitor("192.0.2.7", "test"), CancellationToken.None);
        return Assert.IsType<SignInOutcome.Admitted>(outcome).Session;
    }

    /// <summary>Somebody of the member, signed in.</summary>
    internal async Task<OpenedSession> SomebodyAsync(string email = "jeanne@arvigny.example")
    {
        await AddPersonAsync(email, Role.Referent, Member);
        return await SignInAsync(email);
    }

    internal async Task<TestParty> RegisterAsync(Func<RelyingPartyForm, RelyingPartyForm>? change = null)
    {
        var form = new RelyingPartyForm(
            "Messagerie", null, PartyKind.Confidential, "https://mail.example.org/", [Back], [AfterSignOut],
            OidcScope.All, RequiresPkce: true, JwsKey.Rs256, MayUseDevices: true, IsForAllMembers: true,
            IsForStaff: true, []);
        var saved = await Get<RelyingPartyDesk>().AddAsync(
            Admin, change?.Invoke(form) ?? form, logo: null, CancellationToken.None);
        var done = Assert.IsType<SavedParty.Done>(saved);
        return new TestParty(done.Id, done.Secret);
    }

    /// <summary>Asks as a service does by way of the browser; a null takes a usual parameter away.</summary>
    internal Task<AuthorizeOutcome> AskAsync(
        TestParty party, OpenedSession? session, params (string Name, string? Value)[] parameters)
    {
        var query = new Dictionary<string, string?>
        {
            ["client_id"] = party.ClientId,
            ["redirect_uri"] = Back,
            ["response_type"] = "code",
            ["scope"] = "openid profile email siret roles offline_access",
            ["state"] = "état & 100 % = vrai",
            ["nonce"] = "n-1",
            ["code_challenge"] = party.Challenge,
            ["code_challenge_method"] = "S256",
        };
        foreach (var (name, value) in parameters) query[name] = value;
        return AskAsync(query, session);
    }

    /// <summary>Goes on with an address that a page led to.</summary>
    internal Task<AuthorizeOutcome> AskAgainAsync(string address, OpenedSession? session) =>
        Get<AuthorizeDesk>().DecideAsync(
            QueryHelpers.ParseQuery(new Uri(new Uri(Issuer), address).Query), session?.Id, Issuer,
            CancellationToken.None);

    internal async Task<string> CodeAsync(
        TestParty party, OpenedSession session, params (string Name, string? Value)[] parameters)
    {
        var back = Assert.IsType<AuthorizeOutcome.GoBack>(await AskAsync(party, session, parameters));
        return AnswerOf(back)["code"];
    }

    internal static Dictionary<string, string> AnswerOf(AuthorizeOutcome outcome) =>
        QueryHelpers.ParseQuery(new Uri(Assert.IsType<AuthorizeOutcome.GoBack>(outcome).Address).Query)
            .ToDictionary(each => each.Key, each => each.Value.ToString());

    /// <summary>Exchanges a code as the service should; a null takes a usual parameter away.</summary>
    internal Task<(int Status, JsonElement Json)> RedeemAsync(
        TestParty party, string code, params (string Name, string? Value)[] parameters) =>
        PostAsync("/oidc/token", party,
        [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Back),
            ("code_verifier", TestParty.Verifier), .. parameters,
        ]);

    internal Task<(int Status, JsonElement Json)> RefreshAsync(
        TestParty party, string token, params (string Name, string? Value)[] parameters) =>
        PostAsync(
            "/oidc/token", party, [("grant_type", "refresh_token"), ("refresh_token", token), .. parameters]);

    /// <summary>Posts a form with the service's proof: by header, or the id alone of one without secret.</summary>
    internal async Task<(int Status, JsonElement Json)> PostAsync(
        string path, TestParty party, params (string Name, string? Value)[] parameters)
    {
        var form = new Dictionary<string, string?>();
        foreach (var (name, value) in parameters) form[name] = value;
        if (party.Secret is null) form["client_id"] = party.ClientId;
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(form.Where(each => each.Value is not null)!),
        };
        if (party.Secret is { } secret)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{party.ClientId}:{secret}")));
        }
        return await SendAsync(request);
    }

    internal async Task<(int Status, JsonElement Json)> UserInfoAsync(string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/oidc/userinfo");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        return await SendAsync(request);
    }

    /// <summary>Signs a whole code for tokens.</summary>
    internal async Task<JsonElement> TokensAsync(TestParty party, OpenedSession session)
    {
        var (status, json) = await RedeemAsync(party, await CodeAsync(party, session));
        Assert.Equal(200, status);
        return json;
    }

    /// <summary>Reads an identity token with the keys that the provider publishes, as a service does.</summary>
    internal async Task<TokenReading> ReadAsync(string token, TestParty party, string? nonce)
    {
        using var keys = JsonDocument.Parse(await Http.GetStringAsync("/oidc/jwks"));
        var known = keys.RootElement.GetProperty("keys").EnumerateArray().Select(JwsKey.FromJwk).ToList();
        return JsonWebToken.Read(token, known.ConvertAll(key => key!), new TokenExpectation
        {
            Issuer = Issuer,
            Audience = party.ClientId,
            Nonce = nonce,
            Now = Time.GetUtcNow(),
        });
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_keys, recursive: true);
    }

    internal async Task<(int Status, JsonElement Json)> SendAsync(HttpRequestMessage request)
    {
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        using var json = text.Length > 0 ? JsonDocument.Parse(text) : JsonDocument.Parse("{}");
        return ((int)response.StatusCode, json.RootElement.Clone());
    }

    private Task<AuthorizeOutcome> AskAsync(Dictionary<string, string?> query, OpenedSession? session) =>
        AskAgainAsync(QueryHelpers.AddQueryString(
            AuthorizeDesk.Path, query.Where(each => each.Value is not null)), session);
}

/// <summary>A service as it knows itself.</summary>
internal sealed record TestParty(Guid Id, string? Secret)
{
    internal const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"; // RFC 7636, appendix B.

    internal string ClientId => Id.ToString("N");

    internal string Challenge { get; } =
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));
}
