using Beffroi.Identity.Database;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity.People;

/// <summary>Tables that ASP.NET Core Identity keeps beside an account: tokens (second factor, recovery codes),
/// passkeys, links to other providers. All hidden from people's requests.</summary>
internal static class AccountRows
{
    internal static void Map(ModelBuilder modelBuilder)
    {
        MapTokens(modelBuilder.Entity<IdentityUserToken<Guid>>());
        MapPasskeys(modelBuilder.Entity<IdentityUserPasskey<Guid>>());
        MapLogins(modelBuilder.Entity<IdentityUserLogin<Guid>>());
        MapClaims(modelBuilder.Entity<IdentityUserClaim<Guid>>());
    }

    private static void MapTokens(EntityTypeBuilder<IdentityUserToken<Guid>> builder)
    {
        builder.ToTable("person_tokens");
        builder.HasKey(row => new { row.UserId, row.LoginProvider, row.Name }).HasName("person_tokens_pkey");
        builder.Property(row => row.UserId).HasColumnName("person_id");
        builder.Property(row => row.LoginProvider).HasColumnName("provider").HasMaxLength(128);
        builder.Property(row => row.Name).HasColumnName("name").HasMaxLength(128);
        builder.Property(row => row.Value).HasColumnName("value");
        OfPerson(builder, "person_tokens");
    }

    private static void MapPasskeys(EntityTypeBuilder<IdentityUserPasskey<Guid>> builder)
    {
        builder.ToTable("passkeys");
        builder.HasKey(row => row.CredentialId).HasName("passkeys_pkey");
        builder.Property(row => row.CredentialId).HasColumnName("credential_id").HasMaxLength(1024);
        builder.Property(row => row.UserId).HasColumnName("person_id");
        builder.OwnsOne(row => row.Data, data => data.ToJson("data"));
        builder.HasIndex(row => row.UserId).HasDatabaseName("passkeys_person_id_idx");
        OfPerson(builder, "passkeys");
    }

    private static void MapLogins(EntityTypeBuilder<IdentityUserLogin<Guid>> builder)
    {
        builder.ToTable("external_logins");
        builder.HasKey(row => new { row.LoginProvider, row.ProviderKey }).HasName("external_logins_pkey");
        builder.Property(row => row.LoginProvider).HasColumnName("provider").HasMaxLength(128);
        builder.Property(row => row.ProviderKey).HasColumnName("subject").HasMaxLength(256);
        builder.Property(row => row.ProviderDisplayName).HasColumnName("provider_name");
        builder.Property(row => row.UserId).HasColumnName("person_id");
        builder.HasIndex(row => row.UserId).HasDatabaseName("external_logins_person_id_idx");
        OfPerson(builder, "external_logins");
    }

    private static void MapClaims(EntityTypeBuilder<IdentityUserClaim<Guid>> builder)
    {
        builder.ToTable("person_claims");
        builder.HasKey(row => row.Id).HasName("person_claims_pkey");
        builder.Property(row => row.Id).HasColumnName("id");
        builder.Property(row => row.UserId).HasColumnName("person_id");
        builder.Property(row => row.ClaimType).HasColumnName("type");
        builder.Property(row => row.ClaimValue).HasColumnName("value");
        builder.HasIndex(row => row.UserId).HasDatabaseName("person_claims_person_id_idx");
        OfPerson(builder, "person_claims");
    }

    private static void OfPerson<T>(EntityTypeBuilder<T> builder, string table)
        where T : class
    {
        builder.HasOne<Person>().WithMany().HasForeignKey("UserId")
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName($"{table}_person_id_fkey");
        builder.IsHiddenFromPeople();
    }
}
