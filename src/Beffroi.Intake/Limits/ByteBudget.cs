using Beffroi.Intake.Failures;
using Beffroi.Vault;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Intake.Limits;

/// <summary>Memory or disk for what is under way at once; who comes when it is used up waits in line.</summary>
/// <param name="bytesMax">All of it; what is asked for at once must fit.</param>
/// <param name="wait">How long the line is waited in.</param>
/// <param name="busy">What the server says of itself when that was not long enough.</param>
/// <param name="time">Clock of the wait.</param>
internal sealed class ByteBudget(long bytesMax, TimeSpan wait, string busy, TimeProvider time) : IDisposable
{
    private const int UnitBytes = 1 << 20;
    private const int PauseSeconds = 15;

    private readonly SemaphoreSlim _units = new(checked((int)(bytesMax / UnitBytes)));
    // One collects its units at a time, or two halves would wait for each other.
    private readonly SemaphoreSlim _line = new(1);

    /// <summary>Whether less than half is in use: then there is room for what is only a convenience.</summary>
    internal bool IsAmple => _units.CurrentCount > bytesMax / UnitBytes / 2;

    /// <summary>Waits for room; disposing of the lease gives it back.</summary>
    /// <exception cref="Refusal">503, retryable: there was none in time.</exception>
    internal async Task<Lease> ReserveAsync(int bytes, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(wait, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var lease = new Lease(_units);
        try
        {
            await _line.WaitAsync(both.Token);
            try
            {
                for (var wanted = UnitsOf(bytes); lease.Units < wanted; lease.Units++)
                    await _units.WaitAsync(both.Token);
            }
            finally
            {
                _line.Release();
            }
            return lease;
        }
        catch (OperationCanceledException)
        {
            lease.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw TooBusy();
        }
    }

    /// <summary>Takes room if that leaves so much, and nobody waits.</summary>
    internal Lease? TryTakeSpare(int bytes, long leftMin)
    {
        if (!_line.Wait(0)) return null;

        try
        {
            var wanted = UnitsOf(bytes);
            if ((long)(_units.CurrentCount - wanted) * UnitBytes < leftMin) return null;

            // None waits: only who is in the line takes units, and that is this one.
            var lease = new Lease(_units);
            for (; lease.Units < wanted; lease.Units++) _units.Wait();
            return lease;
        }
        finally
        {
            _line.Release();
        }
    }

    public void Dispose()
    {
        _units.Dispose();
        _line.Dispose();
    }

    private static int UnitsOf(int bytes) => (bytes + UnitBytes - 1) / UnitBytes;

    private Refusal TooBusy() => new(
        StatusCodes.Status503ServiceUnavailable, ErrorCode.StoreUnavailable, retryable: true,
        $"{busy} The agent tries again by itself.")
    {
        RetryAfterSeconds = PauseSeconds,
    };

    internal sealed class Lease(SemaphoreSlim units) : IDisposable
    {
        internal int Units { get; set; }

        public void Dispose()
        {
            if (Units > 0) units.Release(Units);
            Units = 0;
        }
    }
}
