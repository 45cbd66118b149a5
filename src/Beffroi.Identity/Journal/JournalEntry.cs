using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity.Journal;

/// <summary>A privileged act. Each entry holds the hash of the one before, so none can be changed or taken
/// out of the middle unseen; against cutting its end there is <see cref="IJournalMark"/>.</summary>
internal sealed class JournalEntry
{
    public required long Id { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Actor { get; init; }
    public required string Act { get; init; }
    public MemberId? MemberId { get; init; }

    /// <summary>Only in entries of version 1, whose hash covers it; later ones name a vault in their
    /// detail.</summary>
    public Guid? VaultId { get; init; }

    public string? Origin { get; init; }

    /// <summary>A JSON object whose values are texts.</summary>
    public required string Detail { get; init; }

    /// <summary>Which members the hash covers, see <see cref="EntryHash"/>.</summary>
    public required short Version { get; init; }

    public required byte[] PreviousHash { get; init; }
    public byte[] Hash { get; set; } = [];
}

internal sealed class JournalEntryMap : IEntityTypeConfiguration<JournalEntry>
{
    internal const string Table = "journal";

    public void Configure(EntityTypeBuilder<JournalEntry> builder)
    {
        builder.ToTable(Table);
        builder.HasKey(row => row.Id).HasName("journal_pkey");

        // Numbered by the program, under the journal's lock: an identity column would leave gaps after a roll-back.
        builder.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(row => row.At).HasColumnName("at");
        builder.Property(row => row.Actor).HasColumnName("actor");
        builder.Property(row => row.Act).HasColumnName("act");
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.VaultId).HasColumnName("vault_id");
        builder.Property(row => row.Origin).HasColumnName("origin");
        builder.Property(row => row.Detail).HasColumnName("detail").HasColumnType("jsonb");
        builder.Property(row => row.Version).HasColumnName("version");
        builder.Property(row => row.PreviousHash).HasColumnName("previous_hash");
        builder.Property(row => row.Hash).HasColumnName("hash");
        builder.HasIndex(row => new { row.MemberId, row.Id }).HasDatabaseName("journal_member_id_id_idx");
        builder.IsAppendOnly();
    }
}
