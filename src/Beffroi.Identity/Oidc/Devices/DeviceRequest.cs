using Beffroi.Identity.Database;
using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.Oidc.Tokens;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity.Oidc.Devices;

/// <summary>A program without a browser that waits for somebody to enter its code (RFC 8628).</summary>
internal sealed class DeviceRequest
{
    public required Guid Id { get; init; }
    public required Guid PartyId { get; init; }
    public required byte[] DeviceCodeHash { get; init; }

    /// <summary>Eight letters without the hyphen, as people type them.</summary>
    public required string UserCode { get; init; }

    public required string[] Scopes { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Network address of the program, so that who approves can compare.</summary>
    public string? Origin { get; init; }

    public int IntervalSeconds { get; init; }
    public DateTimeOffset? PolledAt { get; init; }
    public DateTimeOffset? DeniedAt { get; init; }

    /// <summary>What was approved; its tokens go to who has the device code, once.</summary>
    public Guid? GrantId { get; init; }

    public DateTimeOffset? RedeemedAt { get; init; }
}

internal sealed class DeviceRequestMap : IEntityTypeConfiguration<DeviceRequest>
{
    internal const string UserCodeKey = "device_requests_user_code_key";

    public void Configure(EntityTypeBuilder<DeviceRequest> builder)
    {
        builder.ToTable("device_requests");
        builder.HasKey(row => row.Id).HasName("device_requests_pkey");
        builder.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(row => row.PartyId).HasColumnName("relying_party_id");
        builder.Property(row => row.DeviceCodeHash).HasColumnName("device_code_hash");
        builder.Property(row => row.UserCode).HasColumnName("user_code").HasMaxLength(8);
        builder.Property(row => row.Scopes).HasColumnName("scopes");
        builder.Property(row => row.CreatedAt).HasColumnName("created_at");
        builder.Property(row => row.ExpiresAt).HasColumnName("expires_at");
        builder.Property(row => row.Origin).HasColumnName("origin").HasMaxLength(64);
        builder.Property(row => row.IntervalSeconds).HasColumnName("interval_seconds");
        builder.Property(row => row.PolledAt).HasColumnName("polled_at");
        builder.Property(row => row.DeniedAt).HasColumnName("denied_at");
        builder.Property(row => row.GrantId).HasColumnName("grant_id");
        builder.Property(row => row.RedeemedAt).HasColumnName("redeemed_at");
        builder.HasIndex(row => row.DeviceCodeHash).IsUnique().HasDatabaseName("device_requests_device_code_hash_key");
        builder.HasIndex(row => row.UserCode).IsUnique().HasDatabaseName(UserCodeKey);
        builder.HasIndex(row => row.PartyId).HasDatabaseName("device_requests_relying_party_id_idx");
        builder.HasIndex(row => row.Origin).HasDatabaseName("device_requests_origin_idx");
        builder.HasIndex(row => row.GrantId).HasDatabaseName("device_requests_grant_id_idx");
        builder.HasOne<RelyingParty>().WithMany().HasForeignKey(row => row.PartyId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("device_requests_relying_party_id_fkey");
        builder.HasOne<SignOnGrant>().WithMany().HasForeignKey(row => row.GrantId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("device_requests_grant_id_fkey");
        builder.IsHiddenFromPeople();
    }
}
