using Beffroi.Fleet.Devices;
using Beffroi.Identity;
using Beffroi.Identity.Database;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Fleet.Plans;

/// <summary>A revision of a device's plan.</summary>
internal sealed class PlanRow : ITenantOwned
{
    public required DeviceId DeviceId { get; init; }
    public required long Revision { get; init; }
    public required MemberId MemberId { get; init; }

    /// <summary>A <see cref="PlanContent"/>, see <see cref="PlanJson"/>.</summary>
    public required string Content { get; init; }

    public required string Actor { get; init; }
    public required string AuthorName { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public string? SignedActor { get; set; }
    public string? SignedName { get; set; }
    public DateTimeOffset? SignedAt { get; set; }

    internal PlanRevision ToRevision() => new(
        Revision, PlanJson.Read(Content), AuthorName, CreatedAt,
        SignedAt is { } at ? new PlanSignature(SignedName ?? "", at) : null);
}

internal sealed class PlanRowMap : IEntityTypeConfiguration<PlanRow>
{
    internal const string Key = "plans_pkey";

    public void Configure(EntityTypeBuilder<PlanRow> builder)
    {
        builder.ToTable("plans");
        builder.HasKey(row => new { row.DeviceId, row.Revision }).HasName(Key);
        builder.Property(row => row.DeviceId).HasColumnName("device_id");
        builder.Property(row => row.Revision).HasColumnName("revision");
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.Content).HasColumnName("content").HasColumnType("jsonb");
        builder.Property(row => row.Actor).HasColumnName("actor");
        builder.Property(row => row.AuthorName).HasColumnName("author_name");
        builder.Property(row => row.CreatedAt).HasColumnName("created_at");
        builder.Property(row => row.SignedActor).HasColumnName("signed_actor");
        builder.Property(row => row.SignedName).HasColumnName("signed_name");
        builder.Property(row => row.SignedAt).HasColumnName("signed_at");
        builder.HasIndex(row => row.MemberId).HasDatabaseName("plans_member_id_idx");
        builder.HasOne<Device>().WithMany().HasForeignKey(row => row.DeviceId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("plans_device_id_fkey");
    }
}
