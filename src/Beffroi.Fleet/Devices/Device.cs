using Beffroi.Fleet.Vaults;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Fleet.Devices;

/// <summary>A machine that backs up into a vault, with the public halves of its two keys.</summary>
internal sealed class Device
{
    internal const int NameCharactersMax = 200;

    public required DeviceId Id { get; init; }
    public required VaultId VaultId { get; init; }
    public required string Name { get; set; }
    public required DeviceKind Kind { get; init; }
    public required string Platform { get; set; }
    public required string AgentVersion { get; set; }

    /// <summary>Uncompressed P-256 point that verifies commits and requests.</summary>
    public required byte[] SignKey { get; set; }

    /// <summary>Uncompressed P-256 point to which the key service re-seals root keys for a restore.</summary>
    public required byte[] HpkeKey { get; set; }

    public required short MachineSecretOrdinal { get; set; }
    public required DateTimeOffset EnrolledAt { get; set; }
    public DateTimeOffset? RevokedAt { get; set; }
    public DateTimeOffset? LastSeenAt { get; set; }

    /// <summary>Sequence of the last accepted commit; 0 before the first.</summary>
    public long LastSequence { get; set; }

    public SnapshotId? LastCommitId { get; set; }
    public DateTimeOffset? LastSnapshotAt { get; set; }

    /// <summary>Whether a machine may be called so.</summary>
    internal static bool IsName(string text) =>
        !string.IsNullOrWhiteSpace(text) && text.Length <= NameCharactersMax && !text.Any(char.IsControl);
}

internal sealed class DeviceMap : IEntityTypeConfiguration<Device>
{
    public void Configure(EntityTypeBuilder<Device> builder)
    {
        builder.ToTable("devices", table =>
        {
            table.HasCheckConstraint("devices_kind_check", "kind in ('fixed', 'laptop', 'server')");
            table.HasCheckConstraint("devices_sign_key_check", "octet_length(sign_key) = 65");
            table.HasCheckConstraint("devices_hpke_key_check", "octet_length(hpke_key) = 65");
        });
        builder.HasKey(row => row.Id).HasName("devices_pkey");
        MapColumns(builder);
        builder.HasIndex(row => row.VaultId).HasDatabaseName("devices_vault_id_idx");
        builder.HasOne<MemberVault>().WithMany().HasForeignKey(row => row.VaultId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("devices_vault_id_fkey");
    }

    private static void MapColumns(EntityTypeBuilder<Device> builder)
    {
        builder.Property(row => row.Id).HasColumnName("id");
        builder.Property(row => row.VaultId).HasColumnName("vault_id");
        builder.Property(row => row.Name).HasColumnName("name").HasMaxLength(Device.NameCharactersMax);
        builder.Property(row => row.Kind).HasColumnName("kind")
            .HasConversion(kind => DeviceKindText.Of(kind), text => DeviceKindText.Parse(text));
        builder.Property(row => row.Platform).HasColumnName("platform").HasMaxLength(Device.NameCharactersMax);
        builder.Property(row => row.AgentVersion).HasColumnName("agent_version").HasMaxLength(64);
        builder.Property(row => row.SignKey).HasColumnName("sign_key");
        builder.Property(row => row.HpkeKey).HasColumnName("hpke_key");
        builder.Property(row => row.MachineSecretOrdinal).HasColumnName("machine_secret_ordinal");
        builder.Property(row => row.EnrolledAt).HasColumnName("enrolled_at");
        builder.Property(row => row.RevokedAt).HasColumnName("revoked_at");
        builder.Property(row => row.LastSeenAt).HasColumnName("last_seen_at");
        builder.Property(row => row.LastSequence).HasColumnName("last_sequence");
        builder.Property(row => row.LastCommitId).HasColumnName("last_commit_id");
        builder.Property(row => row.LastSnapshotAt).HasColumnName("last_snapshot_at");
    }
}
