using System.Net;
using System.Text.RegularExpressions;

namespace Beffroi.Portal.Tests.Isolation;

/// <summary>What came back.</summary>
internal sealed record Reply(HttpStatusCode Status, string? Location, string Body);

/// <summary>Somebody's browser without the browser: cookies, forms and their tokens, no redirect followed.</summary>
internal sealed partial class Visitor : IDisposable
{
    private readonly HttpClient _http;

    internal Visitor(Uri address) => _http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false })
    {
        BaseAddress = address,
    };

    internal static Task<Visitor> SignInAsync(Site site, string email) => SignInAsync(site.Address, email);

    internal static async Task<Visitor> SignInAsync(Uri address, string email)
    {
        var visitor = new Visitor(address);
        var reply = await visitor.PostAsync(
            "/connexion", "mot-de-passe", ("Email", email), ("Password", Site.Password));
        return reply.Status == HttpStatusCode.Redirect
            ? visitor
            : throw new InvalidOperationException($"{email} could not sign in: {reply.Status} {reply.Body}");
    }

    internal async Task<Reply> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative));
        return await ReadAsync(answer);
    }

    /// <summary>Sends a form as its page would.</summary>
    /// <param name="handler">The form's name; none for a plain end point.</param>
    internal async Task<Reply> PostAsync(string path, string? handler, params (string Name, string Value)[] fields)
    {
        var page = await GetAsync("/accessibilite"); // Any page has a form, and a token serves every form of a person.
        var token = TokenField().Match(page.Body).Groups[1].Value;
        return await PostWithoutTokenAsync(path, handler, [.. fields, ("__RequestVerificationToken", token)]);
    }

    /// <summary>Sends a form as a page of another site would.</summary>
    internal async Task<Reply> PostWithoutTokenAsync(
        string path, string? handler, params (string Name, string Value)[] fields)
    {
        (string Name, string Value)[] named = handler is null ? fields : [("_handler", handler), .. fields];
        using var form = new FormUrlEncodedContent(
            named.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), form);
        return await ReadAsync(answer);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<Reply> ReadAsync(HttpResponseMessage answer) => new(
        answer.StatusCode, answer.Headers.Location?.ToString(), await answer.Content.ReadAsStringAsync());

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"", RegexOptions.None, 1000)]
    private static partial Regex TokenField();
}
