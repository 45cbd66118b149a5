using Beffroi.Fleet.Devices;
using Beffroi.Identity;
using Beffroi.Identity.Database;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Fleet.Watch;

/// <summary>A finding that was first seen at a moment and holds until it is cleared: what mails are sent about, once
/// each.</summary>
internal sealed class Alert : ITenantOwned
{
    public required Guid Id { get; init; }
    public required DeviceId DeviceId { get; init; }
    public required MemberId MemberId { get; init; }
    public required WatchReason Reason { get; init; }
    public required WatchState State { get; set; }
    public DateTimeOffset? Since { get; set; }
    public long? Number { get; set; }
    public string? Text { get; set; }
    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>When the member's référents were told at this state; none before, and none again after it got
    /// worse.</summary>
    public DateTimeOffset? ToldAt { get; set; }

    public DateTimeOffset? ClearedAt { get; set; }

    internal WatchFinding ToFinding() => new(Reason, State, Since, Number, Text);
}

internal sealed class AlertMap : IEntityTypeConfiguration<Alert>
{
    public void Configure(EntityTypeBuilder<Alert> builder)
    {
        builder.ToTable("alerts");
        builder.HasKey(row => row.Id).HasName("alerts_pkey");
        builder.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(row => row.DeviceId).HasColumnName("device_id");
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.Reason).HasColumnName("reason").HasConversion<string>().HasMaxLength(40);
        builder.Property(row => row.State).HasColumnName("state").HasConversion<string>().HasMaxLength(20);
        builder.Property(row => row.Since).HasColumnName("since");
        builder.Property(row => row.Number).HasColumnName("number");
        builder.Property(row => row.Text).HasColumnName("text");
        builder.Property(row => row.RaisedAt).HasColumnName("raised_at");
        builder.Property(row => row.ToldAt).HasColumnName("told_at");
        builder.Property(row => row.ClearedAt).HasColumnName("cleared_at");

        // One open alert for each reason of a device, whatever number of servers judge it at once.
        builder.HasIndex(row => new { row.DeviceId, row.Reason }).IsUnique().HasFilter("cleared_at is null")
            .HasDatabaseName("alerts_open_key");
        builder.HasIndex(row => new { row.MemberId, row.RaisedAt }).HasDatabaseName("alerts_member_id_raised_at_idx");
        builder.HasOne<Device>().WithMany().HasForeignKey(row => row.DeviceId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("alerts_device_id_fkey");
    }
}
