using Beffroi.Identity.Database;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Fleet.Vaults;

/// <summary>A convergence secret of a vault, by name only; the index writes its ordinal, two bytes instead of
/// sixteen.</summary>
internal sealed class VaultSecret
{
    /// <summary>Ordinal of the first group secret of every vault.</summary>
    internal const short FirstGroupSecret = 0;

    public required VaultId VaultId { get; init; }
    public required short Ordinal { get; init; }
    public required SecretId SecretId { get; init; }

    /// <summary>The machine whose own secret it is; none for a secret of the dedupe group.</summary>
    public DeviceId? DeviceId { get; init; }
}

internal sealed class VaultSecretMap : IEntityTypeConfiguration<VaultSecret>
{
    public void Configure(EntityTypeBuilder<VaultSecret> builder)
    {
        builder.ToTable("secrets");
        builder.HasKey(row => new { row.VaultId, row.Ordinal }).HasName("secrets_pkey");
        builder.Property(row => row.VaultId).HasColumnName("vault_id");
        builder.Property(row => row.Ordinal).HasColumnName("ordinal");
        builder.Property(row => row.SecretId).HasColumnName("secret_id");
        builder.Property(row => row.DeviceId).HasColumnName("device_id");
        builder.HasIndex(row => new { row.VaultId, row.SecretId }).IsUnique().HasDatabaseName("secrets_secret_id_key");
        builder.HasOne<MemberVault>().WithMany().HasForeignKey(row => row.VaultId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("secrets_vault_id_fkey");
        builder.IsHiddenFromPeople();
    }
}
