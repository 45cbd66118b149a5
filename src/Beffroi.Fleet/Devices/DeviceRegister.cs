using Beffroi.Fleet.Vaults;
using Beffroi.Identity;
using Beffroi.Intake;
using Beffroi.Protocol;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
using Npgsql;

namespace Beffroi.Fleet.Devices;

/// <summary>The devices as the intake sees them.</summary>
internal sealed class DeviceRegister(
    NpgsqlDataSource database, DeviceEnrolment enrolment, DeviceDirectory directory,
    MemberDirectory members) : IDeviceDirectory
{
    public async Task<KnownDevice?> FindAsync(DeviceId id, CancellationToken cancellationToken)
    {
        // One round trip, since every request asks: the device, its vault's terms, and its secrets.
        await using var command = database.CreateCommand("""
            select d.vault_id, d.sign_key, d.hpke_key, d.revoked_at is not null, d.last_sequence, d.last_commit_id,
                   v.recovery_public_key, v.service_public_key, v.quota_bytes, v.used_bytes, v.mode,
                   array_agg(s.secret_id order by s.ordinal), array_agg(s.ordinal order by s.ordinal)
            from fleet.devices d join fleet.vaults v on v.id = d.vault_id
            join fleet.secrets s on s.vault_id = d.vault_id and (s.device_id is null or s.device_id = d.id)
            where d.id = $1 group by d.id, v.id
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = id.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(id, reader) : null;
    }

    public Task<EnrolmentAnswer> EnrolAsync(EnrolmentRequest request, CancellationToken cancellationToken) =>
        enrolment.EnrolAsync(request, cancellationToken);

    public async Task MarkSeenAsync(DeviceId id, string agentVersion, CancellationToken cancellationToken)
    {
        // Never waits: a rebuild and a slow commit hold the row for minutes, and the next session marks it as well.
        await using var command = database.CreateCommand("""
            update fleet.devices set last_seen_at = now(), agent_version = $2
            where id in (select id from fleet.devices where id = $1 for no key update skip locked)
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = id.Value });
        command.Parameters.Add(new NpgsqlParameter { Value = agentVersion[..Math.Min(agentVersion.Length, 64)] });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public Task RevokeAsync(KnownDevice device, string reason, CancellationToken cancellationToken) =>
        directory.RevokeAsync(device.Id, reason, $"device:{device.Id}", cancellationToken);

    public async Task<VaultMessage> DescribeVaultAsync(KnownDevice device, CancellationToken cancellationToken)
    {
        // One connection after the other: who keeps one while it waits for a second may wait for ever.
        var (memberId, described) = await DescribeAsync(device.Id, cancellationToken);
        var member = await members.FindMemberAsync(memberId, cancellationToken);
        return new VaultMessage(
            device.Vault.Value, member?.Name ?? "", VaultModeText.Managed, device.Terms.RecoveryKey.ToString(),
            device.Terms.QuotaBytes, device.Terms.UsedBytes, described);
    }

    private async Task<(MemberId Member, DeviceMessage Device)> DescribeAsync(
        DeviceId id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select v.member_id, d.name, d.enrolled_at from fleet.devices d join fleet.vaults v on v.id = d.vault_id "
                + "where d.id = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = id.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (
            new MemberId(reader.GetGuid(0)),
            new DeviceMessage(id.Value, reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2)));
    }

    private static KnownDevice Read(DeviceId id, NpgsqlDataReader reader)
    {
        var recovery = HpkePublicKey.Import(reader.GetFieldValue<byte[]>(6)).KeyId;
        var service = reader.GetString(10) == VaultModeText.Managed
            ? HpkePublicKey.Import(reader.GetFieldValue<byte[]>(7)).KeyId
            : (KeyId?)null;
        var secrets = reader.GetFieldValue<Guid[]>(11).Zip(reader.GetFieldValue<short[]>(12))
            .ToDictionary(pair => new SecretId(pair.First), pair => pair.Second);
        return new KnownDevice(
            id, new VaultId(reader.GetGuid(0)), VerifyingKey.Import(reader.GetFieldValue<byte[]>(1)),
            HpkePublicKey.Import(reader.GetFieldValue<byte[]>(2)), reader.GetBoolean(3), reader.GetInt64(4),
            reader.IsDBNull(5) ? null : new SnapshotId(new Digest256(reader.GetFieldValue<byte[]>(5))),
            new VaultTerms(recovery, service, reader.GetInt64(8), reader.GetInt64(9)), secrets);
    }
}
