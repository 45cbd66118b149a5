using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity.People;

/// <summary>An account. The address is also the user name; password, second factor and lock-out are ASP.NET Core
/// Identity's.</summary>
internal sealed class Person : IdentityUser<Guid>
{
    internal const int NameCharactersMax = 200;

    /// <summary>As the person wants to be called.</summary>
    public required string Name { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the person, or who manages people, shut the account; it is kept for the journal.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    public DateTimeOffset? LastSignInAt { get; set; }

    /// <summary>Whether password or device were reported to be in other hands: no way in but a new password.</summary>
    internal bool IsReported => LockoutEnd == DateTimeOffset.MaxValue;

    internal PersonId PersonId => new(Id);
}

internal sealed class PersonMap : IEntityTypeConfiguration<Person>
{
    internal const string EmailKey = "people_normalized_email_key";

    public void Configure(EntityTypeBuilder<Person> builder)
    {
        builder.ToTable("people");
        builder.HasKey(row => row.Id).HasName("people_pkey");
        builder.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(row => row.Name).HasColumnName("name").HasMaxLength(Person.NameCharactersMax);
        builder.Property(row => row.CreatedAt).HasColumnName("created_at");
        builder.Property(row => row.DisabledAt).HasColumnName("disabled_at");
        builder.Property(row => row.LastSignInAt).HasColumnName("last_sign_in_at");
        builder.Ignore(row => row.PersonId);
        builder.Ignore(row => row.IsReported);
        MapAccount(builder);
        builder.HasIndex(row => row.NormalizedEmail).IsUnique().HasDatabaseName(EmailKey);
        builder.HasIndex(row => row.NormalizedUserName).IsUnique().HasDatabaseName("people_normalized_user_name_key");
        builder.IsHiddenFromPeople(); // Password hashes: only the desks read this table, and never hand a row out.
    }

    private static void MapAccount(EntityTypeBuilder<Person> builder)
    {
        builder.Property(row => row.UserName).HasColumnName("user_name").HasMaxLength(256).IsRequired();
        builder.Property(row => row.NormalizedUserName).HasColumnName("normalized_user_name").HasMaxLength(256)
            .IsRequired();
        builder.Property(row => row.Email).HasColumnName("email").HasMaxLength(256).IsRequired();
        builder.Property(row => row.NormalizedEmail).HasColumnName("normalized_email").HasMaxLength(256).IsRequired();
        builder.Property(row => row.EmailConfirmed).HasColumnName("email_confirmed");
        builder.Property(row => row.PasswordHash).HasColumnName("password_hash");
        builder.Property(row => row.SecurityStamp).HasColumnName("security_stamp");
        builder.Property(row => row.ConcurrencyStamp).HasColumnName("concurrency_stamp").IsConcurrencyToken();
        builder.Property(row => row.TwoFactorEnabled).HasColumnName("two_factor_enabled");
        builder.Property(row => row.LockoutEnd).HasColumnName("lockout_end");
        builder.Property(row => row.LockoutEnabled).HasColumnName("lockout_enabled");
        builder.Property(row => row.AccessFailedCount).HasColumnName("access_failed_count");
        builder.Ignore(row => row.PhoneNumber);
        builder.Ignore(row => row.PhoneNumberConfirmed);
    }
}
