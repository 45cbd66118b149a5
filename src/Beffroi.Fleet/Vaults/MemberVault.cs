using Beffroi.Identity;
using Beffroi.Identity.Database;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Fleet.Vaults;

/// <summary>Who holds the keys of a vault.</summary>
internal enum VaultMode
{
    /// <summary>The member's recovery key and the operator's key service.</summary>
    Managed,

    /// <summary>The member's recovery key alone. Reserved: the name is taken in the database, nothing creates it
    /// yet.</summary>
    ZeroKnowledge,
}

/// <summary>The names of the modes in the log and on the wire.</summary>
internal static class VaultModeText
{
    internal const string Managed = "managed";
}

/// <summary>All that one member keeps: its keys, its quota, and where its log stands.</summary>
internal sealed class MemberVault : ITenantOwned
{
    public required VaultId Id { get; init; }
    public required MemberId MemberId { get; init; }
    public VaultMode Mode { get; init; }

    /// <summary>Uncompressed P-256 point. Its private half is only in the member's kit.</summary>
    public required byte[] RecoveryPublicKey { get; init; }

    public required byte[] ServicePublicKey { get; init; }

    /// <summary>Opened by the key service alone, with the key file.</summary>
    public required byte[] ServicePrivateKeyWrapped { get; init; }

    public required SecretId GroupSecretId { get; init; }
    public required byte[] GroupSecretWrapped { get; init; }

    public required long QuotaBytes { get; set; }
    public long UsedBytes { get; set; }

    /// <summary>Entries of the vault's log in the blob store; <see cref="LogHead"/> is the hash of the last
    /// one.</summary>
    public long LogHeight { get; set; }

    public Digest256 LogHead { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class MemberVaultMap : IEntityTypeConfiguration<MemberVault>
{
    internal const string MemberKey = "vaults_member_id_key";

    public void Configure(EntityTypeBuilder<MemberVault> builder)
    {
        builder.ToTable("vaults", table =>
        {
            table.HasCheckConstraint("vaults_mode_check", "mode in ('managed', 'zero_knowledge')");
            table.HasCheckConstraint("vaults_recovery_public_key_check", "octet_length(recovery_public_key) = 65");
            table.HasCheckConstraint("vaults_service_public_key_check", "octet_length(service_public_key) = 65");
            table.HasCheckConstraint("vaults_bytes_check", "quota_bytes >= 0 and used_bytes >= 0");
        });
        builder.HasKey(row => row.Id).HasName("vaults_pkey");
        builder.Property(row => row.Id).HasColumnName("id");
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.Mode).HasColumnName("mode")
            .HasConversion(mode => mode == VaultMode.Managed ? "managed" : "zero_knowledge",
                text => text == "managed" ? VaultMode.Managed : VaultMode.ZeroKnowledge);
        builder.Property(row => row.RecoveryPublicKey).HasColumnName("recovery_public_key");
        builder.Property(row => row.ServicePublicKey).HasColumnName("service_public_key");
        builder.Property(row => row.ServicePrivateKeyWrapped).HasColumnName("service_private_key_wrapped");
        builder.Property(row => row.GroupSecretId).HasColumnName("group_secret_id");
        builder.Property(row => row.GroupSecretWrapped).HasColumnName("group_secret_wrapped");
        builder.Property(row => row.QuotaBytes).HasColumnName("quota_bytes");
        builder.Property(row => row.UsedBytes).HasColumnName("used_bytes");
        builder.Property(row => row.LogHeight).HasColumnName("log_height");
        builder.Property(row => row.LogHead).HasColumnName("log_head");
        builder.Property(row => row.CreatedAt).HasColumnName("created_at");
        builder.HasIndex(row => row.MemberId).IsUnique().HasDatabaseName(MemberKey);
    }
}
