using Beffroi.Agent.Commands;
using Beffroi.Agent.Reports;
using Beffroi.Protocol;
using Beffroi.Protocol.Client;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Enrolment = Beffroi.Agent.Configuration.Enrolment;

namespace Beffroi.Agent.Daemon;

/// <summary>The daemon's way to the server: when to check in, and whether it answers. One thread at a time.</summary>
internal sealed class ServerLink(AgentContext context, Enrolment enrolment, Random random) : IAsyncDisposable
{
    // One attempt: the loop has more to do than to wait, and comes back.
    private static readonly TimeSpan s_patience = TimeSpan.Zero;
    private static readonly TimeSpan s_pauseFirst = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pauseMax = TimeSpan.FromMinutes(10);

    // A device that was shut out still has to notice, one day, that it was let in again.
    private static readonly TimeSpan s_pauseRefused = TimeSpan.FromMinutes(30);

    private readonly BufferPool _pool = new();
    private ServerConnection? _connection;
    private DeviceSession? _session;
    private int _failures;

    /// <summary>When to speak to the server next.</summary>
    internal DateTimeOffset NextCheckIn { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>Since when it answers; null while it does not.</summary>
    internal DateTimeOffset? ConnectedSince { get; private set; }

    /// <summary>When it answered last.</summary>
    internal DateTimeOffset? LastCheckIn { get; private set; }

    /// <summary>Why it does not answer, or does not want this device.</summary>
    internal VaultException? Problem { get; private set; }

    /// <summary>Has something to say: the next turn speaks to the server.</summary>
    internal void Hurry()
    {
        if (_failures == 0) NextCheckIn = DateTimeOffset.MinValue;
    }

    /// <summary>After a sleep nothing is known of the connection.</summary>
    internal void Forget()
    {
        (ConnectedSince, NextCheckIn, _failures) = (null, DateTimeOffset.MinValue, 0);
    }

    /// <summary>Speaks to the server.</summary>
    /// <returns>null when that failed; <see cref="Problem"/> says why, and <see cref="NextCheckIn"/> when to try
    /// again.</returns>
    internal async Task<CheckInAnswer?> TryCheckInAsync(
        CheckInRequest request, CancellationToken cancellationToken)
    {
        var answer = await TryAsync(session => session.CheckInAsync(request, cancellationToken), cancellationToken);
        var now = context.Time.GetUtcNow();
        if (answer is null) return null;
        LastCheckIn = now;
        ConnectedSince ??= now;
        NextCheckIn = now + TimeSpan.FromSeconds(Math.Clamp(answer.NextSeconds, 5, 86_400));
        return answer;
    }

    /// <summary>Sends the reports that wait.</summary>
    internal Task SendReportsAsync(ReportSpool spool, CancellationToken cancellationToken) => TryAsync<object>(
        async session =>
        {
            await spool.SendAllAsync(session, context.Terminal.Note, cancellationToken);
            return session;
        },
        cancellationToken);

    /// <summary>Says how far an order is.</summary>
    /// <returns>Whether to go on; null when the server did not hear it.</returns>
    internal async Task<bool?> TryReportAsync(
        Guid order, OrderProgress progress, CancellationToken cancellationToken)
    {
        var answer = await TryAsync<OrderProgressAnswer>(
            async session =>
            {
                try
                {
                    return new OrderProgressAnswer(
                        await session.ReportProgressAsync(order, progress, cancellationToken));
                }
                catch (VaultException failure) when (failure.Code == ErrorCode.NotFound)
                {
                    return new OrderProgressAnswer(GoOn: false); // The server was restored from a backup, perhaps.
                }
            },
            cancellationToken);
        return answer?.GoOn;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_session is not null) await _session.DisposeAsync();
        if (_connection is not null) await _connection.DisposeAsync();
        (_session, _connection) = (null, null);
    }

    private async Task<T?> TryAsync<T>(
        Func<DeviceSession, Task<T>> speak, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            _connection ??= context.Connect(enrolment);
            _session ??= await context.OpenSessionAsync(
                _connection, enrolment, SessionPurpose.Plan, _pool, cancellationToken, s_patience);
            var answer = await speak(_session);
            (_failures, Problem) = (0, null);
            return answer;
        }
        catch (VaultException failure)
        {
            await GiveUpAsync(failure);
            return null;
        }
    }

    private async Task GiveUpAsync(VaultException failure)
    {
        failure = failure.InnerException as VaultException ?? failure; // What it was, not that patience has ended.
        if (Problem?.Code != failure.Code) context.Terminal.Note($"{failure.Message} [{failure.CodeText}]");
        (Problem, ConnectedSince) = (failure, null);
        await DisposeAsync(); // Settings, addresses and sessions are read anew.
        var pause = failure.Code is ErrorCode.DeviceRevoked or ErrorCode.SessionRefused
            ? s_pauseRefused
            : TimeSpan.FromSeconds(Math.Min(
                s_pauseFirst.TotalSeconds * Math.Pow(2, Math.Min(_failures, 10)), s_pauseMax.TotalSeconds));
        _failures++;
        // A power cut lets a whole district come back at once.
        NextCheckIn = context.Time.GetUtcNow() + pause * (0.5 + random.NextDouble() / 2);
    }
}
