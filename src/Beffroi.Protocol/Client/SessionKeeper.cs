using Beffroi.Vault;

namespace Beffroi.Protocol.Client;

/// <summary>Holds one valid session: opens it, and opens the next one before it ends or when the server has forgotten
/// it.</summary>
internal sealed class SessionKeeper(
    ServerConnection connection, DeviceIdentity identity, SessionPurpose purpose) : IDisposable
{
    // Long enough for the requests under way to arrive; a long upload is checked when it begins.
    private static readonly TimeSpan MarginMax = TimeSpan.FromMinutes(1);

    // Half of a challenge's life. On a computer that slept, or a network that stood still, it may be too old.
    private static readonly TimeSpan ChallengeAgeMax = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _turn = new(1);
    private volatile Held? _held;

    /// <summary>The session, once there has been one.</summary>
    internal SessionAnswer? Last => _held?.Session;

    /// <summary>A session that has time left.</summary>
    internal ValueTask<SessionAnswer> CurrentAsync(CancellationToken cancellationToken) =>
        _held is { } held && IsFresh(held) ? new(held.Session) : RenewAsync(refusedToken: null, cancellationToken);

    /// <summary>A session with another token than the one that the server refused.</summary>
    /// <param name="refusedToken">The token; null: whatever has time left will do.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    internal async ValueTask<SessionAnswer> RenewAsync(string? refusedToken, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Several requests find out at once; the first one in renews for all.
            if (_held is { } held && held.Session.Token != refusedToken && IsFresh(held)) return held.Session;
            _held = await OpenAsync(cancellationToken).ConfigureAwait(false);
            return _held.Session;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async ValueTask<Held> OpenAsync(CancellationToken cancellationToken)
    {
        var (asked, now) = (connection.Time.GetTimestamp(), connection.Time.GetUtcNow());
        try
        {
            return await ProveAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ServerFailureException exception) when (exception.Code == ErrorCode.SessionRefused && IsLong())
        {
            return await ProveAsync(cancellationToken).ConfigureAwait(false);
        }

        // The clock that stands still in sleep, and the one that does not.
        bool IsLong() => connection.Time.GetElapsedTime(asked) > ChallengeAgeMax
            || connection.Time.GetUtcNow() - now > ChallengeAgeMax;
    }

    private async ValueTask<Held> ProveAsync(CancellationToken cancellationToken)
    {
        var device = identity.Device.Value;
        var asked = connection.Time.GetTimestamp(); // Before the answer: the life of the token began no earlier.
        var challenge = (await connection.CallAsync(
            ServerCall.PostJson("v1/challenges", new ChallengeRequest(device), ProtocolJson.Default.ChallengeRequest),
            bearer: null, answer => answer.ReadJsonAsync(ProtocolJson.Default.ChallengeAnswer), cancellationToken)
            .ConfigureAwait(false)).Challenge;
        var signature = identity.SignKey.Sign(ProtocolConstants.SessionProof(device, challenge));
        var request = new SessionRequest(device, challenge, signature, identity.AgentVersion, PurposeText);
        var session = await connection.CallAsync(
            ServerCall.PostJson("v1/sessions", request, ProtocolJson.Default.SessionRequest),
            bearer: null, answer => answer.ReadJsonAsync(ProtocolJson.Default.SessionAnswer), cancellationToken)
            .ConfigureAwait(false);
        return new Held(session, asked);
    }

    private string PurposeText => purpose switch
    {
        SessionPurpose.Backup => "backup",
        SessionPurpose.Restore => "restore",
        SessionPurpose.Plan => "plan",
        _ => "query",
    };

    private bool IsFresh(Held held)
    {
        var life = TimeSpan.FromSeconds(held.Session.ExpiresInSeconds);
        var margin = life / 10 < MarginMax ? life / 10 : MarginMax;
        return connection.Time.GetElapsedTime(held.Since) < life - margin;
    }

    private sealed record Held(SessionAnswer Session, long Since);
}
