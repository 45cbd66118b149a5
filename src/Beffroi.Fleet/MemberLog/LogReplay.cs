using Beffroi.Fleet.Vaults;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.MemberLog;

/// <summary>Brings the database to what an entry of the log says. Applying an entry again changes nothing.</summary>
internal static class LogReplay
{
    /// <summary>Applies any entry but the first, which <see cref="VaultDirectory"/> and the rebuild apply with the
    /// keys.</summary>
    internal static Task ApplyAsync(FleetDb db, VaultId vault, LogEntry entry, CancellationToken cancellationToken) =>
        entry switch
        {
            DeviceEnrolled enrolled => EnrolAsync(db, vault, enrolled, cancellationToken),
            DeviceRevoked revoked => RevokeAsync(db, vault, revoked, cancellationToken),
            QuotaSet quota => SetQuotaAsync(db, vault, quota, cancellationToken),
            RootKeyOpened => Task.CompletedTask, // It tells people what happened; nothing depends on it.
            _ => throw new VaultException(
                ErrorCode.LogBroken, retryable: false,
                $"The log of vault {vault} has a second beginning at entry {entry.N}. Put the blobs of the log back "
                    + "from a copy."),
        };

    private static async Task EnrolAsync(
        FleetDb db, VaultId vault, DeviceEnrolled entry, CancellationToken cancellationToken)
    {
        var ordinal = await AddSecretAsync(db, vault, entry, cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into fleet.devices (id, vault_id, name, kind, platform, agent_version, sign_key, hpke_key,
                                       machine_secret_ordinal, enrolled_at, last_sequence)
            values ({entry.Device}, {vault.Value}, {entry.Name}, {entry.DeviceKind}, {entry.Platform}, '',
                    {entry.SignKey}, {entry.SealKey}, {ordinal}, {entry.At}, 0)
            on conflict (id) do update set
                name = excluded.name, kind = excluded.kind, platform = excluded.platform, sign_key = excluded.sign_key,
                hpke_key = excluded.hpke_key, machine_secret_ordinal = excluded.machine_secret_ordinal,
                enrolled_at = excluded.enrolled_at, revoked_at = null
            where devices.vault_id = excluded.vault_id
            """,
            cancellationToken);
        var token = Digest256.Parse(entry.Token).ToArray();
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into fleet.enrolment_tokens (token_hash, vault_id, device_kind, replaces_device_id, created_at,
                                                expires_at, used_at, used_by_device_id)
            values ({token}, {vault.Value}, {entry.DeviceKind}, {entry.Replaces}, {entry.At}, {entry.At}, {entry.At},
                    {entry.Device})
            on conflict (token_hash) do update
                set used_at = excluded.used_at, used_by_device_id = excluded.used_by_device_id, text_wrapped = null
            """,
            cancellationToken);
    }

    /// <summary>Names the machine's secret; ordinals follow the order of the log, so that a rebuild gives the same
    /// ones.</summary>
    private static async Task<short> AddSecretAsync(
        FleetDb db, VaultId vault, DeviceEnrolled entry, CancellationToken cancellationToken)
    {
        var secret = new SecretId(entry.MachineSecret);
        var known = await db.Secrets.AsNoTracking().Where(row => row.VaultId == vault).ToListAsync(cancellationToken);
        if (known.Find(row => row.SecretId == secret) is { } same)
            return same.DeviceId == new DeviceId(entry.Device) ? same.Ordinal : throw Taken(secret);

        var ordinal = checked((short)(known.Max(row => row.Ordinal) + 1));
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into fleet.secrets (vault_id, ordinal, secret_id, device_id)
            values ({vault.Value}, {ordinal}, {secret.Value}, {entry.Device})
            """,
            cancellationToken);
        return ordinal;
    }

    private static Task<int> RevokeAsync(
        FleetDb db, VaultId vault, DeviceRevoked entry, CancellationToken cancellationToken)
    {
        var device = new DeviceId(entry.Device);
        return db.Devices.Where(row => row.Id == device && row.VaultId == vault && row.RevokedAt == null)
            .ExecuteUpdateAsync(row => row.SetProperty(each => each.RevokedAt, entry.At), cancellationToken);
    }

    private static Task<int> SetQuotaAsync(
        FleetDb db, VaultId vault, QuotaSet entry, CancellationToken cancellationToken) =>
        db.Vaults.Where(row => row.Id == vault)
            .ExecuteUpdateAsync(row => row.SetProperty(each => each.QuotaBytes, entry.QuotaBytes), cancellationToken);

    private static VaultException Taken(SecretId secret) => new(
        ErrorCode.RequestMalformed, retryable: false,
        $"The secret {secret} belongs to another machine of this vault. Enrol with a new one: the agent makes it by "
            + "itself.");
}
