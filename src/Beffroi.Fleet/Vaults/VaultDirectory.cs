using System.Globalization;
using Beffroi.Fleet.KeyService;
using Beffroi.Fleet.MemberLog;
using Beffroi.Identity;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Stores;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Beffroi.Fleet.Vaults;

/// <summary>The members' vaults. May be used from many threads at once.</summary>
public sealed class VaultDirectory
{
    private readonly IDbContextFactory<FleetDb> _contexts;
    private readonly IKeyService _keyService;
    private readonly VaultJournal _journal;
    private readonly MemberDirectory _members;
    private readonly IBlobStore _blobs;
    private readonly MemberLogs _logs;

    internal VaultDirectory(
        IDbContextFactory<FleetDb> contexts, IKeyService keyService, VaultJournal journal, MemberDirectory members,
        IBlobStore blobs, MemberLogs logs) =>
        (_contexts, _keyService, _journal, _members, _blobs, _logs) =
        (contexts, keyService, journal, members, blobs, logs);

    /// <summary>Creates a vault with its keys, its group secret and its part of the index, all or nothing.</summary>
    /// <param name="actor">Who asks, for the journal.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.UsageInvalid"/>: the member has a vault.</exception>
    public async Task CreateAsync(NewVault vault, string actor, CancellationToken cancellationToken)
    {
        try
        {
            await InsertAsync(vault, actor, cancellationToken);
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.UniqueViolation,
            ConstraintName: MemberVaultMap.MemberKey,
        })
        {
            throw new VaultException(
                ErrorCode.UsageInvalid,
                retryable: false,
                $"Member {vault.Member} has a vault already, and every member has one. Its kit was made with it.",
                exception);
        }
    }

    /// <summary>The vault of a member, if it has one.</summary>
    public async Task<VaultSummary?> FindAsync(MemberId member, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        return await db.Vaults.AsNoTracking().Where(row => row.MemberId == member)
            .Select(row => new VaultSummary(row.Id, row.MemberId, row.QuotaBytes, row.UsedBytes))
            .SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>All vaults.</summary>
    public async Task<IReadOnlyList<VaultSummary>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        return await db.Vaults.AsNoTracking()
            .Select(row => new VaultSummary(row.Id, row.MemberId, row.QuotaBytes, row.UsedBytes))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Sets how much a vault may hold. Below what it holds already, nothing is lost and nothing more comes
    /// in.</summary>
    /// <param name="actor">Who asks, for the journal.</param>
    public async Task SetQuotaAsync(VaultId vault, long quotaBytes, string actor, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(quotaBytes);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var turn = await _logs.TakeTurnAsync(db, vault, cancellationToken);
        var before = await db.Vaults.Where(row => row.Id == vault).Select(row => row.QuotaBytes)
            .SingleAsync(cancellationToken);
        await turn.AppendAsync(new QuotaSet(quotaBytes), cancellationToken);
        var act = new VaultAct(actor, "quota-set", vault, new Dictionary<string, string>
        {
            ["before"] = before.ToString(CultureInfo.InvariantCulture),
            ["quotaBytes"] = quotaBytes.ToString(CultureInfo.InvariantCulture),
        });
        await _journal.AppendAsync(db, act, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Whether there is any vault, and so wrapped keys that only the first key file opens.</summary>
    public static async Task<bool> AnyAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select exists (select from fleet.vaults)");
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Makes sure, at start, that the blobs of the vaults that the database knows are in the store: one
    /// vault's will do, since what is looked for here is an empty or another store, not a missing file.</summary>
    /// <param name="store">Where to look, past its mark.</param>
    /// <param name="place">How the configuration names it.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.StoreUnmarked"/>: none is there.</exception>
    public static async Task DemandBlobsAsync(
        NpgsqlDataSource database, IBlobStore store, string place, CancellationToken cancellationToken)
    {
        var vaults = await ListIdsAsync(database, cancellationToken);
        foreach (var vault in vaults)
        {
            await foreach (var _ in store.ListAsync(BlobNames.VaultPrefix(vault), startAfter: null, cancellationToken))
                return;
        }
        if (vaults.Count == 0) return;

        throw new VaultException(
            ErrorCode.StoreUnmarked,
            retryable: false,
            $"The database knows {vaults.Count} vaults, and the blob store {place} holds nothing of any of them. Its "
                + "disk is not mounted, or the setting names another place. Nothing was changed: mount the disk or "
                + "correct the setting, then start again. If the blobs are lost, put a copy of them back first.");
    }

    /// <summary>Makes sure, at start, that the server has the keys that wrapped its vaults' keys.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.KeyFileMissing"/>: it has others.</exception>
    public async Task DemandKeysAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        // Past EF Core, which would build its model first: this delays every start.
        await using var command = database.CreateCommand(
            "select id, service_private_key_wrapped, service_public_key from fleet.vaults order by created_at desc "
                + "limit 1");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) return;

        _keyService.DemandKeysOf(
            new VaultId(reader.GetGuid(0)),
            reader.GetFieldValue<byte[]>(1),
            HpkePublicKey.Import(reader.GetFieldValue<byte[]>(2)));
    }

    private static async Task<List<VaultId>> ListIdsAsync(
        NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select id from fleet.vaults order by created_at");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<VaultId> vaults = [];
        while (await reader.ReadAsync(cancellationToken)) vaults.Add(new VaultId(reader.GetGuid(0)));
        return vaults;
    }

    private async Task InsertAsync(NewVault vault, string actor, CancellationToken cancellationToken)
    {
        var keys = _keyService.CreateVaultKeys(vault.Id);
        var wrapped = new WrappedKeys(keys.ServicePrivateKeyWrapped, keys.GroupSecretWrapped);
        var birth = await DescribeAsync(vault, keys, cancellationToken);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await VaultBirth.InsertAsync(
            db, (VaultCreated)_logs.Complete(birth, LogPosition.Start), wrapped, cancellationToken);
        await VaultBirth.PutKeysAsync(_blobs, vault.Id, wrapped, cancellationToken);
        var turn = new LogTurn(_logs, db, vault.Id, LogPosition.Start);
        await turn.MoveToAsync(
            await _logs.PutAsync(vault.Id, birth, LogPosition.Start, cancellationToken), cancellationToken);
        var act = new VaultAct(actor, "vault-created", vault.Id, new Dictionary<string, string>
        {
            ["member"] = vault.Member.ToString(),
            ["recoveryKey"] = vault.RecoveryKey.KeyId.ToString(),
            ["quotaBytes"] = vault.QuotaBytes.ToString(CultureInfo.InvariantCulture),
        });
        await _journal.AppendAsync(db, act, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<VaultCreated> DescribeAsync(
        NewVault vault, NewVaultKeys keys, CancellationToken cancellationToken)
    {
        var member = await _members.FindMemberAsync(vault.Member, cancellationToken) ?? throw new VaultException(
            ErrorCode.NotFound, retryable: false,
            $"There is no member {vault.Member}. 'beffroi-server admin list-members' shows all of them.");
        var provider = await _members.GetOperatorAsync(cancellationToken);
        return new VaultCreated(
            vault.Id.Value,
            new LoggedMember(member.Id.Value, member.Name, member.Siret.Value, member.Level, member.Population),
            new LoggedOperator(provider.Id.Value, provider.Name, provider.Siret?.Value),
            VaultModeText.Managed, vault.RecoveryKey.ToArray(), keys.ServicePublicKey.ToArray(),
            keys.GroupSecretId.Value, vault.QuotaBytes);
    }
}
