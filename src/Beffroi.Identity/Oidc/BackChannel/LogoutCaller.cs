using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Beffroi.Identity.Oidc.Jose;
using Beffroi.Identity.Oidc.Keys;
using Beffroi.Identity.Oidc.Tokens;
using Microsoft.Extensions.Logging;

namespace Beffroi.Identity.Oidc.BackChannel;

/// <summary>Tells services that a session has ended (OpenID Connect Back-Channel Logout 1.0).</summary>
internal sealed partial class LogoutCaller(
    ServiceSessions sessions, SigningKeys keys, HttpClient http, TimeProvider time, ILogger<LogoutCaller> logger)
{
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromMinutes(2); // §2.4: recommended.

    /// <summary>Follows no redirect: the address is the one that was registered.</summary>
    internal static HttpClient NewHttp() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = 1 << 16,
    };

    /// <summary>Tells what is due. A service that fails is left alone for the rest of the pass: the others wait for
    /// it.</summary>
    /// <returns>How many were told.</returns>
    internal async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var told = 0;
        var failing = new HashSet<Guid>();
        foreach (var due in await sessions.ListDueAsync(cancellationToken))
        {
            if (failing.Contains(due.Party.Id) || !await sessions.ClaimAsync(due, cancellationToken)) continue;
            var failure = await TryTellAsync(due, cancellationToken);
            if (failure is null) told++;
            else failing.Add(due.Party.Id);
            if (failure is null || due.Attempts + 1 == ServiceSessions.AttemptsMax)
                await sessions.ForgetAsync(due, cancellationToken);
            if (failure is not null) LogNotTold(due.Party.Id, due.Attempts + 1, ServiceSessions.AttemptsMax, failure);
        }
        return told;
    }

    /// <returns>Why it does not know.</returns>
    private async Task<string?> TryTellAsync(DueLogout due, CancellationToken cancellationToken)
    {
        var token = await WriteAsync(due, cancellationToken);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("logout_token", token)]);
        try
        {
            // Listed as due only with an address.
            using var answer = await http.PostAsync(new Uri(due.Party.LogoutAddress!), form, cancellationToken);
            return answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.NoContent
                ? null
                : $"it answered {(int)answer.StatusCode}";
        }
        catch (HttpRequestException exception)
        {
            return exception.Message;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "it does not answer in time";
        }
    }

    private async Task<string> WriteAsync(DueLogout due, CancellationToken cancellationToken)
    {
        var ring = await keys.GetAsync(cancellationToken);
        var now = time.GetUtcNow();
        var claims = new JsonObject
        {
            ["iss"] = due.Issuer,
            ["sub"] = SubjectFacts.SubjectOf(due.Person),
            ["aud"] = due.Party.ClientId,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + TokenLifetime).ToUnixTimeSeconds(),
            ["jti"] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)),
            ["events"] = new JsonObject { ["http://schemas.openid.net/event/backchannel-logout"] = new JsonObject() },
            ["sid"] = IdTokens.SessionName(due.Session),
        };
        return JsonWebToken.Sign(claims, ring.Signing[due.Party.Algorithm], "logout+jwt");
    }

    [LoggerMessage(
        3216, LogLevel.Warning,
        "Service {Service} was not told in attempt {Attempt} of {Attempts} that a session has ended: {Reason}")]
    private partial void LogNotTold(Guid service, int attempt, int attempts, string reason);
}
