using Beffroi.Identity.Access;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity.People;

/// <summary>A role given to a person for a time. Ended ones are kept: who was référent when must stay known.</summary>
internal sealed class HeldRole
{
    public required Guid Id { get; init; }
    public required Guid PersonId { get; init; }

    /// <summary>The member it was given for; none for a role of the operator.</summary>
    public MemberId? MemberId { get; init; }

    public required Role Role { get; init; }
    public required DateTimeOffset From { get; init; }

    /// <summary>From when on it holds no more.</summary>
    public DateTimeOffset? Until { get; set; }

    internal void End(DateTimeOffset at)
    {
        if (Until is null || at < Until) Until = at;
    }
}

internal sealed class HeldRoleMap : IEntityTypeConfiguration<HeldRole>
{
    public void Configure(EntityTypeBuilder<HeldRole> builder)
    {
        builder.ToTable("held_roles", table => table.HasCheckConstraint(
            "held_roles_member_check",
            "(member_id is null) = (role in ('Direction', 'Operations', 'Support', 'Accounting', 'DataProtection'))"));
        builder.HasKey(row => row.Id).HasName("held_roles_pkey");
        builder.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(row => row.PersonId).HasColumnName("person_id");
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.Role).HasColumnName("role").HasConversion<string>().HasMaxLength(40);
        builder.Property(row => row.From).HasColumnName("held_from");
        builder.Property(row => row.Until).HasColumnName("held_until");
        builder.HasIndex(row => row.PersonId).HasDatabaseName("held_roles_person_id_idx");
        builder.HasIndex(row => row.MemberId).HasDatabaseName("held_roles_member_id_idx");
        builder.HasOne<Person>().WithMany().HasForeignKey(row => row.PersonId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("held_roles_person_id_fkey");
    }
}
