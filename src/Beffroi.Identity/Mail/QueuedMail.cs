using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity.Mail;

/// <summary>A mail that waits, was sent, or was given up.</summary>
internal sealed class QueuedMail
{
    public required Guid Id { get; init; }
    public MemberId? MemberId { get; init; }
    public required string To { get; init; }
    public required string Subject { get; init; }

    /// <summary>Emptied once it is sent: a link that still serves is nobody's business but the recipient's.</summary>
    public required string Text { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
    public int Attempts { get; set; }
    public required DateTimeOffset NextAttemptAt { get; set; }
    public DateTimeOffset? SentAt { get; set; }
    public DateTimeOffset? GivenUpAt { get; set; }
    public string? LastError { get; set; }
}

internal sealed class QueuedMailMap : IEntityTypeConfiguration<QueuedMail>
{
    public void Configure(EntityTypeBuilder<QueuedMail> builder)
    {
        builder.ToTable("mails");
        builder.HasKey(row => row.Id).HasName("mails_pkey");
        builder.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.To).HasColumnName("recipient").HasMaxLength(256);
        builder.Property(row => row.Subject).HasColumnName("subject").HasMaxLength(300);
        builder.Property(row => row.Text).HasColumnName("text");
        builder.Property(row => row.CreatedAt).HasColumnName("created_at");
        builder.Property(row => row.Attempts).HasColumnName("attempts");
        builder.Property(row => row.NextAttemptAt).HasColumnName("next_attempt_at");
        builder.Property(row => row.SentAt).HasColumnName("sent_at");
        builder.Property(row => row.GivenUpAt).HasColumnName("given_up_at");
        builder.Property(row => row.LastError).HasColumnName("last_error");
        builder.HasIndex(row => row.NextAttemptAt).HasFilter("sent_at is null and given_up_at is null")
            .HasDatabaseName("mails_waiting_idx");
        builder.IsHiddenFromPeople(); // One-time links stand in the texts.
    }
}
