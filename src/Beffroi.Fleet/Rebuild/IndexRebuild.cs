using Beffroi.Fleet.MemberLog;
using Beffroi.Fleet.Records;
using Beffroi.Fleet.Snapshots;
using Beffroi.Identity;
using Beffroi.Vault;
using Beffroi.Vault.Stores;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Beffroi.Fleet.Rebuild;

/// <summary>Makes the database anew from the blobs: the members' logs, the packs' lists of records, the
/// commits.</summary>
/// <remarks>For each vault the log in one transaction, which is short, and the index in another, under a lock that
/// sends uploads away for a while. Readers see the old index until the new one is whole. docs/operations/rebuild.md
/// says what the blobs do not know.</remarks>
public sealed partial class IndexRebuild
{
    private readonly IDbContextFactory<FleetDb> _contexts;
    private readonly IBlobStore _blobs;
    private readonly MemberDirectory _members;
    private readonly MemberLogs _logs;
    private readonly CommitBlobs _commits;
    private readonly TimeProvider _time;
    private readonly ILogger<IndexRebuild> _logger;

    internal IndexRebuild(
        IDbContextFactory<FleetDb> contexts, IBlobStore blobs, MemberDirectory members, MemberLogs logs,
        CommitBlobs commits, TimeProvider time, ILogger<IndexRebuild> logger) =>
        (_contexts, _blobs, _members, _logs, _commits, _time, _logger) =
        (contexts, blobs, members, logs, commits, time, logger);

    /// <summary>Rebuilds the index of one member's vault, or of all that the blob store has.</summary>
    /// <param name="progress">Told where the rebuild stands, in sentences.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.NotFound"/>: the blob store has no vault of that
    /// member.</exception>
    public async Task<RebuildReport> RunAsync(
        MemberId? member, IProgress<string> progress, CancellationToken cancellationToken)
    {
        var tally = new RebuildTally();
        await foreach (var vault in ListVaultsAsync(cancellationToken))
        {
            try
            {
                var birth = await ReadBirthAsync(vault, cancellationToken);
                if (birth is null || (member is { } wanted && birth.Member.Id != wanted.Value)) continue;

                progress.Report($"Vault {vault} of {birth.Member.Name}: reading its log, packs and commits.");
                await RebuildAsync(vault, birth, tally, cancellationToken);
                progress.Report(
                    $"So far: {tally.Records} records in {tally.Packs} packs, {tally.Snapshots} snapshots.");
            }
            catch (VaultException exception) when (!exception.IsRetryable)
            {
                // A vault whose log or keys are damaged is left as it was; the next one may be whole.
                LogLeftOut(exception, vault);
                progress.Report($"Vault {vault} is left out: {exception.Message}");
                tally.LeftOut.Add(new UnreadableBlob(vault, $"t/{vault}", exception.Message));
            }
        }
        return tally.Vaults + tally.LeftOut.Count > 0 || member is null ? tally.ToReport() : throw new VaultException(
            ErrorCode.NotFound, retryable: false,
            $"The blob store has no vault of member {member}. 'beffroi-server admin list-members' shows those that "
                + "are known.");
    }

    private async Task RebuildAsync(
        VaultId vault, VaultCreated birth, RebuildTally tally, CancellationToken cancellationToken)
    {
        await _members.RestoreMemberAsync(MemberOf(birth), birth.At, cancellationToken);
        await using var db = await OpenAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LockAsync(db, VaultLocks.OfIndex(vault), cancellationToken);
        if (!await ReplayAsync(vault, birth, cancellationToken)) return;

        var found = new RebuildTally(); // Of this vault alone: what fails below has brought nothing back.
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var index = new IndexTables(connection, _blobs, vault, _time.GetUtcNow(), found);
        await index.ReplacePacksAsync(new PackFooters(_blobs).ReadAsync(vault, cancellationToken), cancellationToken);
        await index.ReplaceSnapshotsAsync(_commits, cancellationToken);
        await index.CountUsageAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        found.Vaults = 1;
        tally.Add(found);
    }

