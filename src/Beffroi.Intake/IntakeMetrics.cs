using System.Diagnostics.Metrics;

namespace Beffroi.Intake;

/// <summary>What the intake counts, under the meter <c>Beffroi.Intake</c>.</summary>
internal sealed class IntakeMetrics
{
    internal const string MeterName = "Beffroi.Intake";

    private readonly Counter<long> _receivedBytes;
    private readonly Counter<long> _servedBytes;
    private readonly Counter<long> _packs;
    private readonly Counter<long> _commits;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _rootKeysOpened;
    private readonly Counter<long> _rootKeysRefused;

    public IntakeMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _receivedBytes = meter.CreateCounter<long>("beffroi.intake.received", "By", "Bytes of packs that were stored");
        _servedBytes = meter.CreateCounter<long>("beffroi.intake.served", "By", "Bytes of records that were read");
        _packs = meter.CreateCounter<long>("beffroi.intake.packs", "{pack}", "Packs that were stored");
        _commits = meter.CreateCounter<long>("beffroi.intake.commits", "{commit}", "Snapshots that were committed");
        _refusals = meter.CreateCounter<long>("beffroi.intake.refusals", "{request}", "Requests refused, by code");
        _rootKeysOpened = meter.CreateCounter<long>(
            "beffroi.intake.root_keys.opened", "{snapshot}", "Snapshots that the key service opened for a restore");
        _rootKeysRefused = meter.CreateCounter<long>(
            "beffroi.intake.root_keys.refused", "{snapshot}",
            "Snapshots not opened since their device opens more than allowed");
    }

    internal void StoredPack(long bytes)
    {
        _packs.Add(1);
        _receivedBytes.Add(bytes);
    }

    internal void Served(long bytes) => _servedBytes.Add(bytes);

    internal void Committed() => _commits.Add(1);

    internal void OpenedRootKey() => _rootKeysOpened.Add(1);

    internal void RefusedRootKey() => _rootKeysRefused.Add(1);

    internal void Refused(string code) => _refusals.Add(1, new KeyValuePair<string, object?>("code", code));
}
