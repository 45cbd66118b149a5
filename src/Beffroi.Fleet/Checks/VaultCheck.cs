using Beffroi.Fleet.Snapshots;
using Beffroi.Fleet.Vaults;
using Beffroi.Intake;
using Beffroi.Vault.Stores;
using Npgsql;

namespace Beffroi.Fleet.Checks;

/// <summary>Compares what the database lists with what is stored. Of what is damaged it takes another copy if there is
/// one, and marks the rest so that agents send it again. Safe during backups: packs under way are not listed
/// yet.</summary>
public sealed class VaultCheck
{
    private readonly VaultDirectory _vaults;
    private readonly NpgsqlDataSource _database;
    private readonly PackCheck _packs;
    private readonly SnapshotCheck _snapshots;
    private readonly SoundCopies _copies;
    private readonly DamageSurvey _survey;

    internal VaultCheck(
        NpgsqlDataSource database, IBlobStore blobs, IRecordIndex index, CommitBlobs commits, VaultDirectory vaults)
    {
        (_database, _vaults) = (database, vaults);
        _packs = new PackCheck(database, blobs, index);
        _snapshots = new SnapshotCheck(database, commits);
        _copies = new SoundCopies(database, blobs);
        _survey = new DamageSurvey(database, blobs);
    }

    /// <summary>Checks all vaults.</summary>
    /// <param name="readData">Whether to read and verify every byte; else presence and lengths alone.</param>
    /// <param name="progress">Told where the check stands, in sentences.</param>
    public async Task<CheckReport> RunAsync(
        bool readData, IProgress<string> progress, CancellationToken cancellationToken)
    {
        List<DamagedRecord> damaged = [];
        List<RepointedRecord> repointed = [];
        List<UnusablePack> packs = [];
        List<UnusableSnapshot> snapshots = [];
        foreach (var vault in await _vaults.ListAsync(cancellationToken))
        {
            packs.AddRange(await _packs.RunAsync(vault.Id, readData, progress, cancellationToken));
            repointed.AddRange(await _copies.AdoptAsync(vault.Id, progress, cancellationToken));
            snapshots.AddRange(await _snapshots.RunAsync(vault.Id, cancellationToken));
            damaged.AddRange(await _survey.RunAsync(vault.Id, cancellationToken));
        }
        var (packCount, bytes) = await CountAsync(
            "select count(*), coalesce(sum(bytes), 0)::bigint from fleet.packs", cancellationToken);
        var (recordCount, snapshotCount) = await CountAsync(
            "select (select count(*) from fleet.records), (select count(*) from fleet.snapshots)", cancellationToken);
        return new CheckReport(
            damaged, repointed, packs, snapshots, packCount, recordCount, bytes, snapshotCount);
    }

    private async Task<(long First, long Second)> CountAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand(sql);
        command.CommandTimeout = 0; // Tens of millions of rows take longer than the usual patience.
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }
}
