using System.CommandLine;
using Beffroi.Fleet.Checks;
using Beffroi.Identity.Access;

namespace Beffroi.Server.Admin;

/// <summary>'check': compares what the database lists with what is stored.</summary>
internal sealed class CheckVaults : AdminVerb<CheckAnswer>
{
    private readonly Option<bool> _readData = new("--read-data") { Description = "Read and verify every stored byte." };

    internal CheckVaults()
        : base(
            "check",
            "Checks that everything listed is stored; takes another copy of what is damaged where there is one, and "
                + "marks the rest, so that agents send it again. Exit codes: 0 sound, 20 damaged.",
            AdminJson.Default.CheckAnswer) => Add(_readData);

    protected override async Task<CheckAnswer> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var readData = parsed.GetValue(_readData);
        var report = await services.GetRequiredService<VaultCheck>()
            .RunAsync(readData, new StandardErrorProgress(), cancellationToken);
        await services.GetRequiredService<CheckLog>()
            .NoteAsync(Caller.System(Actor), report, readData, cancellationToken);
        return CheckAnswer.Of(report);
    }

    protected override int ExitCodeOf(CheckAnswer answer) => answer.IsSound ? ExitCode.Done : ExitCode.Damaged;

    protected override string ToText(CheckAnswer answer) => answer.IsSound
        ? $"Sound: {answer.Packs} packs with {answer.Records} records and {answer.Bytes} bytes, "
            + $"{answer.Snapshots} snapshots."
        : string.Join('\n', Lines(answer));

    private static IEnumerable<string> Lines(CheckAnswer answer)
    {
        foreach (var pack in answer.UnusablePacks) yield return $"Pack {pack.Pack}: {pack.Reason}";
        foreach (var snapshot in answer.UnusableSnapshots)
            yield return $"Snapshot {snapshot.Snapshot} of device {snapshot.Device}: {snapshot.Reason}";
        foreach (var record in answer.Damaged)
        {
            yield return $"Record {record.Record} in pack {record.Pack} at {record.Offset}: needed by "
                + $"{record.Snapshots.Count} snapshots";
        }
        foreach (var record in answer.Repointed)
            yield return $"Record {record.Record} is damaged in pack {record.From}; read from {record.To} from now on.";
        if (answer.Repointed.Count > 0)
        {
            yield return $"{answer.Repointed.Count} damaged records had a sound copy in another pack: nothing of them "
                + "is lost. Have the disk checked.";
        }
        if (answer.Damaged.Count == 0) yield break;

        yield return $"{answer.Damaged.Count} damaged records. Each computer that still has the files sends them again "
            + "at its next backup; docs/operations/damage.md says what to do about the others.";
    }
}

/// <summary>The answer of 'check'.</summary>
internal sealed record CheckAnswer(
    IReadOnlyList<DamagedRecordAnswer> Damaged, IReadOnlyList<RepointedRecordAnswer> Repointed,
    IReadOnlyList<UnusablePackAnswer> UnusablePacks, IReadOnlyList<UnusableSnapshotAnswer> UnusableSnapshots,
    long Packs, long Records, long Bytes, long Snapshots, bool IsSound)
{
    internal static CheckAnswer Of(CheckReport report) => new(
        [.. report.Damaged.Select(DamagedRecordAnswer.Of)],
        [.. report.Repointed.Select(each => new RepointedRecordAnswer(
            each.Vault.Value, each.Record.ToString(), each.From.ToString(), each.To.ToString()))],
        [.. report.UnusablePacks.Select(
            each => new UnusablePackAnswer(each.Vault.Value, each.Pack.ToString(), each.Reason))],
        [.. report.UnusableSnapshots.Select(each => new UnusableSnapshotAnswer(
            each.Vault.Value, each.Snapshot.ToString(), each.Device.Value, each.Reason))],
        report.Packs, report.Records, report.Bytes, report.Snapshots, report.IsSound);
}

internal sealed record DamagedRecordAnswer(
    Guid Vault, string Pack, string Record, int Offset, IReadOnlyList<AffectedSnapshotAnswer> Snapshots)
{
    internal static DamagedRecordAnswer Of(DamagedRecord damaged) => new(
        damaged.Vault.Value, damaged.Pack.ToString(), damaged.Record.ToString(), damaged.Offset,
        [.. damaged.Snapshots.Select(each => new AffectedSnapshotAnswer(
            each.Snapshot.ToString(), each.Device.Value, each.Sequence))]);
}

internal sealed record RepointedRecordAnswer(Guid Vault, string Record, string From, string To);

internal sealed record AffectedSnapshotAnswer(string Snapshot, Guid Device, long Sequence);

internal sealed record UnusablePackAnswer(Guid Vault, string Pack, string Reason);

internal sealed record UnusableSnapshotAnswer(Guid Vault, string Snapshot, Guid Device, string Reason);
