using Beffroi.Identity;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Business.Members.Register;

/// <summary>An entry of a member's inventory.</summary>
public readonly record struct InventoryItemId(Guid Value)
{
    public static InventoryItemId New() => new(RandomId.New());
}

/// <summary>A computer or a box that the member says it has; enrolled or not.</summary>
internal sealed class InventoryItem : ITenantOwned
{
    public required InventoryItemId Id { get; init; }
    public required MemberId MemberId { get; init; }
    public string Label { get; private set; } = "";
    public InventoryKind Kind { get; private set; }
    public SiteId? SiteId { get; private set; }
    public string? OperatingSystem { get; private set; }

    /// <summary>The enrolled device that this is, by its id in Fleet.</summary>
    public Guid? DeviceId { get; private set; }

    internal InventoryDraft ToDraft() => new(Label, Kind, SiteId, OperatingSystem, DeviceId);

    internal void Describe(InventoryDraft draft)
    {
        (Label, Kind, SiteId) = (draft.Label, draft.Kind, draft.SiteId);
        (OperatingSystem, DeviceId) = (draft.OperatingSystem, draft.DeviceId);
    }
}

internal sealed class InventoryItemMap : IEntityTypeConfiguration<InventoryItem>
{
    internal const string DeviceKey = "inventory_items_device_id_key";

    public void Configure(EntityTypeBuilder<InventoryItem> builder)
    {
        builder.ToTable("inventory_items", table => table.HasCheckConstraint(
            "inventory_items_kind_check", $"kind in ({CodeWord.Sql<InventoryKind>()})"));
        builder.HasKey(row => row.Id).HasName("inventory_items_pkey");
        builder.Property(row => row.Id).HasColumnName("id")
            .HasConversion(id => id.Value, value => new InventoryItemId(value));
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.Label).HasColumnName("label");
        builder.Property(row => row.Kind).HasColumnName("kind").HasCodeWord();
        builder.Property(row => row.SiteId).HasColumnName("site_id")
            .HasConversion(id => id!.Value.Value, value => new SiteId(value));
        builder.Property(row => row.OperatingSystem).HasColumnName("operating_system");
        builder.Property(row => row.DeviceId).HasColumnName("device_id");
        builder.HasIndex(row => row.MemberId).HasDatabaseName("inventory_items_member_id_idx");
        builder.HasIndex(row => row.SiteId).HasDatabaseName("inventory_items_site_id_idx");
        builder.HasIndex(row => new { row.MemberId, row.DeviceId }).IsUnique().HasDatabaseName(DeviceKey);
        builder.HasOne<Site>().WithMany().HasForeignKey(row => row.SiteId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("inventory_items_site_id_fkey");
    }
}
