using Beffroi.Identity.Database;
using Beffroi.Identity.People;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity.SignIn;

/// <summary>One browser that is signed in. The cookie only names it, so that ending it counts at once.</summary>
internal sealed class SignInSession
{
    internal const int BrowserCharactersMax = 300;

    public required Guid Id { get; init; }
    public required Guid PersonId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whatever is done in it, it ends then.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset LastSeenAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>How the person proved who they are, as RFC 8176 names it, parted by spaces: <c>pwd otp</c>.</summary>
    public required string Methods { get; init; }

    public string? Origin { get; init; }
    public string? Browser { get; init; }
}

internal sealed class SignInSessionMap : IEntityTypeConfiguration<SignInSession>
{
    public void Configure(EntityTypeBuilder<SignInSession> builder)
    {
        builder.ToTable("sessions");
        builder.HasKey(row => row.Id).HasName("sessions_pkey");
        builder.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(row => row.PersonId).HasColumnName("person_id");
        builder.Property(row => row.CreatedAt).HasColumnName("created_at");
        builder.Property(row => row.ExpiresAt).HasColumnName("expires_at");
        builder.Property(row => row.LastSeenAt).HasColumnName("last_seen_at");
        builder.Property(row => row.EndedAt).HasColumnName("ended_at");
        builder.Property(row => row.Methods).HasColumnName("methods").HasMaxLength(60);
        builder.Property(row => row.Origin).HasColumnName("origin").HasMaxLength(64);
        builder.Property(row => row.Browser).HasColumnName("browser").HasMaxLength(SignInSession.BrowserCharactersMax);
        builder.HasIndex(row => new { row.PersonId, row.CreatedAt })
            .HasDatabaseName("sessions_person_id_created_at_idx");
        builder.HasOne<Person>().WithMany().HasForeignKey(row => row.PersonId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("sessions_person_id_fkey");
        builder.IsHiddenFromPeople();
    }
}
