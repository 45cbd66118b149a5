using Beffroi.Fleet.Devices;
using Beffroi.Identity;
using Beffroi.Identity.Database;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Fleet.Drift;

/// <summary>A big folder or a database that a device found outside of its plan.</summary>
internal sealed class Finding : ITenantOwned
{
    internal const int PathCharactersMax = 500;

    public required DeviceId DeviceId { get; init; }
    public required string Path { get; init; }
    public required MemberId MemberId { get; init; }
    public required bool IsDatabase { get; set; }
    public required long Files { get; set; }
    public required long Bytes { get; set; }
    public required DateTimeOffset FirstSeenAt { get; init; }
    public required DateTimeOffset LastSeenAt { get; set; }

    /// <summary>When the device no longer reported it: covered now, or removed.</summary>
    public DateTimeOffset? GoneAt { get; set; }

    public string? AcknowledgedActor { get; set; }
    public string? AcknowledgedName { get; set; }
    public DateTimeOffset? AcknowledgedAt { get; set; }
    public string? Note { get; set; }

    internal DriftFinding ToFinding() => new(
        DeviceId, MemberId, Path, IsDatabase, Files, Bytes, FirstSeenAt, LastSeenAt,
        AcknowledgedAt is { } at ? new DriftAcknowledgement(AcknowledgedName ?? "", at, Note ?? "") : null);
}

internal sealed class FindingMap : IEntityTypeConfiguration<Finding>
{
    public void Configure(EntityTypeBuilder<Finding> builder)
    {
        builder.ToTable("findings");
        builder.HasKey(row => new { row.DeviceId, row.Path }).HasName("findings_pkey");
        builder.Property(row => row.DeviceId).HasColumnName("device_id");
        builder.Property(row => row.Path).HasColumnName("path").HasMaxLength(Finding.PathCharactersMax);
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.IsDatabase).HasColumnName("is_database");
        builder.Property(row => row.Files).HasColumnName("files");
        builder.Property(row => row.Bytes).HasColumnName("bytes");
        builder.Property(row => row.FirstSeenAt).HasColumnName("first_seen_at");
        builder.Property(row => row.LastSeenAt).HasColumnName("last_seen_at");
        builder.Property(row => row.GoneAt).HasColumnName("gone_at");
        builder.Property(row => row.AcknowledgedActor).HasColumnName("acknowledged_actor");
        builder.Property(row => row.AcknowledgedName).HasColumnName("acknowledged_name");
        builder.Property(row => row.AcknowledgedAt).HasColumnName("acknowledged_at");
        builder.Property(row => row.Note).HasColumnName("note");
        builder.HasIndex(row => row.MemberId).HasDatabaseName("findings_member_id_idx");
        builder.HasOne<Device>().WithMany().HasForeignKey(row => row.DeviceId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("findings_device_id_fkey");
    }
}
