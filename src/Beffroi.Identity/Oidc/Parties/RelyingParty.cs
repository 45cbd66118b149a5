using Beffroi.Identity.Database;
using Beffroi.Identity.Oidc.Jose;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity.Oidc.Parties;

/// <summary>Whether a service can keep a secret.</summary>
public enum PartyKind
{
    /// <summary>It runs on a server and has a secret.</summary>
    Confidential,

    /// <summary>It runs in people's hands: a program, a telephone, a browser. PKCE takes the place of a
    /// secret.</summary>
    Public,
}

/// <summary>A service that signs people in with the portal.</summary>
internal sealed class RelyingParty
{
    internal const int NameCharactersMax = 100;
    internal const int AddressCharactersMax = 2000;

    public required Guid Id { get; init; }
    public required string Name { get; set; }
    public string? Description { get; set; }
    public required PartyKind Kind { get; init; }

    /// <summary>SHA-256 of the secret, which was shown once.</summary>
    public byte[]? SecretHash { get; set; }

    /// <summary>Where the tile leads.</summary>
    public required string Address { get; set; }

    public required string[] RedirectUris { get; set; }
    public required string[] PostLogoutUris { get; set; }
    /// <summary>Where it is told that a session has ended, if it wants to know.</summary>
    public string? LogoutAddress { get; set; }

    public required string[] Scopes { get; set; }

    /// <summary>Always of a public one.</summary>
    public required bool RequiresPkce { get; set; }

    /// <summary>Of its identity tokens.</summary>
    public string Algorithm { get; set; } = JwsKey.Rs256;

    /// <summary>Whether it may ask people to enter a code on another computer.</summary>
    public bool MayUseDevices { get; set; }

    /// <summary>Whether every member has it; else those of <see cref="PartyMember"/>.</summary>
    public bool IsForAllMembers { get; set; }

    /// <summary>Whether the operator's own people have it.</summary>
    public bool IsForStaff { get; set; }

    /// <summary>A PNG file.</summary>
    public byte[]? Logo { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? DisabledAt { get; set; }

    /// <summary>As the service itself calls it.</summary>
    internal string ClientId => Id.ToString("N");

    internal bool HasPkce => RequiresPkce || Kind == PartyKind.Public;
}

internal sealed class RelyingPartyMap : IEntityTypeConfiguration<RelyingParty>
{
    public void Configure(EntityTypeBuilder<RelyingParty> builder)
    {
        builder.ToTable("relying_parties", table => table.HasCheckConstraint(
            "relying_parties_secret_check", "(kind = 'Confidential') = (secret_hash is not null)"));
        builder.HasKey(row => row.Id).HasName("relying_parties_pkey");
        builder.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(row => row.Name).HasColumnName("name").HasMaxLength(RelyingParty.NameCharactersMax);
        builder.Property(row => row.Description).HasColumnName("description").HasMaxLength(200);
        builder.Property(row => row.Kind).HasColumnName("kind").HasConversion<string>().HasMaxLength(20);
        builder.Property(row => row.SecretHash).HasColumnName("secret_hash");
        builder.Property(row => row.Address).HasColumnName("address").HasMaxLength(RelyingParty.AddressCharactersMax);
        builder.Property(row => row.RedirectUris).HasColumnName("redirect_uris");
        builder.Property(row => row.PostLogoutUris).HasColumnName("post_logout_uris");
        builder.Property(row => row.LogoutAddress).HasColumnName("logout_address")
            .HasMaxLength(RelyingParty.AddressCharactersMax);
        builder.Property(row => row.Scopes).HasColumnName("scopes");
        builder.Property(row => row.RequiresPkce).HasColumnName("requires_pkce");
        builder.Property(row => row.Algorithm).HasColumnName("algorithm").HasMaxLength(5);
        builder.Property(row => row.MayUseDevices).HasColumnName("may_use_devices");
        builder.Property(row => row.IsForAllMembers).HasColumnName("is_for_all_members");
        builder.Property(row => row.IsForStaff).HasColumnName("is_for_staff");
        builder.Property(row => row.Logo).HasColumnName("logo");
        builder.Property(row => row.CreatedAt).HasColumnName("created_at");
        builder.Property(row => row.DisabledAt).HasColumnName("disabled_at");
        builder.IsHiddenFromPeople();
    }
}
