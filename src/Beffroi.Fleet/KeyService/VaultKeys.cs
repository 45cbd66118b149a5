using System.Globalization;
using Beffroi.Fleet.MemberLog;
using Beffroi.Fleet.Vaults;
using Beffroi.Intake;
using Beffroi.Vault;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Crypto;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.KeyService;

/// <summary>Opens snapshots for machines.</summary>
internal sealed class VaultKeys(
    IDbContextFactory<FleetDb> contexts, IKeyService keyService, MemberLogs logs, VaultJournal journal) : IVaultKeys
{
    public async Task<HpkeSealed> ResealRootKeyAsync(
        KnownDevice device, Receipt commit, string purpose, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var wrapped = await db.Vaults.Where(row => row.Id == device.Vault).Select(row => row.ServicePrivateKeyWrapped)
            .SingleAsync(cancellationToken);
        var turn = await logs.TakeTurnAsync(db, device.Vault, cancellationToken);
        var opened = new RootKeyOpened(
            commit.Machine.Commit.Device.Value, commit.Machine.Id.ToString(), purpose);
        await turn.AppendAsync(opened, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Reseal(device, commit.Machine.Commit, wrapped);
    }

    public async Task NoteManyOpenedAsync(KnownDevice device, int perHourMax, CancellationToken cancellationToken)
    {
        var act = new VaultAct(
            $"device:{device.Id}", "root-keys-refused", device.Vault, new Dictionary<string, string>
            {
                ["device"] = device.Id.ToString(),
                ["perHourMax"] = perHourMax.ToString(CultureInfo.InvariantCulture),
            });
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await journal.AppendAsync(db, act, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private HpkeSealed Reseal(KnownDevice device, Commit commit, byte[] wrapped)
    {
        var source = SealedRootKey.Of(commit, device.Terms.ServiceKey) ?? throw NotSealed(device);
        var info = Commit.ResealInfo(commit.Vault, commit.Device, commit.Sequence, commit.Root);
        return keyService.Reseal(device.Vault, wrapped, source, device.SealKey, info);
    }

    private static VaultException NotSealed(KnownDevice device) => new(
        ErrorCode.SealUnopenable, retryable: false,
        $"This snapshot of device {device.Id} was not sealed to the key service that this vault has now. The member's "
            + "recovery kit opens it.");
}
