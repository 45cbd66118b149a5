using Beffroi.Identity.Database;
using Beffroi.Identity.People;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity.Provisioning;

/// <summary>An account that a service has of ours, or is to have: what it was told last, and when to try
/// again.</summary>
internal sealed class ProvisionedAccount
{
    public required Guid PartyId { get; init; }
    public required Guid PersonId { get; init; }

    /// <summary>The service's own id of it; none before it has answered once.</summary>
    public string? RemoteId { get; set; }

    /// <summary>Of what the service has acknowledged. Another digest means that there is something to say.</summary>
    public byte[]? SentDigest { get; set; }

    /// <summary>Of what the service refused for good: not said again as it is.</summary>
    public byte[]? RefusedDigest { get; set; }

    public int Attempts { get; set; }
    public required DateTimeOffset NextAttemptAt { get; set; }
    public string? LastError { get; set; }
}

internal sealed class ProvisionedAccountMap : IEntityTypeConfiguration<ProvisionedAccount>
{
    public void Configure(EntityTypeBuilder<ProvisionedAccount> builder)
    {
        builder.ToTable("provisioned_accounts");
        builder.HasKey(row => new { row.PartyId, row.PersonId }).HasName("provisioned_accounts_pkey");
        builder.Property(row => row.PartyId).HasColumnName("relying_party_id");
        builder.Property(row => row.PersonId).HasColumnName("person_id");
        builder.Property(row => row.RemoteId).HasColumnName("remote_id").HasMaxLength(255);
        builder.Property(row => row.SentDigest).HasColumnName("sent_digest");
        builder.Property(row => row.RefusedDigest).HasColumnName("refused_digest");
        builder.Property(row => row.Attempts).HasColumnName("attempts");
        builder.Property(row => row.NextAttemptAt).HasColumnName("next_attempt_at");
        builder.Property(row => row.LastError).HasColumnName("last_error").HasMaxLength(500);
        builder.HasIndex(row => row.PersonId).HasDatabaseName("provisioned_accounts_person_id_idx");
        builder.HasOne<AccountTarget>().WithMany().HasForeignKey(row => row.PartyId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("provisioned_accounts_relying_party_id_fkey");
        builder.HasOne<Person>().WithMany().HasForeignKey(row => row.PersonId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("provisioned_accounts_person_id_fkey");
        builder.IsHiddenFromPeople();
    }
}
