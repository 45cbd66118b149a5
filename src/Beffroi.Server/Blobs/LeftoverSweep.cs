using Beffroi.Vault;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Server.Blobs;

/// <summary>Deletes what uploads left behind that were cut by a kill or a power cut: at the start, then once a
/// day.</summary>
internal sealed partial class LeftoverSweep(DiskBlobStore store, TimeProvider time, ILogger<LeftoverSweep> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            await SweepAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            var removed = await store.RemoveLeftoversAsync(time, cancellationToken);
            if (removed > 0) LogRemoved(removed);
        }
        catch (VaultException exception)
        {
            LogFailed(exception); // Space is lost, nothing else: the next sweep tries again.
        }
    }

    [LoggerMessage(1011, LogLevel.Information, "{Count} temporary files of interrupted uploads were deleted")]
    private partial void LogRemoved(int count);

    [LoggerMessage(1012, LogLevel.Warning, "Temporary files of interrupted uploads could not be deleted")]
    private partial void LogFailed(Exception exception);
}
