using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Business.Members.Register;

/// <summary>A person whom the operator knows at a member.</summary>
public readonly record struct ContactId(Guid Value)
{
    public static ContactId New() => new(RandomId.New());
}

/// <summary>Somebody to talk to at a member; with or without an account.</summary>
internal sealed class Contact : ITenantOwned
{
    public required ContactId Id { get; init; }
    public required MemberId MemberId { get; init; }
    public string Name { get; private set; } = "";

    /// <summary>What they do, such as secretary or second deputy.</summary>
    public string? Function { get; private set; }

    public string? Mail { get; private set; }
    public string? Phone { get; private set; }

    /// <summary>The account, if they have one.</summary>
    public PersonId? PersonId { get; private set; }

    public List<HeldRole> Roles { get; } = [];

    internal ContactDraft ToDraft() => new(Name, Function, Mail, Phone, PersonId);

    internal void Describe(ContactDraft draft) =>
        (Name, Function, Mail, Phone, PersonId) =
            (draft.Name, draft.Function, draft.Mail, draft.Phone, draft.PersonId);
}

/// <summary>A role of a contact, from a day to a day, both counted.</summary>
internal sealed class HeldRole : ITenantOwned
{
    public required MemberId MemberId { get; init; }
    public required ContactId ContactId { get; init; }
    public required ContactRole Role { get; init; }
    public required DateOnly From { get; init; }
    public DateOnly? Until { get; private set; }

    internal bool IsHeldOn(DateOnly day) => From <= day && (Until is null || day <= Until);

    internal void End(DateOnly until) => Until = until;
}

internal sealed class ContactMap : IEntityTypeConfiguration<Contact>
{
    public void Configure(EntityTypeBuilder<Contact> builder)
    {
        builder.ToTable("contacts");
        builder.HasKey(row => row.Id).HasName("contacts_pkey");
        builder.Property(row => row.Id).HasColumnName("id")
            .HasConversion(id => id.Value, value => new ContactId(value));
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.Name).HasColumnName("name");
        builder.Property(row => row.Function).HasColumnName("function");
        builder.Property(row => row.Mail).HasColumnName("mail");
        builder.Property(row => row.Phone).HasColumnName("phone");
        builder.Property(row => row.PersonId).HasColumnName("person_id")
            .HasConversion(id => id!.Value.Value, value => new PersonId(value));
        builder.HasIndex(row => row.MemberId).HasDatabaseName("contacts_member_id_idx");
        builder.HasMany(row => row.Roles).WithOne().HasForeignKey(row => row.ContactId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("held_roles_contact_id_fkey");
    }
}

internal sealed class HeldRoleMap : IEntityTypeConfiguration<HeldRole>
{
    public void Configure(EntityTypeBuilder<HeldRole> builder)
    {
        builder.ToTable("held_roles", table =>
        {
            table.HasCheckConstraint("held_roles_role_check", $"role in ({CodeWord.Sql<ContactRole>()})");
            table.HasCheckConstraint("held_roles_until_check", "held_until >= held_from");
        });
        builder.HasKey(row => new { row.ContactId, row.Role, row.From }).HasName("held_roles_pkey");
        builder.Property(row => row.ContactId).HasColumnName("contact_id")
            .HasConversion(id => id.Value, value => new ContactId(value));
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.Role).HasColumnName("role").HasCodeWord();
        builder.Property(row => row.From).HasColumnName("held_from");
        builder.Property(row => row.Until).HasColumnName("held_until");
        builder.HasIndex(row => row.MemberId).HasDatabaseName("held_roles_member_id_idx");
    }
}
