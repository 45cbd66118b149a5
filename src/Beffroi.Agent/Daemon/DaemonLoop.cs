using System.Buffers.Binary;
using System.Security.Cryptography;
using Beffroi.Agent.Commands;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Reports;
using Beffroi.Protocol;
using Beffroi.Vault;
using Enrolment = Beffroi.Agent.Configuration.Enrolment;

namespace Beffroi.Agent.Daemon;

/// <summary>The daemon: hears the server, runs the plan, carries out orders, one thing at a time.</summary>
/// <remarks>
/// <code>
/// turn: check in, if it is time ─▶ take plan and orders ─▶ end what has ended ─▶ begin an order, or what is due
///   └──────────────── sleep until something is due, half a minute at most ◀───────────────────┘
/// </code>
/// <para>A turn keeps nothing that a power cut could take: plan, past runs, begun orders and unsent reports are files,
/// and each is written before what follows from it.</para>
/// </remarks>
internal sealed class DaemonLoop(AgentContext context, Enrolment enrolment, IHostFacts host, ServiceNotice notice)
    : IAsyncDisposable
{
    // After a sleep the timers go on where they stood: so long may it take until the loop notices.
    private static readonly TimeSpan s_turnMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_workingTurn = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_progressEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_turnMissed = TimeSpan.FromMinutes(1);

    // A turn makes a handful of requests; each gives up after about a minute.
    private static readonly TimeSpan s_hungAfter = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_surveyEvery = TimeSpan.FromDays(1);

    // What a clock may jump between two turns without the computer having slept: time servers correct it.
    private static readonly TimeSpan s_sleptMin = TimeSpan.FromMinutes(2);

    private readonly ServerLink _link = new(context, enrolment, new Random());
    private readonly DaemonJobs _jobs = new(context, enrolment);
    private readonly OrderBook _orders = new(context.Home);
    private readonly ReportSpool _spool = new(context.Home, context.Time);
    private readonly StatusFile _status = new(context.Home, context.Time);
    private readonly Guid _start = new(RandomNumberGenerator.GetBytes(16));
    private readonly ulong _seed = BinaryPrimitives.ReadUInt64BigEndian(enrolment.Device.Value.ToByteArray());
    private readonly Queue<OrderMessage> _waiting = new();

    private Plan? _plan = PlanFile.Load(context.Home, context.Terminal.Note);
    private long _refusedRevision;
    private DaemonWork? _work;
    private DateTimeOffset _lastProgress, _notBefore;
    private long _turnStarted = context.Time.GetTimestamp();
    private DateTimeOffset _awakeSince = HostFacts.Booted(context.Time);
    private (DateTimeOffset Wall, long Steady) _lastTurn = (context.Time.GetUtcNow(), context.Time.GetTimestamp());
    private LinkState _linkCost;
    private bool _isDuplicate;
    private Task<IReadOnlyList<UncoveredMessage>?>? _survey;
    private string? _lastFault;
    private long _surveyedRevision;
    private bool _hasLookedBack;
    private Decision _decision = new(DateTimeOffset.MinValue, WaitReason.Plan);

    /// <summary>Runs until it is told to stop; then ends what runs, in order.</summary>
    internal async Task RunAsync(CancellationToken stop)
    {
        notice.Ready();
        using var life = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var signs = SignsOfLifeAsync(life.Token);
        context.Terminal.Note(
            $"The agent of {enrolment.DeviceName} works by {(_plan is null ? "no plan yet" : $"plan {_plan.Revision}")}"
            + $", server {enrolment.Server}.");
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await TryTurnAsync(stop);
                await SleepAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What follows is the orderly end.
        }
        notice.Stopping();
        await StopAsync();
        await life.CancelAsync();
        await signs.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _link.DisposeAsync();

    /// <summary>Settings that are damaged and a disk that is full are mended by a person, and then the daemon goes
    /// on; it must not have ended meanwhile.</summary>
    private async Task TryTurnAsync(CancellationToken stop)
    {
        try
        {
            await TurnAsync(stop);
            _lastFault = null;
        }
        catch (Exception failure) when (failure is VaultException or IOException or UnauthorizedAccessException)
        {
            if (_lastFault != failure.Message) context.Terminal.Note(_lastFault = failure.Message);
            _decision = new Decision(context.Time.GetUtcNow() + s_turnMissed, WaitReason.Turn);
        }
    }

    /// <summary>Beside the turns, since one may wait a minute for a server; but not for a loop that hangs.</summary>
    private async Task SignsOfLifeAsync(CancellationToken stop)
    {
        if (notice.SignOfLifeEvery is not { } every) return;
        using var timer = new PeriodicTimer(every, context.Time);
        while (await timer.WaitForNextTickAsync(stop))
            if (context.Time.GetElapsedTime(Interlocked.Read(ref _turnStarted)) < s_hungAfter) notice.Alive();
    }

    private async Task TurnAsync(CancellationToken stop)
    {
        Interlocked.Exchange(ref _turnStarted, context.Time.GetTimestamp());
        if (!_hasLookedBack) _orders.EndWhatWasCut();
        _hasLookedBack = true;
        NoticeSleep();
        var now = context.Time.GetUtcNow();
        if (now >= _link.NextCheckIn) await CheckInAsync(stop);
        await EndWorkAsync(stop);
        if (_work is null) await BeginAsync(stop);
        else await TellProgressAsync(stop);
        if (_work is { Activity: "backup" } backup && _plan is { Pace.Throttles.Count: > 0 } plan)
            backup.LimitUpload(_jobs.UploadLimitNow(plan));
        BeginSurvey(stop);
        ShowStatus();
    }

    /// <summary>A computer that slept may be elsewhere now: the connection is looked at again, and people work at it
    /// first.</summary>
    private void NoticeSleep()
    {
        var (wall, steady) = (context.Time.GetUtcNow(), context.Time.GetTimestamp());
        var slept = wall - _lastTurn.Wall - context.Time.GetElapsedTime(_lastTurn.Steady, steady);
        _lastTurn = (wall, steady);
        if (slept.Duration() < s_sleptMin) return;
        _awakeSince = wall;
        _link.Forget();
    }

    private async Task CheckInAsync(CancellationToken stop)
    {
        _linkCost = await host.LinkAsync(stop);
        var hasLooked = _survey is { IsCompleted: true };
        var uncovered = hasLooked ? await _survey! : null; // Completed just above.
        var answer = await _link.TryCheckInAsync(RequestNow() with { Uncovered = uncovered }, stop);
        if (answer is null) return;
        Take(answer);
        if (hasLooked) EndSurvey();
        await _link.SendReportsAsync(_spool, stop);
        foreach (var (id, result) in _orders.Untold)
            if (await _link.TryReportAsync(id, result, stop) is not null) _orders.Forget(id);
    }

    private CheckInRequest RequestNow()
    {
        var (power, percent) = host.Power();
        var isWaiting = _work is null && _decision.Reason != WaitReason.None;
        return new CheckInRequest(
            _orders.Installation, _start, AgentContext.Version, HostFacts.Platform, host.SystemName,
            Environment.MachineName, context.Time.GetUtcNow(), Text(power), Text(_linkCost), _plan?.Revision ?? 0,
            _spool.Count, HostFacts.Booted(context.Time), percent,
            _plan is null || _decision.Reason == WaitReason.Plan ? null : _decision.At,
            isWaiting ? Text(_decision.Reason) : null, _work?.ToMessage());
    }

    private void Take(CheckInAnswer answer)
    {
        if (answer.IsDuplicate && !_isDuplicate) context.Terminal.Note(DuplicateText);
        _isDuplicate = answer.IsDuplicate;
        if (answer.Plan is { } plan && plan.Revision != _refusedRevision) TakePlan(plan);
        foreach (var order in answer.Orders)
        {
            var isWaiting = _waiting.Any(each => each.Id == order.Id);
            if (!isWaiting && !_orders.Knows(order.Id) && _work?.Order != order.Id) _waiting.Enqueue(order);
        }
    }

    private static string DuplicateText =>
        "Another computer uses the identity of this one, most often because its disk was cloned. Backups go on, but "
        + "the snapshots of the two take turns under one name. On the copy, remove the folders of the agent, enrol it "
        + "anew with a token of its own, and have the warning settled in the portal.";

    private void TakePlan(PlanMessage message)
    {
        try
        {
            _plan = PlanReader.Read(message);
            PlanFile.Save(context.Home, message);
            _refusedRevision = 0;
            context.Terminal.Note($"Plan {message.Revision} came from the server.");
        }
        catch (VaultException failure) when (failure.Code == ErrorCode.PlanUnusable)
        {
            _refusedRevision = message.Revision;
            context.Terminal.Note($"{failure.Message} [{failure.CodeText}]");
        }
    }

    /// <summary>Once a day, and for each new plan: looks for what it does not cover.</summary>
    private void BeginSurvey(CancellationToken stop)
    {
        if (_survey is not null || _work is not null || _plan is not { } plan) return;
        var memory = _orders.Memory;
        var age = context.Time.GetUtcNow() - memory.SurveyedAt;
        if (memory.SurveyedRevision == plan.Revision && age >= TimeSpan.Zero && age < s_surveyEvery) return;
        _surveyedRevision = plan.Revision;
        _survey = Task.Run(() => TryFind(plan, stop), CancellationToken.None);
    }

    private static IReadOnlyList<UncoveredMessage>? TryFind(Plan plan, CancellationToken stop)
    {
        try
        {
            return SurveyPlaces.Find(plan, SurveyPlaces.Tops(), stop);
        }
        catch (Exception failure) when (failure is OperationCanceledException or VaultException)
        {
            return null; // It is not worth a word: the next one looks again.
        }
    }

    private void EndSurvey()
    {
        _survey = null;
        _orders.Memory = _orders.Memory with
        {
            SurveyedAt = context.Time.GetUtcNow(),
            SurveyedRevision = _surveyedRevision,
        };
    }

    private async Task BeginAsync(CancellationToken stop)
    {
        var now = context.Time.GetUtcNow();
        if (now < _notBefore) _decision = new Decision(_notBefore, WaitReason.Turn);
        else if (_waiting.TryDequeue(out var order)) await BeginOrderAsync(order, stop);
        else if (_plan is null) _decision = new Decision(now + s_turnMax, WaitReason.Plan);
        else
        {
            _decision = Scheduler.Decide(
                _plan, HistoryNow(), SurroundingsNow(now), _seed, now);
            if (!_decision.IsDue) return;
            var trigger = _plan.Hours is Continuous ? RunTrigger.Continuous : RunTrigger.Schedule;
            _work = _jobs.StartBackup(_plan, trigger, order: null, stop);
        }
        if (_work is not null) _link.Hurry();
    }

    private RunHistory HistoryNow() => RunHistoryFile.Load(context.Home);

    private Surroundings SurroundingsNow(DateTimeOffset now)
    {
        var (power, percent) = host.Power();
        return new Surroundings(
            power, percent, _linkCost, _link.ConnectedSince is not null, _awakeSince, _link.ConnectedSince ?? now);
    }

    private async Task BeginOrderAsync(OrderMessage order, CancellationToken stop)
    {
        // Heard, and still wanted: an order that was called back while it waited here is not begun.
        var taken = new OrderProgress("running", 0, 0, 0, 0, Problems: 0);
        if (await _link.TryReportAsync(order.Id, taken, stop) != true) return;
        _orders.Begin(order.Id);
        if (order is { Kind: "restore", Restore: not null }) _work = _jobs.StartRestore(order, stop);
        else if (order.Kind == "backup" && _plan is { } plan)
            _work = _jobs.StartBackup(plan, RunTrigger.Order, order.Id, stop);
        else
            _orders.End(order.Id, DaemonJobs.Failed(ErrorCode.PlanUnusable, order.Kind == "backup"
                ? "This computer has no plan yet, so nothing says what to back up."
                : $"This agent does not know orders of kind '{order.Kind}'. Update it."));
    }

    private async Task EndWorkAsync(CancellationToken stop)
    {
        if (_work is not { Work.IsCompleted: true } work) return;
        var result = await work.Work;
        _work = null;
        work.Stop.Dispose();
        var hadToGiveWay = result.Code == ErrorCodeText.Of(ErrorCode.AlreadyRunning);
        if (hadToGiveWay) _notBefore = context.Time.GetUtcNow() + s_turnMissed;
        if (work.Order is { } order)
        {
            if (hadToGiveWay) _orders.Forget(order); // The next check-in brings it again.
            else if (await _link.TryReportAsync(order, result, stop) is null) _orders.End(order, result);
            else _orders.Forget(order);
        }
        _link.Hurry();
    }

    private async Task TellProgressAsync(CancellationToken stop)
    {
        var now = context.Time.GetUtcNow();
        if (_work is not { Order: { } order } work || now - _lastProgress < s_progressEvery) return;
        _lastProgress = now;
        if (await _link.TryReportAsync(order, work.ToProgress(), stop) == false && !work.Work.IsCompleted)
        {
            context.Terminal.Note("The order was called back; it is stopped here.");
            await work.Stop.CancelAsync();
        }
    }

    private async Task SleepAsync(CancellationToken stop)
    {
        var now = context.Time.GetUtcNow();
        var until = now + (_work is null ? s_turnMax : s_workingTurn);
        if (_link.NextCheckIn < until) until = _link.NextCheckIn;
        if (_work is null && _decision.At < until) until = _decision.At;
        if (notice.SignOfLifeEvery is { } sign && now + sign < until) until = now + sign;
        var pause = until - now;
        if (pause < TimeSpan.FromMilliseconds(200)) pause = TimeSpan.FromMilliseconds(200); // Never a busy loop.
        var timer = Task.Delay(pause, context.Time, stop);
        if (_work is { } work) await Task.WhenAny(timer, work.Work);
        else await timer;
    }

    /// <summary>Stops what runs and waits for it: a backup saves what it knows, a restore leaves whole files
    /// only.</summary>
    private async Task StopAsync()
    {
        if (_work is { } work)
        {
            await work.Stop.CancelAsync();
            var result = await work.Work;
            if (work.Order is { } order) _orders.End(order, result);
            work.Stop.Dispose();
        }
        _status.Delete();
        context.Terminal.Note("The agent was told to stop, and has stopped.");
    }

    private void ShowStatus()
    {
        var running = _work is null ? null : $"{_work.Activity}, {_work.Trigger.ToString().ToLowerInvariant()}";
        var isPlanned = _work is null && _plan is not null;
        _status.Write(new DaemonStatus(
            Environment.ProcessId, _status.Started, _link.LastCheckIn, _link.Problem?.Message, _plan?.Revision ?? 0,
            isPlanned ? _decision.At : null,
            isPlanned && !_decision.IsDue ? Text(_decision.Reason) : null, running, _isDuplicate, _spool.Count));
        notice.Status(running
            ?? (_plan is null ? "waits for a plan" : $"next run {_decision.At:yyyy-MM-dd HH:mm} UTC"));
    }

    private string Text(WaitReason reason) => _refusedRevision > 0 ? "planRefused"
        : char.ToLowerInvariant(reason.ToString()[0]) + reason.ToString()[1..];

    private static string Text(PowerState power) => power.ToString().ToLowerInvariant();

    private static string Text(LinkState link) => link.ToString().ToLowerInvariant();
}
