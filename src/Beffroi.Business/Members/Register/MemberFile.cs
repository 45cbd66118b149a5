using Beffroi.Identity;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Business.Members.Register;

/// <summary>What the operator knows of a member beyond its name, SIRET, population and level, which are
/// Identity's. Made by the first write: a member that <c>create-member</c> added has none yet.</summary>
internal sealed class MemberFile : ITenantOwned
{
    public required MemberId MemberId { get; init; }
    public MemberKind? Kind { get; private set; }
    public MemberClass? Class { get; private set; }
    public MemberStanding Standing { get; private set; }
    public int? PopulationYear { get; private set; }
    public string? CommuneCode { get; private set; }
    public string? Departement { get; private set; }
    public string? EpciSiren { get; private set; }
    public string? EpciName { get; private set; }
    public string? Street { get; private set; }
    public string? PostalCode { get; private set; }
    public string? City { get; private set; }
    public string? Mail { get; private set; }
    public string? Phone { get; private set; }
    public string? Website { get; private set; }
    public DateTimeOffset ChangedAt { get; private set; }

    internal void Describe(MemberDraft draft, string siren, DateTimeOffset at)
    {
        (Kind, Class, PopulationYear) = (draft.Kind, draft.Class, draft.PopulationYear);
        CommuneCode = draft.CommuneCode;
        Departement = draft.Departement
            ?? (draft.CommuneCode is { } commune ? PublicCodes.DepartementOf(commune) : null);
        // An EPCI counts among its own on the map.
        EpciSiren = draft.EpciSiren ?? (draft.Kind == MemberKind.Epci ? siren : null);
        EpciName = draft.EpciName ?? (draft.Kind == MemberKind.Epci ? draft.Name : null);
        (Street, PostalCode, City) = (draft.Street, draft.PostalCode, draft.City);
        (Mail, Phone, Website) = (draft.Mail, draft.Phone, draft.Website);
        ChangedAt = at;
    }

    /// <summary>Replaces how to reach the member, and nothing else.</summary>
    internal void Reach(MemberReach reach, DateTimeOffset at)
    {
        (Street, PostalCode, City) = (reach.Street, reach.PostalCode, reach.City);
        (Mail, Phone, Website) = (reach.Mail, reach.Phone, reach.Website);
        ChangedAt = at;
    }

    internal void Stand(MemberStanding standing) => Standing = standing;
}

internal sealed class MemberFileMap : IEntityTypeConfiguration<MemberFile>
{
    public void Configure(EntityTypeBuilder<MemberFile> builder)
    {
        builder.ToTable("member_files", table =>
        {
            table.HasCheckConstraint("member_files_kind_check", $"kind in ({CodeWord.Sql<MemberKind>()})");
            table.HasCheckConstraint("member_files_class_check", $"class in ({CodeWord.Sql<MemberClass>()})");
            table.HasCheckConstraint("member_files_standing_check", $"standing in ({CodeWord.Sql<MemberStanding>()})");
        });
        builder.HasKey(row => row.MemberId).HasName("member_files_pkey");
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.Kind).HasColumnName("kind").HasCodeWord();
        builder.Property(row => row.Class).HasColumnName("class").HasCodeWord();
        builder.Property(row => row.Standing).HasColumnName("standing").HasCodeWord();
        builder.Property(row => row.PopulationYear).HasColumnName("population_year");
        builder.Property(row => row.CommuneCode).HasColumnName("commune_code");
        builder.Property(row => row.Departement).HasColumnName("departement");
        builder.Property(row => row.EpciSiren).HasColumnName("epci_siren");
        builder.Property(row => row.EpciName).HasColumnName("epci_name");
        builder.Property(row => row.Street).HasColumnName("street");
        builder.Property(row => row.PostalCode).HasColumnName("postal_code");
        builder.Property(row => row.City).HasColumnName("city");
        builder.Property(row => row.Mail).HasColumnName("mail");
        builder.Property(row => row.Phone).HasColumnName("phone");
        builder.Property(row => row.Website).HasColumnName("website");
        builder.Property(row => row.ChangedAt).HasColumnName("changed_at");
        builder.HasIndex(row => row.EpciSiren).HasDatabaseName("member_files_epci_siren_idx");
    }
}
