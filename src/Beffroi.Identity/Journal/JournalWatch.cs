using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Beffroi.Identity.Journal;

/// <summary>What verifying the whole journal found.</summary>
/// <param name="Broken">Number of the first entry that was changed or taken out; none while all are sound.</param>
public sealed record JournalVerdict(DateTimeOffset At, long? Broken);

/// <summary>Verifies the whole journal, every six hours and when asked.</summary>
/// <remarks>Reads only, so several servers may do it at once. Each remembers what it found itself.</remarks>
public sealed partial class JournalWatch : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(6);

    private readonly JournalReader _reader;
    private readonly TimeProvider _time;
    private readonly ILogger<JournalWatch> _logger;

    internal JournalWatch(JournalReader reader, TimeProvider time, ILogger<JournalWatch> logger) =>
        (_reader, _time, _logger) = (reader, time, logger);

    /// <summary>What was found last; none before the first time.</summary>
    public JournalVerdict? Last { get; private set; }

    /// <summary>Verifies now.</summary>
    public async Task<JournalVerdict> VerifyAsync(CancellationToken cancellationToken)
    {
        var broken = await _reader.FindBrokenAsync(cancellationToken);
        if (broken is { } number) LogBroken(number);
        return Last = new JournalVerdict(_time.GetUtcNow(), broken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        do await RunOnceAsync(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await VerifyAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(
        3203, LogLevel.Critical, "Entry {Number} of the journal was changed or taken out after it was written")]
    private partial void LogBroken(long number);

    [LoggerMessage(3204, LogLevel.Warning, "Verifying the journal failed; the next run tries again")]
    private partial void LogFailed(Exception exception);
}
