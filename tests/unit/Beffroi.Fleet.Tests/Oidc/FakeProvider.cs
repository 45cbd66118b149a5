using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Beffroi.Identity.External;
using Beffroi.Identity.Oidc.Jose;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace Beffroi.Fleet.Tests.Oidc;

/// <summary>A provider without a network, whose every answer a test may spoil.</summary>
internal sealed class FakeProvider : HttpMessageHandler
{
    internal const string Issuer = "https://fournisseur.example/api/v2";
    internal const string ComeBack = "https://portail.example.fr/connexion/externe/retour";

    private readonly JwsKey _key = JwsKey.Create(JwsKey.Es256);

    internal JsonObject Info { get; } = new()
    {
        ["iss"] = Issuer, ["aud"] = "portail", ["sub"] = "pc-1", ["email"] = "luc@arvigny.example",
        ["given_name"] = "Luc", ["usual_name"] = "Petit", ["siret"] = "21450003300011",
    };

    internal string DiscoveredIssuer { get; set; } = Issuer;
    internal bool SignsInfo { get; set; } = true;
    internal JwsKey? ForgesWith { get; set; }
    internal Action<JsonObject>? ChangeToken { get; set; }
    internal string Nonce { get; set; } = "";
    internal List<string> Asked { get; } = [];

    internal void Replace(IServiceCollection services) => services.AddSingleton(provider => new ProviderConnection(
        new HttpClient(this, disposeHandler: false), provider.GetRequiredService<TimeProvider>()));

    /// <summary>Goes there and comes back with a code, as a browser does.</summary>
    internal Dictionary<string, string> Visit(string address)
    {
        var asked = QueryHelpers.ParseQuery(new Uri(address).Query);
        Nonce = asked["nonce"].ToString();
        return new Dictionary<string, string>
        {
            ["code"] = "code-1", ["state"] = asked["state"].ToString(), ["iss"] = Issuer,
        };
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        if (request.Content is { } content) Asked.Add(await content.ReadAsStringAsync(cancellationToken));
        return path switch
        {
            "/api/v2/.well-known/openid-configuration" => Json(new JsonObject
            {
                ["issuer"] = DiscoveredIssuer,
                ["authorization_endpoint"] = $"{Issuer}/authorize",
                ["token_endpoint"] = $"{Issuer}/token",
                ["userinfo_endpoint"] = $"{Issuer}/userinfo",
                ["jwks_uri"] = $"{Issuer}/jwks",
                ["end_session_endpoint"] = $"{Issuer}/session/end",
            }),
            "/api/v2/jwks" => Json(new JsonObject { ["keys"] = new JsonArray(_key.ToJwk()) }),
            "/api/v2/token" => Json(new JsonObject { ["access_token"] = "a", ["id_token"] = IdToken() }),
            "/api/v2/userinfo" when SignsInfo => Text(JsonWebToken.Sign(Info, ForgesWith ?? _key), "application/jwt"),
            "/api/v2/userinfo" => Json(Info.DeepClone().AsObject()),
            _ => new HttpResponseMessage(HttpStatusCode.NotFound),
        };
    }

    private string IdToken()
    {
        var claims = new JsonObject
        {
            ["iss"] = Issuer, ["aud"] = "portail", ["sub"] = "pc-1", ["nonce"] = Nonce, ["acr"] = "eidas1",
            ["iat"] = SteppedStart, ["exp"] = SteppedStart + 60,
        };
        ChangeToken?.Invoke(claims);
        return JsonWebToken.Sign(claims, ForgesWith ?? _key);
    }

    // The tests' clock begins there.
    private static readonly long SteppedStart =
        new DateTimeOffset(2026, 3, 1, 2, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    private static HttpResponseMessage Json(JsonObject json) => Text(json.ToJsonString(), "application/json");

    private static HttpResponseMessage Text(string text, string type) =>
        new(HttpStatusCode.OK) { Content = new StringContent(text, Encoding.UTF8, type) };
}
