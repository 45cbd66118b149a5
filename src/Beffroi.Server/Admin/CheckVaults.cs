using System.CommandLine;
using Beffroi.Fleet.Checks;

namespace Beffroi.Server.Admin;

/// <summary>'check': compares what the database lists with what is stored.</summary>
internal sealed class CheckVaults : AdminVerb<CheckAnswer>
{
    private readonly Option<bool> _readData = new("--read-data") { Description = "Read and verify every stored byte." };

    internal CheckVaults()
        : base(
            "check",
            "Checks that everything listed is stored; marks what is damaged, so that agents send it again. Exit "
                + "codes: 0 sound, 20 damaged.",
            AdminJson.Default.CheckAnswer) => Add(_readData);

    protected override async Task<CheckAnswer> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken) => CheckAnswer.Of(
            await services.GetRequiredService<VaultCheck>()
                .RunAsync(parsed.GetValue(_readData), new StandardErrorProgress(), cancellationToken));

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
        yield return $"{answer.Damaged.Count} damaged records. Each computer that still has the files sends them again "
            + "at its next backup; docs/operations/damage.md says what to do about the others.";
    }
}

/// <summary>The answer of 'check'.</summary>
internal sealed record CheckAnswer(
    IReadOnlyList<DamagedRecordAnswer> Damaged, IReadOnlyList<UnusablePackAnswer> UnusablePacks,
    IReadOnlyList<UnusableSnapshotAnswer> UnusableSnapshots, long Packs, long Records, long Bytes, long Snapshots)
{
    internal bool IsSound => Damaged.Count == 0 && UnusablePacks.Count == 0 && UnusableSnapshots.Count == 0;

    internal static CheckAnswer Of(CheckReport report) => new(
        [.. report.Damaged.Select(DamagedRecordAnswer.Of)],
        [.. report.UnusablePacks.Select(
            each => new UnusablePackAnswer(each.Vault.Value, each.Pack.ToString(), each.Reason))],
        [.. report.UnusableSnapshots.Select(each => new UnusableSnapshotAnswer(
            each.Vault.Value, each.Snapshot.ToString(), each.Device.Value, each.Reason))],
        report.Packs, report.Records, report.Bytes, report.Snapshots);
}

internal sealed record DamagedRecordAnswer(
    Guid Vault, string Pack, string Record, int Offset, IReadOnlyList<AffectedSnapshotAnswer> Snapshots)
{
    internal static DamagedRecordAnswer Of(DamagedRecord damaged) => new(
        damaged.Vault.Value, damaged.Pack.ToString(), damaged.Record.ToString(), damaged.Offset,
        [.. damaged.Snapshots.Select(each => new AffectedSnapshotAnswer(
            each.Snapshot.ToString(), each.Device.Value, each.Sequence))]);
}

internal sealed record AffectedSnapshotAnswer(string Snapshot, Guid Device, long Sequence);

internal sealed record UnusablePackAnswer(Guid Vault, string Pack, string Reason);

internal sealed record UnusableSnapshotAnswer(Guid Vault, string Snapshot, Guid Device, string Reason);
