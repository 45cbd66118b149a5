using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Vaults;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Fleet.Enrolment;

/// <summary>An enrolment token, by the hash of its secret: who reads the database cannot enrol with it.</summary>
internal sealed class IssuedToken
{
    /// <summary>What addresses and people name it by; says nothing about the secret.</summary>
    public required TokenId Id { get; init; }

    /// <summary>SHA-256 of the token's secret. A plain hash will do: the secret is 160 random bits.</summary>
    public required Digest256 TokenHash { get; init; }

    public required VaultId VaultId { get; init; }
    public required DeviceKind DeviceKind { get; init; }

    /// <summary>The lost machine whose place the new one takes, with its snapshots.</summary>
    public DeviceId? ReplacesDeviceId { get; init; }

    /// <summary>How the machine is to be called; without one it names itself.</summary>
    public string? DeviceName { get; init; }

    /// <summary>The token's text under the key file, so that its page can be opened again on the computer that it is
    /// for. Gone once the token is used or revoked.</summary>
    public byte[]? TextWrapped { get; init; }

    /// <summary>Who asked for it, for people to read.</summary>
    public string? IssuedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }
    public DateTimeOffset? UsedAt { get; private set; }
    public DeviceId? UsedByDeviceId { get; private set; }

    internal TokenState StateAt(DateTimeOffset now) => this switch
    {
        { UsedAt: not null } => TokenState.Used,
        { RevokedAt: not null } => TokenState.Revoked,
        _ => ExpiresAt > now ? TokenState.Open : TokenState.Expired,
    };
}

internal sealed class IssuedTokenMap : IEntityTypeConfiguration<IssuedToken>
{
    public void Configure(EntityTypeBuilder<IssuedToken> builder)
    {
        builder.ToTable("enrolment_tokens");
        builder.HasKey(row => row.TokenHash).HasName("enrolment_tokens_pkey");
        builder.Property(row => row.TokenHash).HasColumnName("token_hash");
        // A rebuild from the members' logs knows of used tokens, and of no ids.
        builder.Property(row => row.Id).HasColumnName("id").HasDefaultValueSql("gen_random_uuid()");
        builder.HasIndex(row => row.Id).IsUnique().HasDatabaseName("enrolment_tokens_id_key");
        builder.Property(row => row.VaultId).HasColumnName("vault_id");
        builder.Property(row => row.DeviceKind).HasColumnName("device_kind")
            .HasConversion(kind => DeviceKindText.Of(kind), text => DeviceKindText.Parse(text));
        builder.Property(row => row.ReplacesDeviceId).HasColumnName("replaces_device_id");
        builder.Property(row => row.DeviceName).HasColumnName("device_name").HasMaxLength(Device.NameCharactersMax);
        builder.Property(row => row.TextWrapped).HasColumnName("text_wrapped");
        builder.Property(row => row.IssuedBy).HasColumnName("issued_by");
        builder.Property(row => row.RevokedAt).HasColumnName("revoked_at");
        builder.Property(row => row.CreatedAt).HasColumnName("created_at");
        builder.Property(row => row.ExpiresAt).HasColumnName("expires_at");
        builder.Property(row => row.UsedAt).HasColumnName("used_at");
        builder.Property(row => row.UsedByDeviceId).HasColumnName("used_by_device_id");
        builder.HasIndex(row => row.VaultId).HasDatabaseName("enrolment_tokens_vault_id_idx");
        builder.HasOne<MemberVault>().WithMany().HasForeignKey(row => row.VaultId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("enrolment_tokens_vault_id_fkey");
        builder.HasOne<Device>().WithMany().HasForeignKey(row => row.ReplacesDeviceId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("enrolment_tokens_replaces_device_id_fkey");
        builder.HasIndex(row => row.ReplacesDeviceId).HasDatabaseName("enrolment_tokens_replaces_device_id_idx");
    }
}