    /// <summary>Applies the log from its beginning, in a transaction of its own: with the log's lock kept while
    /// millions of records are listed, no machine of the vault could be enrolled and no root key opened.</summary>
    private async Task<bool> ReplayAsync(VaultId vault, VaultCreated birth, CancellationToken cancellationToken)
    {
        await using var db = await OpenAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LockAsync(db, VaultLocks.OfLog(vault), cancellationToken);
        LogTurn? turn = null;
        await foreach (var (entry, position) in _logs.ReadAsync(vault, LogPosition.Start, cancellationToken))
        {
            turn ??= new LogTurn(_logs, db, vault, LogPosition.Start);
            if (entry.N > 1) await LogReplay.ApplyAsync(db, vault, entry, cancellationToken);
            else if (!await BeginAsync(db, vault, birth, cancellationToken)) return false;
            await turn.MoveToAsync(position, cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        return turn is not null;
    }

    private async Task<FleetDb> OpenAsync(CancellationToken cancellationToken)
    {
        var db = await _contexts.CreateDbContextAsync(cancellationToken);
        // Tens of millions of rows; the operator watches the progress.
        db.Database.SetCommandTimeout(TimeSpan.FromHours(12));
        return db;
    }

    private static Task<int> LockAsync(FleetDb db, long key, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({key})", cancellationToken);

    private async Task<bool> BeginAsync(
        FleetDb db, VaultId vault, VaultCreated birth, CancellationToken cancellationToken)
    {
        var member = new MemberId(birth.Member.Id);
        var known = await db.Vaults.Where(row => row.MemberId == member).Select(row => row.Id)
            .ToListAsync(cancellationToken);
        if (known.Contains(vault)) return true;
        if (known.Count > 0)
        {
            LogSecondVault(vault, member, known[0]);
            return false;
        }
        var keys = await VaultBirth.ReadKeysAsync(_blobs, vault, cancellationToken);
        await VaultBirth.InsertAsync(db, birth, keys, cancellationToken);
        return true;
    }

    private async Task<VaultCreated?> ReadBirthAsync(VaultId vault, CancellationToken cancellationToken)
    {
        await foreach (var (entry, _) in _logs.ReadAsync(vault, LogPosition.Start, cancellationToken))
            return entry as VaultCreated;
        return null;
    }

    /// <summary>The vaults of the blob store, each found by one step over all of its blobs.</summary>
    private async IAsyncEnumerable<VaultId> ListVaultsAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        BlobName? after = null;
        while (await FirstAfterAsync(after, cancellationToken) is { } name)
        {
            var parts = name.Value.Split('/');
            if (Guid.TryParseExact(parts[1], "D", out var id)) yield return new VaultId(id);
            after = new BlobName($"t/{parts[1]}/z"); // Every part of a vault is named by an earlier letter.
        }
    }

    private async Task<BlobName?> FirstAfterAsync(BlobName? after, CancellationToken cancellationToken)
    {
        await foreach (var entry in _blobs.ListAsync("t/", after, cancellationToken)) return entry.Name;
        return null;
    }

    private static MemberSummary MemberOf(VaultCreated birth) => new(
        new MemberId(birth.Member.Id), birth.Member.Name, Siret.Parse(birth.Member.Siret), birth.Member.Population,
        birth.Member.Level);

    [LoggerMessage(3041, LogLevel.Error, "Vault {Vault} is left out of the rebuild")]
    private partial void LogLeftOut(Exception exception, VaultId vault);

    [LoggerMessage(3040, LogLevel.Warning,
        "Vault {Vault} is left out: its creation was cut, and member {Member} has the vault {Other}")]
    private partial void LogSecondVault(VaultId vault, MemberId member, VaultId other);
}
