using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Beffroi.Identity.Oidc.Jose;

namespace Beffroi.Identity.External;

/// <summary>What a provider answered to a code.</summary>
internal sealed record ProviderTokens(string IdToken, string AccessToken);

/// <summary>Speaks with providers: discovery, keys, tokens, userinfo.</summary>
internal sealed class ProviderConnection(HttpClient http, TimeProvider time)
{
    // New keys are announced by whoever rotates well; an unknown one has them read again at once.
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromHours(1);
    private static readonly TimeSpan ReadAgainAtMost = TimeSpan.FromMinutes(1);
    private const int AnswerBytesMax = 1 << 20;

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>For a client without proxies' redirects: an end point is where discovery says, and nowhere
    /// else.</summary>
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

    internal async Task<ProviderMetadata> DescribeAsync(string issuer, CancellationToken cancellationToken) =>
        (await KnowAsync(issuer, ReadAgainAfter, cancellationToken)).Metadata;

    internal async Task<ProviderTokens> RedeemAsync(
        ExternalProvider provider, string secret, string code, string redirectUri, string? verifier,
        CancellationToken cancellationToken)
    {
        var metadata = await DescribeAsync(provider.Issuer, cancellationToken);
        var parameters = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = redirectUri,
            ["client_id"] = provider.ClientId, // ProConnect takes client_secret_post.
            ["client_secret"] = secret,
        };
        if (verifier is not null) parameters["code_verifier"] = verifier;
        using var form = new FormUrlEncodedContent(parameters);
        using var request = new HttpRequestMessage(HttpMethod.Post, metadata.Token) { Content = form };
        var (text, _) = await SendAsync(request, cancellationToken);
        var answer = Parse(text);
        return JsonWebToken.TextOf(answer, "id_token") is { } idToken
            && JsonWebToken.TextOf(answer, "access_token") is { } access
            ? new ProviderTokens(idToken, access)
            : throw new ProviderFailureException($"{provider.Issuer} gave no tokens for a code.");
    }

    /// <summary>Checks a token of the provider with its keys.</summary>
    internal async Task<TokenReading> ReadAsync(
        string token, TokenExpectation expected, CancellationToken cancellationToken)
    {
        var known = await KnowAsync(expected.Issuer, ReadAgainAfter, cancellationToken);
        var reading = JsonWebToken.Read(token, known.Keys, expected);
        if (reading.Fault != TokenFault.UnknownKey) return reading;

        known = await KnowAsync(expected.Issuer, ReadAgainAtMost, cancellationToken);
        return JsonWebToken.Read(token, known.Keys, expected);
    }

    /// <summary>What userinfo says: signed, and then checked, or plain JSON over TLS where that is enough.</summary>
    internal async Task<JsonElement> AskUserInfoAsync(
        ExternalProvider provider, string accessToken, CancellationToken cancellationToken)
    {
        var metadata = await DescribeAsync(provider.Issuer, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, metadata.UserInfo);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        var (text, type) = await SendAsync(request, cancellationToken);
        if (type != "application/jwt")
        {
            return provider.RequiresSignedUserInfo
                ? throw new ProviderFailureException($"{provider.Issuer} answered who it is without a signature.")
                : Parse(text);
        }
        var reading = await ReadAsync(
            text.Trim(),
            new TokenExpectation
            {
                Issuer = provider.Issuer, Audience = provider.ClientId, Now = time.GetUtcNow(), MustBeFresh = false,
            },
            cancellationToken);
        return reading.Fault is { } fault
            ? throw new ProviderFailureException($"The signed userinfo of {provider.Issuer} is refused: {fault}.")
            : reading.Claims;
    }

    private async Task<Known> KnowAsync(string issuer, TimeSpan age, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(issuer, out var known) && time.GetUtcNow() - known.ReadAt < age) return known;
        var document = await GetAsync(
            new Uri(issuer.TrimEnd('/') + "/.well-known/openid-configuration"), cancellationToken);
        var metadata = ProviderMetadata.Read(document, issuer);
        var keys = await GetAsync(metadata.Keys, cancellationToken);
        if (!keys.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array)
            throw new ProviderFailureException($"{issuer} publishes no keys.");

        known = new Known(
            metadata, [
                .. list.EnumerateArray().Where(each => each.ValueKind == JsonValueKind.Object)
                    .Select(JwsKey.FromJwk).OfType<JwsKey>(),
            ], time.GetUtcNow());
        _known[issuer] = known;
        return known;
    }

    private async Task<JsonElement> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        return Parse((await SendAsync(request, cancellationToken)).Text);
    }

    private async Task<(string Text, string? Type)> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.SendAsync(request, cancellationToken);
            var bytes = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            var text = Encoding.UTF8.GetString(bytes);
            if (answer.IsSuccessStatusCode) return (text, answer.Content.Headers.ContentType?.MediaType);
            throw new ProviderFailureException(
                $"{request.RequestUri} answered {(int)answer.StatusCode}: {text[..Math.Min(text.Length, 300)]}");
        }
        catch (HttpRequestException exception)
        {
            throw new ProviderFailureException($"{request.RequestUri} does not answer: {exception.Message}", exception);
        }
        catch (TaskCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProviderFailureException($"{request.RequestUri} does not answer in time.", exception);
        }
    }

    private static JsonElement Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new ProviderFailureException("A provider answered JSON that is no object.");
        }
        catch (JsonException exception)
        {
            throw new ProviderFailureException("A provider answered something else than JSON.", exception);
        }
    }

    private sealed record Known(ProviderMetadata Metadata, IReadOnlyList<JwsKey> Keys, DateTimeOffset ReadAt);
}
