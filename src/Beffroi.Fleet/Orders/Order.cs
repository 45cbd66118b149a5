using Beffroi.Fleet.Devices;
using Beffroi.Identity;
using Beffroi.Identity.Database;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Fleet.Orders;

/// <summary>Something that a person wants a device to do. Kept for ever: the history of who asked for what.</summary>
internal sealed class Order : ITenantOwned
{
    public required Guid Id { get; init; }
    public required DeviceId DeviceId { get; init; }
    public required MemberId MemberId { get; init; }
    public required OrderKind Kind { get; init; }
    public OrderState State { get; init; }
    public required string Actor { get; init; }
    public required string ActorName { get; init; }
    public required DateTimeOffset AskedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>A <see cref="RestoreRequest"/>, for a restore.</summary>
    public string? Restore { get; init; }

    public long Files { get; init; }
    public long FilesTotal { get; init; }
    public long Bytes { get; init; }
    public long BytesTotal { get; init; }
    public long Problems { get; init; }
    public DateTimeOffset? ProgressAt { get; init; }
    public Guid? RunId { get; init; }
    public string? Code { get; init; }
    public string? Message { get; init; }
    public string[] Details { get; init; } = [];

    internal OrderSummary ToSummary(DateTimeOffset now) => new(
        Id, DeviceId, MemberId, Kind, StateAt(now), ActorName, AskedAt, ExpiresAt, StartedAt, EndedAt,
        Restore is { } restore ? OrderJson.Read(restore) : null,
        new OrderNumbers(Files, FilesTotal, Bytes, BytesTotal, Problems, ProgressAt), RunId, Code, Message, Details);

    /// <summary>Nobody has to write down that an order has expired: it follows from the clock.</summary>
    private OrderState StateAt(DateTimeOffset now) =>
        State == OrderState.Asked && ExpiresAt <= now ? OrderState.Expired : State;
}

internal sealed class OrderMap : IEntityTypeConfiguration<Order>
{
    public void Configure(EntityTypeBuilder<Order> builder)
    {
        builder.ToTable("orders");
        builder.HasKey(row => row.Id).HasName("orders_pkey");
        builder.Property(row => row.Id).HasColumnName("id");
        builder.Property(row => row.DeviceId).HasColumnName("device_id");
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.Kind).HasColumnName("kind")
            .HasConversion(kind => OrderText.Of(kind), text => OrderText.Kind(text));
        builder.Property(row => row.State).HasColumnName("state")
            .HasConversion(state => OrderText.Of(state), text => OrderText.State(text));
        builder.Property(row => row.Actor).HasColumnName("actor");
        builder.Property(row => row.ActorName).HasColumnName("actor_name");
        builder.Property(row => row.AskedAt).HasColumnName("asked_at");
        builder.Property(row => row.ExpiresAt).HasColumnName("expires_at");
        builder.Property(row => row.StartedAt).HasColumnName("started_at");
        builder.Property(row => row.EndedAt).HasColumnName("ended_at");
        builder.Property(row => row.Restore).HasColumnName("restore").HasColumnType("jsonb");
        builder.Property(row => row.Files).HasColumnName("files");
        builder.Property(row => row.FilesTotal).HasColumnName("files_total");
        builder.Property(row => row.Bytes).HasColumnName("bytes");
        builder.Property(row => row.BytesTotal).HasColumnName("bytes_total");
        builder.Property(row => row.Problems).HasColumnName("problems");
        builder.Property(row => row.ProgressAt).HasColumnName("progress_at");
        builder.Property(row => row.RunId).HasColumnName("run_id");
        builder.Property(row => row.Code).HasColumnName("code");
        builder.Property(row => row.Message).HasColumnName("message");
        builder.Property(row => row.Details).HasColumnName("details");
        builder.HasIndex(row => new { row.DeviceId, row.AskedAt }).HasDatabaseName("orders_device_id_asked_at_idx");
        builder.HasIndex(row => new { row.MemberId, row.AskedAt }).HasDatabaseName("orders_member_id_asked_at_idx");
        builder.HasOne<Device>().WithMany().HasForeignKey(row => row.DeviceId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("orders_device_id_fkey");
    }
}
