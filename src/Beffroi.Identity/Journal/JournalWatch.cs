using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Beffroi.Identity.Journal;

/// <summary>What verifying the journal found.</summary>
/// <param name="Broken">Number of the first entry that was changed or taken out; none while all are sound.</param>
public sealed record JournalVerdict(DateTimeOffset At, long? Broken);

/// <summary>Verifies the whole journal, every six hours and when asked, and what is new in it every ten
/// minutes.</summary>
/// <remarks>Writes nothing into the database, so several servers may do it at once; each has its own mark, and
/// remembers itself what it found.</remarks>
public sealed partial class JournalWatch : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);
    private const int IntervalsOfWhole = 36;

    private readonly JournalReader _reader;
    private readonly IJournalMark? _mark;
    private readonly TimeProvider _time;
    private readonly ILogger<JournalWatch> _logger;

    internal JournalWatch(
        JournalReader reader, IJournalMark? mark, TimeProvider time, ILogger<JournalWatch> logger) =>
        (_reader, _mark, _time, _logger) = (reader, mark, time, logger);

    /// <summary>What was found last; none before the first time.</summary>
    public JournalVerdict? Last { get; private set; }

    /// <summary>Verifies all of it now.</summary>
    public async Task<JournalVerdict> VerifyAsync(CancellationToken cancellationToken) =>
        Conclude(await _reader.CheckAsync(_mark?.Read(), cancellationToken));

    /// <summary>Takes the journal as it is from now on: after the database was set back to a backup, the mark names
    /// entries that are no more.</summary>
    /// <exception cref="InvalidOperationException">What is there does not hang together.</exception>
    public async Task<JournalHead> AcceptAsync(CancellationToken cancellationToken)
    {
        var check = await _reader.CheckAsync(remembered: null, cancellationToken);
        if (check.Broken is { } broken)
            throw new InvalidOperationException($"Entry {broken} does not follow the one before it.");

        _mark?.Write(check.Head);
        return check.Head;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        for (var turn = 0; ; turn++)
        {
            await RunOnceAsync(isWhole: turn % IntervalsOfWhole == 0, stoppingToken);
            if (!await timer.WaitForNextTickAsync(stoppingToken)) return;
        }
    }

    private async Task RunOnceAsync(bool isWhole, CancellationToken cancellationToken)
    {
        try
        {
            // A whole look that found something stands until another one finds it mended.
            if (isWhole || Last?.Broken is not null || _mark?.Read() is not { } remembered)
                await VerifyAsync(cancellationToken);
            else
                Conclude(await _reader.FollowAsync(remembered, cancellationToken));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception);
        }
    }

    private JournalVerdict Conclude(JournalCheck check)
    {
        if (check.Broken is { } broken) LogBroken(broken);
        else if (_mark is not null && _mark.Read() != check.Head) _mark.Write(check.Head);
        return Last = new JournalVerdict(_time.GetUtcNow(), check.Broken);
    }

    [LoggerMessage(
        3203, LogLevel.Critical, "Entry {Number} of the journal was changed or taken out after it was written")]
    private partial void LogBroken(long number);

    [LoggerMessage(3204, LogLevel.Warning, "Verifying the journal failed; the next run tries again")]
    private partial void LogFailed(Exception exception);
}
