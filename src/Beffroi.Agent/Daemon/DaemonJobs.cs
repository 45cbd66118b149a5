using System.Security.Cryptography;
using Beffroi.Agent.Backup;
using Beffroi.Agent.Commands;
using Beffroi.Agent.Reports;
using Beffroi.Protocol;
using Beffroi.Vault;
using Enrolment = Beffroi.Agent.Configuration.Enrolment;

namespace Beffroi.Agent.Daemon;

/// <summary>Starts what the daemon works at, by the code that the commands use.</summary>
internal sealed class DaemonJobs(AgentContext context, Enrolment enrolment)
{
    // Another run is a person at a terminal: short enough to look at the plan again afterwards.
    private static readonly TimeSpan s_waitForTurn = TimeSpan.FromSeconds(1);

    /// <summary>How fast may be sent at this moment; null for no limit.</summary>
    internal long? UploadLimitNow(Plan plan) => PlannedLimit.At(plan, context.LoadSettings(), context.Time.GetUtcNow());

    /// <summary>Starts a backup of the plan's scope.</summary>
    internal DaemonWork StartBackup(Plan plan, RunTrigger trigger, Guid? order, CancellationToken stop)
    {
        var now = context.Time.GetUtcNow();
        var runClass = RunHistoryFile.Load(context.Home).ClassOf(Scheduler.DayOf(plan, now));
        var origin = RunOrigin.New(trigger, plan.Revision, runClass?.ToString().ToLowerInvariant(), order);
        var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stop);
        BackupJob? job = null;
        var work = Task.Run(() => RunAsync(async () =>
        {
            job = new BackupJob(context, enrolment, WishOf(plan, origin), json: false);
            await job.RunAsync(cancellation.Token);
            return Done(NumbersOf(job), origin.Id);
        }));
        return new DaemonWork(
            origin.Id, "backup", trigger, order, now, () => NumbersOf(job), work, cancellation)
        {
            LimitUpload = limit => job?.LimitUpload(limit),
        };
    }

    /// <summary>Starts a restore that a person ordered.</summary>
    internal DaemonWork StartRestore(OrderMessage order, CancellationToken stop)
    {
        var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var restore = new OrderedRestore(context, enrolment);
        var work = Task.Run(() => RunAsync(() => restore.RunAsync(order.Id, order.Restore!, cancellation.Token)));
        return new DaemonWork(
            new Guid(RandomNumberGenerator.GetBytes(16)), "restore", RunTrigger.Order, order.Id,
            context.Time.GetUtcNow(), () => restore.Numbers, work, cancellation);
    }

    /// <summary>What an order came to that cannot be begun, or was cut.</summary>
    internal static OrderProgress Failed(ErrorCode code, string message) => new(
        "failed", Files: 0, FilesTotal: 0, Bytes: 0, BytesTotal: 0, Problems: 0, Code: ErrorCodeText.Of(code),
        Message: message);

    private BackupWish WishOf(Plan plan, RunOrigin origin) => new()
    {
        Origin = origin,
        Plan = plan,
        Exclusions = plan.Scope.Exclude,
        DefaultExclusions = plan.Scope.DefaultExclusions,
        UploadBytesPerSecond = UploadLimitNow(plan),
        Wait = s_waitForTurn,
    };

    private async Task<OrderProgress> RunAsync(Func<Task<OrderProgress>> work)
    {
        try
        {
            return await work();
        }
        catch (VaultException failure)
        {
            context.Terminal.Note($"{failure.Message} [{failure.CodeText}]");
            return Failed(failure.Code, failure.Message);
        }
        catch (OperationCanceledException)
        {
            return Failed(
                ErrorCode.WorkInterrupted, "It was stopped on this computer: by a shutdown, or it was called back.");
        }
    }

    private static OrderProgress Done(WorkNumbers numbers, Guid run) => new(
        "done", numbers.Files, numbers.FilesTotal ?? numbers.Files, numbers.Bytes, numbers.BytesTotal ?? numbers.Bytes,
        Problems: 0, run);

    private static WorkNumbers NumbersOf(BackupJob? job) => job?.Progress is { } progress
        ? new WorkNumbers(
            progress.Files, Known(progress.FilesTotal), progress.Bytes, Known(progress.BytesTotal))
        : default;

    private static long? Known(long total) => total > 0 ? total : null;
}
