using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity.Keys;

/// <summary>A key of ASP.NET Core's data protection (cookies, forms, one-time links), shared by all servers.</summary>
internal sealed class ProtectionKey
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }

    /// <summary>The key as the framework writes it; its secret part is sealed with the key file.</summary>
    public required string Xml { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class ProtectionKeyMap : IEntityTypeConfiguration<ProtectionKey>
{
    public void Configure(EntityTypeBuilder<ProtectionKey> builder)
    {
        builder.ToTable("protection_keys");
        builder.HasKey(row => row.Id).HasName("protection_keys_pkey");
        builder.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(row => row.Name).HasColumnName("name");
        builder.Property(row => row.Xml).HasColumnName("xml");
        builder.Property(row => row.CreatedAt).HasColumnName("created_at");
        builder.IsHiddenFromPeople();
    }
}
