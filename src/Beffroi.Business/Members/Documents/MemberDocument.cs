using Beffroi.Business.Members.Admissions;
using Beffroi.Identity;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Business.Members.Documents;

/// <summary>A file of a member with what is known of it. Withdrawn ones are kept, and count for nothing.</summary>
internal sealed class MemberDocument : ITenantOwned
{
    public required DocumentId Id { get; init; }
    public required MemberId MemberId { get; init; }
    public AdmissionId? AdmissionId { get; private set; }
    public DocumentKind Kind { get; private set; }
    public string Title { get; private set; } = "";
    public int? Number { get; private set; }
    public string? Version { get; private set; }
    public DateOnly? SignedOn { get; private set; }
    public string? CtesId { get; private set; }
    public DateOnly? AcknowledgedOn { get; private set; }
    public required string FileName { get; init; }
    public required DocumentFormat Format { get; init; }
    public required int Bytes { get; init; }
    public required byte[] Sha256 { get; init; }
    public required DateTimeOffset AddedAt { get; init; }
    public required string AddedBy { get; init; }
    public DateTimeOffset? WithdrawnAt { get; private set; }

    internal void Describe(DocumentDraft draft)
    {
        (AdmissionId, Kind, Title) = (draft.AdmissionId, draft.Kind, draft.Title);
        (Number, Version, SignedOn) = (draft.Number, draft.Version, draft.SignedOn);
        (CtesId, AcknowledgedOn) = (draft.CtesId, draft.AcknowledgedOn);
    }

    internal void Withdraw(DateTimeOffset at) => WithdrawnAt ??= at;
}

internal sealed class MemberDocumentMap : IEntityTypeConfiguration<MemberDocument>
{
    public void Configure(EntityTypeBuilder<MemberDocument> builder)
    {
        builder.ToTable("documents", table =>
        {
            table.HasCheckConstraint("documents_kind_check", $"kind in ({CodeWord.Sql<DocumentKind>()})");
            table.HasCheckConstraint("documents_format_check", $"format in ({CodeWord.Sql<DocumentFormat>()})");
        });
        builder.HasKey(row => row.Id).HasName("documents_pkey");
        builder.Property(row => row.Id).HasColumnName("id")
            .HasConversion(id => id.Value, value => new DocumentId(value));
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.AdmissionId).HasColumnName("admission_id")
            .HasConversion(id => id!.Value.Value, value => new AdmissionId(value));
        builder.Property(row => row.Kind).HasColumnName("kind").HasCodeWord();
        builder.Property(row => row.Title).HasColumnName("title");
        builder.Property(row => row.Number).HasColumnName("number");
        builder.Property(row => row.Version).HasColumnName("version");
        builder.Property(row => row.SignedOn).HasColumnName("signed_on");
        builder.Property(row => row.CtesId).HasColumnName("ctes_id");
        builder.Property(row => row.AcknowledgedOn).HasColumnName("acknowledged_on");
        MapFile(builder);
        builder.HasIndex(row => row.MemberId).HasDatabaseName("documents_member_id_idx");
        builder.HasIndex(row => row.AdmissionId).HasDatabaseName("documents_admission_id_idx");
        builder.HasOne<Admission>().WithMany().HasForeignKey(row => row.AdmissionId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("documents_admission_id_fkey");
    }

    private static void MapFile(EntityTypeBuilder<MemberDocument> builder)
    {
        builder.Property(row => row.FileName).HasColumnName("file_name");
        builder.Property(row => row.Format).HasColumnName("format").HasCodeWord();
        builder.Property(row => row.Bytes).HasColumnName("bytes");
        builder.Property(row => row.Sha256).HasColumnName("sha256");
        builder.Property(row => row.AddedAt).HasColumnName("added_at");
        builder.Property(row => row.AddedBy).HasColumnName("added_by");
        builder.Property(row => row.WithdrawnAt).HasColumnName("withdrawn_at");
    }
}
