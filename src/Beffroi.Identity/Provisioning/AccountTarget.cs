using Beffroi.Identity.Database;
using Beffroi.Identity.Oidc.Parties;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity.Provisioning;

/// <summary>Where a service keeps accounts, and wants ours to be there before their people come.</summary>
internal sealed class AccountTarget
{
    public required Guid PartyId { get; init; }

    /// <summary>As <see cref="AccountPlace"/> has it.</summary>
    public required string Address { get; set; }

    /// <summary>The name to sign in with at a directory.</summary>
    public string? BindName { get; set; }

    /// <summary>Its bearer token or password, sealed with the key file.</summary>
    public required byte[] SealedToken { get; set; }

    /// <summary>When it last took an account.</summary>
    public DateTimeOffset? WorkedAt { get; set; }

    public DateTimeOffset? DisabledAt { get; set; }
}

internal sealed class AccountTargetMap : IEntityTypeConfiguration<AccountTarget>
{
    public void Configure(EntityTypeBuilder<AccountTarget> builder)
    {
        builder.ToTable("account_targets");
        builder.HasKey(row => row.PartyId).HasName("account_targets_pkey");
        builder.Property(row => row.PartyId).HasColumnName("relying_party_id").ValueGeneratedNever();
        builder.Property(row => row.Address).HasColumnName("address").HasMaxLength(RelyingParty.AddressCharactersMax);
        builder.Property(row => row.SealedToken).HasColumnName("sealed_token");
        builder.Property(row => row.BindName).HasColumnName("bind_name")
            .HasMaxLength(AccountPlace.BindNameCharactersMax);
        builder.Property(row => row.WorkedAt).HasColumnName("worked_at");
        builder.Property(row => row.DisabledAt).HasColumnName("disabled_at");
        builder.HasOne<RelyingParty>().WithMany().HasForeignKey(row => row.PartyId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("account_targets_relying_party_id_fkey");
        builder.IsHiddenFromPeople();
    }
}
