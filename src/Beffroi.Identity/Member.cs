using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity;

/// <summary>A local authority, one tenant of the platform.</summary>
internal sealed class Member
{
    internal const int NameCharactersMax = 200;

    public required MemberId Id { get; init; }
    public required OperatorId OperatorId { get; init; }
    public required string Name { get; init; }
    public required Siret Siret { get; init; }
    public int? Population { get; init; }

    /// <summary>Level of service: 1 agents only, 2 with a relay in the town hall, 3 with a relay and a local
    /// server.</summary>
    public required short Level { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class MemberMap : IEntityTypeConfiguration<Member>
{
    internal const string SiretKey = "members_siret_key";

    public void Configure(EntityTypeBuilder<Member> builder)
    {
        builder.ToTable("members", table =>
        {
            table.HasCheckConstraint("members_level_check", "level between 1 and 3");
            table.HasCheckConstraint("members_population_check", "population >= 0");
        });
        builder.HasKey(row => row.Id).HasName("members_pkey");
        builder.Property(row => row.Id).HasColumnName("id");
        builder.Property(row => row.OperatorId).HasColumnName("operator_id");
        builder.Property(row => row.Name).HasColumnName("name").HasMaxLength(Member.NameCharactersMax);
        builder.Property(row => row.Siret).HasColumnName("siret");
        builder.Property(row => row.Population).HasColumnName("population");
        builder.Property(row => row.Level).HasColumnName("level");
        builder.Property(row => row.CreatedAt).HasColumnName("created_at");
        builder.HasIndex(row => row.Siret).IsUnique().HasDatabaseName(SiretKey);
        builder.HasIndex(row => row.OperatorId).HasDatabaseName("members_operator_id_idx");
        builder.HasOne<Operator>().WithMany().HasForeignKey(row => row.OperatorId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("members_operator_id_fkey");
    }
}
