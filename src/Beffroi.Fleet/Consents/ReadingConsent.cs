using Beffroi.Identity;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Fleet.Consents;

/// <summary>A member's consent that one person of the operator, or a provider, reads contents of its backups for a
/// time.</summary>
internal sealed class ReadingConsent : ITenantOwned
{
    internal const int ReasonCharactersMax = 500;
    internal const int NameCharactersMax = 200;
    internal const int ActorCharactersMax = 200;

    public required Guid Id { get; init; }
    public required MemberId MemberId { get; init; }

    /// <summary>Who may read: this actor of the journal and nobody else.</summary>
    public required string AskedBy { get; init; }

    public required string AskedByName { get; init; }
    public required DateTimeOffset AskedAt { get; init; }
    public required string Reason { get; init; }
    public required short Hours { get; init; }

    /// <summary>What was answered last; whether it still holds follows from the times.</summary>
    public ConsentAnswer Answer { get; set; }

    public string? AnsweredBy { get; set; }
    public string? AnsweredByName { get; set; }
    public DateTimeOffset? AnsweredAt { get; set; }

    /// <summary>When a granted consent ends; when an unanswered question lapses.</summary>
    public required DateTimeOffset ExpiresAt { get; set; }

    internal ConsentState StateAt(DateTimeOffset now) => Answer switch
    {
        ConsentAnswer.Refused => ConsentState.Refused,
        ConsentAnswer.Revoked => ConsentState.Revoked,
        _ when now >= ExpiresAt => ConsentState.Expired,
        ConsentAnswer.Granted => ConsentState.Granted,
        _ => ConsentState.Asked,
    };
}

/// <summary>What the référent said last.</summary>
internal enum ConsentAnswer
{
    None,
    Granted,
    Refused,
    Revoked,
}

internal sealed class ReadingConsentMap : IEntityTypeConfiguration<ReadingConsent>
{
    public void Configure(EntityTypeBuilder<ReadingConsent> builder)
    {
        builder.ToTable("reading_consents", table =>
        {
            table.HasCheckConstraint(
                "reading_consents_answer_check", "answer in ('none', 'granted', 'refused', 'revoked')");
            table.HasCheckConstraint("reading_consents_hours_check", "hours between 1 and 72");
            table.HasCheckConstraint(
                "reading_consents_answered_check", "(answer = 'none') = (answered_by is null)");
        });
        builder.HasKey(row => row.Id).HasName("reading_consents_pkey");
        builder.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.AskedBy).HasColumnName("asked_by")
            .HasMaxLength(ReadingConsent.ActorCharactersMax);
        builder.Property(row => row.AskedByName).HasColumnName("asked_by_name")
            .HasMaxLength(ReadingConsent.NameCharactersMax);
        builder.Property(row => row.AskedAt).HasColumnName("asked_at");
        builder.Property(row => row.Reason).HasColumnName("reason").HasMaxLength(ReadingConsent.ReasonCharactersMax);
        builder.Property(row => row.Hours).HasColumnName("hours");
        builder.Property(row => row.Answer).HasColumnName("answer").HasMaxLength(16)
            .HasConversion(answer => TextOf(answer), text => Parse(text));
        builder.Property(row => row.AnsweredBy).HasColumnName("answered_by")
            .HasMaxLength(ReadingConsent.ActorCharactersMax);
        builder.Property(row => row.AnsweredByName).HasColumnName("answered_by_name")
            .HasMaxLength(ReadingConsent.NameCharactersMax);
        builder.Property(row => row.AnsweredAt).HasColumnName("answered_at");
        builder.Property(row => row.ExpiresAt).HasColumnName("expires_at");
        builder.HasIndex(row => new { row.MemberId, row.AskedAt })
            .HasDatabaseName("reading_consents_member_id_asked_at_idx");
    }

    private static string TextOf(ConsentAnswer answer) => answer switch
    {
        ConsentAnswer.Granted => "granted",
        ConsentAnswer.Refused => "refused",
        ConsentAnswer.Revoked => "revoked",
        _ => "none",
    };

    private static ConsentAnswer Parse(string text) => text switch
    {
        "granted" => ConsentAnswer.Granted,
        "refused" => ConsentAnswer.Refused,
        "revoked" => ConsentAnswer.Revoked,
        _ => ConsentAnswer.None,
    };
}
