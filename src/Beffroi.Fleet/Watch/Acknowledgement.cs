using Beffroi.Fleet.Devices;
using Beffroi.Identity;
using Beffroi.Identity.Database;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Fleet.Watch;

/// <summary>Somebody has seen a finding and said why it may wait. It counts until the finding goes away, gets worse, or
/// the day that was set.</summary>
internal sealed class Acknowledgement : ITenantOwned
{
    internal const int NoteCharactersMax = 500;

    public required DeviceId DeviceId { get; init; }
    public required WatchReason Reason { get; init; }
    public required MemberId MemberId { get; init; }

    /// <summary>How bad it was; worse is not acknowledged.</summary>
    public required WatchState State { get; init; }

    public required string Note { get; init; }
    public required string Actor { get; init; }
    public required string ActorName { get; init; }
    public required DateTimeOffset At { get; init; }
    public required DateTimeOffset Until { get; init; }
}

internal sealed class AcknowledgementMap : IEntityTypeConfiguration<Acknowledgement>
{
    public void Configure(EntityTypeBuilder<Acknowledgement> builder)
    {
        builder.ToTable("acknowledgements");
        builder.HasKey(row => new { row.DeviceId, row.Reason }).HasName("acknowledgements_pkey");
        builder.Property(row => row.DeviceId).HasColumnName("device_id");
        builder.Property(row => row.Reason).HasColumnName("reason").HasConversion<string>().HasMaxLength(40);
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.State).HasColumnName("state").HasConversion<string>().HasMaxLength(20);
        builder.Property(row => row.Note).HasColumnName("note").HasMaxLength(Acknowledgement.NoteCharactersMax);
        builder.Property(row => row.Actor).HasColumnName("actor");
        builder.Property(row => row.ActorName).HasColumnName("actor_name");
        builder.Property(row => row.At).HasColumnName("at");
        builder.Property(row => row.Until).HasColumnName("until");
        builder.HasIndex(row => row.MemberId).HasDatabaseName("acknowledgements_member_id_idx");
        builder.HasOne<Device>().WithMany().HasForeignKey(row => row.DeviceId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("acknowledgements_device_id_fkey");
    }
}
