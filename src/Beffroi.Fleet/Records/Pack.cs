using Beffroi.Fleet.Vaults;
using Beffroi.Identity.Database;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Fleet.Records;

/// <summary>A durable pack. Records name it by its ordinal, eight bytes instead of thirty-two.</summary>
internal sealed class Pack
{
    public long Ordinal { get; private set; }
    public required PackId PackId { get; init; }
    public required VaultId VaultId { get; init; }

    /// <summary>The kind byte of the pack's header: data or catalogue.</summary>
    public required short Kind { get; init; }

    public required int Bytes { get; init; }
    public required int RecordCount { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When damage was found in it; a sound pack of the same id may then take its place.</summary>
    public DateTimeOffset? QuarantinedAt { get; set; }
}

internal sealed class PackMap : IEntityTypeConfiguration<Pack>
{
    public void Configure(EntityTypeBuilder<Pack> builder)
    {
        builder.ToTable("packs");
        builder.HasKey(row => row.Ordinal).HasName("packs_pkey");
        builder.Property(row => row.Ordinal).HasColumnName("ordinal").UseIdentityAlwaysColumn();
        builder.Property(row => row.PackId).HasColumnName("pack_id");
        builder.Property(row => row.VaultId).HasColumnName("vault_id");
        builder.Property(row => row.Kind).HasColumnName("kind");
        builder.Property(row => row.Bytes).HasColumnName("bytes");
        builder.Property(row => row.RecordCount).HasColumnName("record_count");
        builder.Property(row => row.ReceivedAt).HasColumnName("received_at");
        builder.Property(row => row.QuarantinedAt).HasColumnName("quarantined_at");
        builder.HasIndex(row => new { row.VaultId, row.PackId }).IsUnique()
            .HasDatabaseName("packs_vault_id_pack_id_key");
        builder.HasOne<MemberVault>().WithMany().HasForeignKey(row => row.VaultId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("packs_vault_id_fkey");
        builder.IsHiddenFromPeople();
    }
}
