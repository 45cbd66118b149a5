using Beffroi.Fleet.Devices;
using Beffroi.Identity;
using Beffroi.Identity.Database;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Fleet.Presence;

/// <summary>One life of a device's daemon: from one start to the next.</summary>
internal sealed class Installation : ITenantOwned
{
    public required DeviceId DeviceId { get; init; }

    /// <summary>Made at the daemon's first start on this disk; a clone of the disk has the same.</summary>
    public required Guid InstallationId { get; init; }

    /// <summary>Made at each start.</summary>
    public required Guid StartId { get; init; }

    public required MemberId MemberId { get; init; }
    public required string HostName { get; init; }
    public DateTimeOffset? BootedAt { get; init; }
    public required DateTimeOffset FirstSeenAt { get; init; }
    public required DateTimeOffset LastSeenAt { get; set; }
}

internal sealed class InstallationMap : IEntityTypeConfiguration<Installation>
{
    public void Configure(EntityTypeBuilder<Installation> builder)
    {
        builder.ToTable("installations");
        builder.HasKey(row => new { row.DeviceId, row.InstallationId, row.StartId }).HasName("installations_pkey");
        builder.Property(row => row.DeviceId).HasColumnName("device_id");
        builder.Property(row => row.InstallationId).HasColumnName("installation_id");
        builder.Property(row => row.StartId).HasColumnName("start_id");
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.HostName).HasColumnName("host_name");
        builder.Property(row => row.BootedAt).HasColumnName("booted_at");
        builder.Property(row => row.FirstSeenAt).HasColumnName("first_seen_at");
        builder.Property(row => row.LastSeenAt).HasColumnName("last_seen_at");
        builder.HasIndex(row => new { row.DeviceId, row.LastSeenAt })
            .HasDatabaseName("installations_device_id_last_seen_at_idx");
        builder.HasOne<Device>().WithMany().HasForeignKey(row => row.DeviceId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("installations_device_id_fkey");
    }
}
