using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity.Oidc.Tokens;

internal enum TokenKind
{
    Access,
    Refresh,
}

/// <summary>An access or refresh token. Both are opaque: what they are worth is looked up at each use.</summary>
internal sealed class IssuedToken
{
    /// <summary>SHA-256 of the token.</summary>
    public required byte[] Hash { get; init; }

    public required Guid GrantId { get; init; }
    public required TokenKind Kind { get; init; }
    public required string[] Scopes { get; init; }
    public required DateTimeOffset IssuedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When a refresh token was exchanged for the next, or an access token revoked.</summary>
    public DateTimeOffset? SpentAt { get; init; }
}

internal sealed class IssuedTokenMap : IEntityTypeConfiguration<IssuedToken>
{
    public void Configure(EntityTypeBuilder<IssuedToken> builder)
    {
        builder.ToTable("issued_tokens");
        builder.HasKey(row => row.Hash).HasName("issued_tokens_pkey");
        builder.Property(row => row.Hash).HasColumnName("hash");
        builder.Property(row => row.GrantId).HasColumnName("grant_id");
        builder.Property(row => row.Kind).HasColumnName("kind").HasConversion<string>().HasMaxLength(10);
        builder.Property(row => row.Scopes).HasColumnName("scopes");
        builder.Property(row => row.IssuedAt).HasColumnName("issued_at");
        builder.Property(row => row.ExpiresAt).HasColumnName("expires_at");
        builder.Property(row => row.SpentAt).HasColumnName("spent_at");
        builder.HasIndex(row => row.GrantId).HasDatabaseName("issued_tokens_grant_id_idx");
        builder.HasOne<SignOnGrant>().WithMany().HasForeignKey(row => row.GrantId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("issued_tokens_grant_id_fkey");
        builder.IsHiddenFromPeople();
    }
}
