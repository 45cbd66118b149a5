using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Beffroi.Identity.Provisioning;

namespace Beffroi.Connectors.Scim;

/// <summary>Tells services of accounts by SCIM 2.0 (RFC 7643, RFC 7644). An account is made by POST, changed as a whole
/// by PUT, shut by <c>active: false</c>, and never deleted: what a person left at the service is the
/// service's.</summary>
internal sealed class ScimTransport(HttpClient http) : IAccountTransport
{
    internal const string UserSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
    internal const string WorkSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    private const string ContentType = "application/scim+json";
    private const int AnswerBytesMax = 1 << 20;

    /// <summary>Follows no redirect: the token is for this address.</summary>
    internal static HttpClient NewHttp() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = TimeSpan.FromSeconds(20),
        MaxResponseContentBufferSize = AnswerBytesMax,
    };

    public async Task<string> PutAsync(
        AccountAddress service, string? remoteId, OutgoingAccount account, CancellationToken cancellationToken)
    {
        if (remoteId is not null)
        {
            var changed = await SendAsync(
                service, HttpMethod.Put, $"Users/{Uri.EscapeDataString(remoteId)}", account, cancellationToken);
            if (changed.Status is HttpStatusCode.OK or HttpStatusCode.NoContent) return remoteId;
            if (changed.Status != HttpStatusCode.NotFound) throw Refused(service, changed);
            if (!account.IsActive) return remoteId; // Somebody deleted it there: as shut as can be.
        }
        var made = await SendAsync(service, HttpMethod.Post, "Users", account, cancellationToken);
        if (made.Status == HttpStatusCode.Created) return IdOf(made.Text) ?? throw Refused(service, made);
        if (made.Status != HttpStatusCode.Conflict) throw Refused(service, made);

        // Ours, of which the answer was lost, or somebody else's of that name: only the first may be taken over.
        var own = await FindOwnAsync(service, account, cancellationToken);
        if (own is null || own == remoteId) throw Refused(service, made);
        return await PutAsync(service, own, account, cancellationToken);
    }

    private async Task<string?> FindOwnAsync(
        AccountAddress service, OutgoingAccount account, CancellationToken cancellationToken)
    {
        var filter = Uri.EscapeDataString($"externalId eq \"{account.Person:D}\"");
        var found = await SendAsync(
            service, HttpMethod.Get, $"Users?filter={filter}", account: null, cancellationToken);
        if (found.Status != HttpStatusCode.OK) throw Refused(service, found);

        // A service that does not know the filter answers with everybody.
        return Parse(found.Text) is JsonObject list && list["Resources"] is JsonArray resources
            ? resources.OfType<JsonObject>()
                .Where(user => TextOf(user["externalId"]) == account.Person.ToString("D"))
                .Select(user => TextOf(user["id"])).FirstOrDefault(IsId)
            : null;
    }

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(
        AccountAddress service, HttpMethod method, string path, OutgoingAccount? account,
        CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(
            method, new Uri($"{service.Address.AbsoluteUri.TrimEnd('/')}/{path}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", service.Secret);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(ContentType));
        if (account is not null)
            request.Content = new StringContent(ToJson(account).ToJsonString(), Encoding.UTF8, ContentType);
        try
        {
            using var answer = await http.SendAsync(request, cancellationToken);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (HttpRequestException exception)
        {
            throw new AccountRefusedException(
                $"{service.Address.Host} does not answer: {exception.Message}", RefusalScope.Everything, exception);
        }
        catch (TaskCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AccountRefusedException(
                $"{service.Address.Host} does not answer in time.", RefusalScope.Everything, exception);
        }
    }

    private static JsonObject ToJson(OutgoingAccount account)
    {
        var json = new JsonObject
        {
            ["schemas"] = new JsonArray(UserSchema, WorkSchema),
            ["externalId"] = account.Person.ToString("D"),
            ["userName"] = account.UserName,
            ["displayName"] = account.Name,
            ["name"] = new JsonObject { ["formatted"] = account.Name },
            ["emails"] = new JsonArray(new JsonObject
            {
                ["value"] = account.UserName, ["type"] = "work", ["primary"] = true,
            }),
            ["active"] = account.IsActive,
            ["roles"] = new JsonArray(
                [.. account.Roles.Select(role => (JsonNode)new JsonObject { ["value"] = role })]),
        };
        if (account.Organization is { } member) json[WorkSchema] = new JsonObject { ["organization"] = member };
        return json;
    }

    /// <summary>A token that is not taken, too many requests and failures of the service pass; what it says of this one
    /// account does not.</summary>
    private static AccountRefusedException Refused(AccountAddress service, (HttpStatusCode Status, string Text) answer)
    {
        var isOfThisOne = (int)answer.Status is >= 400 and < 500
            and not (401 or 403 or 408 or 429) || answer.Status == HttpStatusCode.Created;
        var detail = Parse(answer.Text) is JsonObject json ? TextOf(json["detail"]) : null;
        return new AccountRefusedException(
            $"{service.Address.Host} answered {(int)answer.Status}: {detail ?? "no reason given"}",
            isOfThisOne ? RefusalScope.ThisAccount : RefusalScope.Everything);
    }

    private static string? IdOf(string text) =>
        Parse(text) is JsonObject json && TextOf(json["id"]) is { } id && IsId(id) ? id : null;

    private static bool IsId(string? id) => id is { Length: > 0 and <= 255 } && !id.Any(char.IsControl);

    private static string? TextOf(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
