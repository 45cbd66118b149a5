using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Fleet.Journal;

/// <summary>A privileged act. Each entry holds the hash of the one before, so none can be changed or taken out
/// unseen.</summary>
internal sealed class JournalEntry
{
    public required long Id { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Actor { get; init; }
    public required string Act { get; init; }
    public VaultId? VaultId { get; init; }

    /// <summary>A JSON object whose values are texts.</summary>
    public required string Detail { get; init; }

    public required Digest256 PreviousHash { get; init; }
    public Digest256 Hash { get; set; }
}

internal sealed class JournalEntryMap : IEntityTypeConfiguration<JournalEntry>
{
    public void Configure(EntityTypeBuilder<JournalEntry> builder)
    {
        builder.ToTable("journal");
        builder.HasKey(row => row.Id).HasName("journal_pkey");

        // Numbered by the program, under the journal's lock: an identity column would leave gaps after a roll-back.
        builder.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(row => row.At).HasColumnName("at");
        builder.Property(row => row.Actor).HasColumnName("actor");
        builder.Property(row => row.Act).HasColumnName("act");
        builder.Property(row => row.VaultId).HasColumnName("vault_id");
        builder.Property(row => row.Detail).HasColumnName("detail").HasColumnType("jsonb");
        builder.Property(row => row.PreviousHash).HasColumnName("previous_hash");
        builder.Property(row => row.Hash).HasColumnName("hash");
        builder.HasIndex(row => new { row.VaultId, row.At }).HasDatabaseName("journal_vault_id_at_idx");
    }
}
