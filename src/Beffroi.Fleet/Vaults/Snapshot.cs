using Beffroi.Fleet.Devices;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Fleet.Vaults;

/// <summary>An accepted commit. The commit object in the blob store is the truth; this row makes it quick to
/// find.</summary>
internal sealed class Snapshot
{
    public required SnapshotId Id { get; init; }
    public required VaultId VaultId { get; init; }
    public required DeviceId DeviceId { get; init; }
    public required long Sequence { get; init; }

    /// <summary>The server's clock; <see cref="ClaimedAt"/> is the machine's, shown but never trusted.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    public required DateTimeOffset ClaimedAt { get; init; }

    /// <summary>When the run ended, by the machine's clock as well; <see cref="ClaimedAt"/> is when it
    /// started.</summary>
    public required DateTimeOffset EndedAt { get; init; }

    public required RecordId RootId { get; init; }
    public required long Files { get; init; }
    public required long Directories { get; init; }
    public required long LogicalBytes { get; init; }
    public required long StoredBytes { get; init; }
    public required long Warnings { get; init; }
    public required string ObjectName { get; init; }
}

internal sealed class SnapshotMap : IEntityTypeConfiguration<Snapshot>
{
    public void Configure(EntityTypeBuilder<Snapshot> builder)
    {
        builder.ToTable("snapshots");
        builder.HasKey(row => row.Id).HasName("snapshots_pkey");
        builder.Property(row => row.Id).HasColumnName("id");
        builder.Property(row => row.VaultId).HasColumnName("vault_id");
        builder.Property(row => row.DeviceId).HasColumnName("device_id");
        builder.Property(row => row.Sequence).HasColumnName("sequence");
        builder.Property(row => row.ReceivedAt).HasColumnName("received_at");
        builder.Property(row => row.ClaimedAt).HasColumnName("claimed_at");
        builder.Property(row => row.EndedAt).HasColumnName("ended_at");
        builder.Property(row => row.RootId).HasColumnName("root_id");
        builder.Property(row => row.Files).HasColumnName("files");
        builder.Property(row => row.Directories).HasColumnName("directories");
        builder.Property(row => row.LogicalBytes).HasColumnName("logical_bytes");
        builder.Property(row => row.StoredBytes).HasColumnName("stored_bytes");
        builder.Property(row => row.Warnings).HasColumnName("warnings");
        builder.Property(row => row.ObjectName).HasColumnName("object_name");

        // Makes a repeated commit idempotent, and two different commits of one number impossible.
        builder.HasIndex(row => new { row.DeviceId, row.Sequence }).IsUnique()
            .HasDatabaseName("snapshots_device_id_sequence_key");
        builder.HasIndex(row => new { row.VaultId, row.ReceivedAt })
            .HasDatabaseName("snapshots_vault_id_received_at_idx");
        builder.HasOne<MemberVault>().WithMany().HasForeignKey(row => row.VaultId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("snapshots_vault_id_fkey");
        builder.HasOne<Device>().WithMany().HasForeignKey(row => row.DeviceId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("snapshots_device_id_fkey");
    }
}
