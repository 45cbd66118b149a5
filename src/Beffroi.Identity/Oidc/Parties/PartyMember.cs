using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity.Oidc.Parties;

/// <summary>A member that a service was chosen for. Only staff choose: no member's request reaches it, not even that
/// member's.</summary>
internal sealed class PartyMember
{
    public required Guid PartyId { get; init; }
    public required MemberId MemberId { get; init; }
}

internal sealed class PartyMemberMap : IEntityTypeConfiguration<PartyMember>
{
    public void Configure(EntityTypeBuilder<PartyMember> builder)
    {
        builder.ToTable("relying_party_members");
        builder.HasKey(row => new { row.PartyId, row.MemberId }).HasName("relying_party_members_pkey");
        builder.Property(row => row.PartyId).HasColumnName("relying_party_id");
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.HasIndex(row => row.MemberId).HasDatabaseName("relying_party_members_member_id_idx");
        builder.HasOne<RelyingParty>().WithMany().HasForeignKey(row => row.PartyId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("relying_party_members_relying_party_id_fkey");
        builder.HasOne<Member>().WithMany().HasForeignKey(row => row.MemberId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("relying_party_members_member_id_fkey");
        builder.IsHiddenFromPeople(); // Read by the desks, which answer only what the caller's members have.
    }
}
