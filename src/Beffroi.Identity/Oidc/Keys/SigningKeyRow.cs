using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity.Oidc.Keys;

/// <summary>A key with which the portal signs tokens, shared by all servers.</summary>
internal sealed class SigningKeyRow
{
    public required string Id { get; init; }
    public required string Algorithm { get; init; }

    /// <summary>The private key (PKCS #8), sealed with the key file.</summary>
    public required byte[] Sealed { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Published from its creation on, it signs only from then on, until the next of its algorithm
    /// does.</summary>
    public required DateTimeOffset SignsFrom { get; init; }
}

internal sealed class SigningKeyMap : IEntityTypeConfiguration<SigningKeyRow>
{
    public void Configure(EntityTypeBuilder<SigningKeyRow> builder)
    {
        builder.ToTable("signing_keys");
        builder.HasKey(row => row.Id).HasName("signing_keys_pkey");
        builder.Property(row => row.Id).HasColumnName("id").HasMaxLength(43);
        builder.Property(row => row.Algorithm).HasColumnName("algorithm").HasMaxLength(5);
        builder.Property(row => row.Sealed).HasColumnName("sealed");
        builder.Property(row => row.CreatedAt).HasColumnName("created_at");
        builder.Property(row => row.SignsFrom).HasColumnName("signs_from");
        builder.IsHiddenFromPeople();
    }
}
