using System.CommandLine;
using Beffroi.Fleet.Runs;
using Beffroi.Identity.Access;
using Beffroi.Vault;

namespace Beffroi.Server.Admin;

internal sealed record RunList(IReadOnlyList<ListedRun> Runs);

internal sealed record ListedRun(
    Guid RunId, string Trigger, string? Class, string Outcome, DateTimeOffset Started, DateTimeOffset Ended,
    DateTimeOffset Received, string? Snapshot, string? Code, long Files, long LogicalBytes, long NewBytes,
    long Unreadable);

/// <summary>'list-runs': a machine's backups, good and bad.</summary>
internal sealed class ListRuns : AdminVerb<RunList>
{
    private readonly Option<Guid> _device = new("--device") { Description = "Id of the device.", Required = true };
    private readonly Option<int> _days = new("--days")
    {
        Description = "How far back.",
        DefaultValueFactory = _ => 30,
    };

    internal ListRuns()
        : base("list-runs", "Lists a machine's backups, good and bad.", AdminJson.Default.RunList)
    {
        Add(_device);
        Add(_days);
    }

    protected override bool UsesBlobs => false;

    protected override async Task<RunList> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var since = services.GetRequiredService<TimeProvider>().GetUtcNow()
            .AddDays(-Math.Clamp(parsed.GetValue(_days), 1, 36_500));
        var runs = await services.GetRequiredService<RunLog>().OfDeviceAsync(
            Caller.System(Actor), new DeviceId(parsed.GetValue(_device)), since, cancellationToken);
        return new RunList([.. runs.Select(run => new ListedRun(
            run.Id, run.Trigger.ToString(), run.Class?.ToString(), run.Outcome.ToString(), run.Started, run.Ended,
            run.Received, run.Snapshot?.ToString(), run.Code, run.Files, run.LogicalBytes, run.NewBytes,
            run.Unreadable))]);
    }

    protected override string ToText(RunList answer) => answer.Runs.Count == 0
        ? "This machine has reported no run."
        : string.Join('\n', answer.Runs.Select(run =>
            $"{run.Started:yyyy-MM-dd HH:mm}  {run.Trigger}  {run.Outcome}  {run.Files} files  {run.Code}"));
}
