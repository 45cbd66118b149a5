using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using Beffroi.Connectors.Scim;

namespace Beffroi.Fleet.Tests.Provisioning;

/// <summary>A service's SCIM end points without a network, as RFC 7644 has them, strict where it is: content types, the
/// token, unique user names.</summary>
internal sealed class FakeScim : HttpMessageHandler
{
    internal const string Address = "https://drive.example.org/scim/v2";
    private const string Prefix = "/scim/v2/Users";

    private int _number;

    internal Dictionary<string, JsonObject> Users { get; } = new(StringComparer.Ordinal);
    internal List<string> Asked { get; } = [];
    internal string Token { get; set; } = "jeton";
    internal bool IsDown { get; set; }

    /// <summary>Does what it is asked, and then the answer does not arrive.</summary>
    internal bool LosesAnswers { get; set; }

    /// <summary>What it says to everything, whatever is asked.</summary>
    internal string? Nonsense { get; set; }

    internal JsonObject Of(string userName) => Users.Values.Single(user => (string?)user["userName"] == userName);

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (IsDown) throw new HttpRequestException("Connection refused");
        Asked.Add(request.Method.Method);
        if (Nonsense is not null)
            return new HttpResponseMessage(HttpStatusCode.Created) { Content = new StringContent(Nonsense) };
        var answer = await AnswerAsync(request, cancellationToken);
        return LosesAnswers ? throw new HttpRequestException("Connection reset") : answer;
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Headers.Authorization?.ToString() != $"Bearer {Token}")
            return Error(HttpStatusCode.Unauthorized, "Who are you?");
        Assert.Contains(request.Headers.Accept, each => each.MediaType == "application/scim+json");
        var path = request.RequestUri!.AbsolutePath;
        Assert.StartsWith(Prefix, path, StringComparison.Ordinal);
        if (request.Method == HttpMethod.Get) return Find(request.RequestUri.Query);

        Assert.Equal("application/scim+json", request.Content!.Headers.ContentType?.MediaType);
        var user = JsonNode.Parse(await request.Content.ReadAsStringAsync(cancellationToken))!.AsObject();
        Assert.Contains(ScimTransport.UserSchema, user["schemas"]!.AsArray().Select(each => (string?)each));
        var id = path.Length > Prefix.Length ? Uri.UnescapeDataString(path[(Prefix.Length + 1)..]) : null;
        if (id is not null && !Users.ContainsKey(id)) return Error(HttpStatusCode.NotFound, "No such user.");
        if (Users.Any(each => each.Key != id && (string?)each.Value["userName"] == (string?)user["userName"]))
            return Error(HttpStatusCode.Conflict, "The userName is taken.");

        var status = id is null ? HttpStatusCode.Created : HttpStatusCode.OK;
        id ??= $"u/{++_number}"; // An id is whatever the service likes.
        user["id"] = id;
        Users[id] = user;
        return Json(status, user);
    }

    private HttpResponseMessage Find(string query)
    {
        var filter = HttpUtility.ParseQueryString(query)["filter"]!;
        Assert.Matches("^externalId eq \"[0-9a-f-]{36}\"$", filter);
        var found = Users.Values.Where(user => filter.Contains($"\"{user["externalId"]}\"", StringComparison.Ordinal));
        return Json(HttpStatusCode.OK, new JsonObject
        {
            ["Resources"] = new JsonArray([.. found.Select(user => user.DeepClone())]),
        });
    }

    private static HttpResponseMessage Error(HttpStatusCode status, string detail) =>
        Json(status, new JsonObject { ["status"] = $"{(int)status}", ["detail"] = detail });

    private static HttpResponseMessage Json(HttpStatusCode status, JsonObject json) =>
        new(status) { Content = new StringContent(json.ToJsonString(), Encoding.UTF8, "application/scim+json") };
}
