using Beffroi.Identity;
using Beffroi.Intake;
using Beffroi.Protocol;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Beffroi.Fleet.Runs;

/// <summary>Takes the reports of the devices in (docs/format/protocol.md §7.3).</summary>
internal sealed class RunIntake(IDbContextFactory<FleetDb> contexts, TimeProvider time)
{
    /// <summary>Keeps a report.</summary>
    /// <returns>Whether it was new.</returns>
    /// <exception cref="VaultException"><see cref="ErrorCode.RequestMalformed"/>.</exception>
    internal async Task<bool> NoteAsync(KnownDevice device, RunReport report, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.Runs.AnyAsync(row => row.Id == report.Id && row.DeviceId == device.Id, cancellationToken))
            return false;

        var member = await db.Vaults.Where(row => row.Id == device.Vault).Select(row => row.MemberId)
            .SingleAsync(cancellationToken);
        var run = Read(device, member, report);
        await DemandOwnSnapshotAsync(db, run, cancellationToken);
        db.Runs.Add(run);
        return await TrySaveAsync(db, device, report.Id, cancellationToken);
    }

    private Run Read(KnownDevice device, MemberId member, RunReport report)
    {
        var now = time.GetUtcNow();
        var ahead = report.Clock - now;
        try
        {
            return new Run
            {
                Id = report.Id,
                DeviceId = device.Id,
                MemberId = member,
                Trigger = RunText.Trigger(report.Trigger),
                Class = report.Class is { } text ? RunText.Class(text) : null,
                Outcome = RunText.Outcome(report.Outcome),
                PlanRevision = report.PlanRevision,
                OrderId = report.Order,
                AgentVersion = Bounded(report.AgentVersion, 64),
                StartedAt = Earliest(report.Started - ahead, now),
                EndedAt = Earliest(report.Ended - ahead, now),
                ReceivedAt = now,
                SnapshotId = report.Snapshot is { } id ? new SnapshotId(Digest256.Parse(id)) : null,
                Code = report.Code is { } code ? Bounded(code, 20) : null,
                Message = report.Message is { } message ? Bounded(message, 2000) : null,
                Files = NotNegative(report.Counts.Files),
                Directories = NotNegative(report.Counts.Directories),
                LogicalBytes = NotNegative(report.Counts.LogicalBytes),
                ReadBytes = NotNegative(report.Counts.ReadBytes),
                NewBytes = NotNegative(report.Counts.NewBytes),
                SentBytes = NotNegative(report.Counts.SentBytes),
                UnchangedFiles = NotNegative(report.Counts.UnchangedFiles),
                Unreadable = NotNegative(report.Counts.Unreadable),
                Log = LogOf(report),
            };
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or VaultException)
        {
            throw Malformed(exception.Message, exception);
        }
    }

    private static string LogOf(RunReport report) => RunLogJson.Write(new RunLogContent(
        Bounded(report.Unreadable, ProtocolConstants.ReportedPathsMax),
        Bounded(report.Warnings, ProtocolConstants.ReportedWarningsMax),
        Bounded(report.Refused, ProtocolConstants.ReportedRefusalsMax),
        report.Signals is { } signals
            ? new RunTraces(
                signals.KnownFiles, signals.ChangedFiles, signals.NewFiles, signals.GoneFiles, signals.ChangedBytes,
                signals.DenseBytes,
                signals.Extension is { } extension ? Bounded(extension, 40) : null, signals.ExtensionFiles,
                signals.ExtensionKnown)
            : null));

    // A device whose clock went back between run and report would else have run in the future.
    private static DateTimeOffset Earliest(DateTimeOffset claimed, DateTimeOffset now) =>
        (claimed < now ? claimed : now).ToUniversalTime();

    private static long NotNegative(long number) =>
        number >= 0 ? number : throw new FormatException($"A count of {number} is negative.");

    private static List<string> Bounded(IReadOnlyList<string> texts, int countMax) =>
        [.. texts.Take(countMax).Select(text => Bounded(text, ProtocolConstants.ReportedCharactersMax))];

    // PostgreSQL's text takes no zero character, and a page no other control character.
    private static string Bounded(string text, int charactersMax) =>
        string.Concat(text.Take(charactersMax).Select(character => char.IsControl(character) ? ' ' : character));

    private static async Task DemandOwnSnapshotAsync(FleetDb db, Run run, CancellationToken cancellationToken)
    {
        var isGood = run.Outcome is RunOutcome.Completed or RunOutcome.CompletedWithWarnings;
        if (isGood && run.SnapshotId is null) throw Malformed("A run that completed has a snapshot.");
        if (run.SnapshotId is not { } snapshot) return;

        if (!await db.Snapshots.AnyAsync(row => row.Id == snapshot && row.DeviceId == run.DeviceId, cancellationToken))
            throw Malformed($"This device has no snapshot {snapshot}.");
    }

    private static async Task<bool> TrySaveAsync(
        FleetDb db, KnownDevice device, Guid run, CancellationToken cancellationToken)
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.UniqueViolation,
        })
        {
            // Sent twice at once, or an id that another device has used: that one must not hide this report.
            db.ChangeTracker.Clear();
            return await db.Runs.AnyAsync(row => row.Id == run && row.DeviceId == device.Id, cancellationToken)
                ? false
                : throw Malformed($"The run's id {run} is taken; make a new one.");
        }
    }

    private static VaultException Malformed(string what, Exception? cause = null) => new(
        ErrorCode.RequestMalformed, retryable: false,
        $"The report of the run cannot be kept: {what} Update the agent if it persists.", cause);
}
