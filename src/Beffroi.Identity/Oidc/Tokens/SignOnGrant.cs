using Beffroi.Identity.Database;
using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.People;
using Beffroi.Identity.SignIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity.Oidc.Tokens;

/// <summary>One sign-in at a service: the code, and all tokens that came of it. They fall together.</summary>
internal sealed class SignOnGrant
{
    public required Guid Id { get; init; }
    public required Guid PartyId { get; init; }
    public required Guid PersonId { get; init; }

    /// <summary>The browser's session; its end is the end of every token.</summary>
    public required Guid SessionId { get; init; }

    public required string[] Scopes { get; init; }
    public string? Nonce { get; init; }

    /// <summary>Where the code was sent; none of a device.</summary>
    public string? RedirectUri { get; init; }

    /// <summary>PKCE's, always of S256.</summary>
    public string? Challenge { get; init; }

    public required DateTimeOffset AuthenticatedAt { get; init; }
    public required string Methods { get; init; }

    /// <summary>SHA-256 of the account's security stamp: a new password ends what was given before it.</summary>
    public required byte[] StampHash { get; init; }

    public byte[]? CodeHash { get; init; }
    public DateTimeOffset? CodeExpiresAt { get; init; }

    /// <summary>A code is good for one presentation, right or wrong.</summary>
    public DateTimeOffset? CodePresentedAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>No token is good for longer.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }
}

internal sealed class SignOnGrantMap : IEntityTypeConfiguration<SignOnGrant>
{
    public void Configure(EntityTypeBuilder<SignOnGrant> builder)
    {
        builder.ToTable("sign_on_grants");
        builder.HasKey(row => row.Id).HasName("sign_on_grants_pkey");
        builder.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(row => row.PartyId).HasColumnName("relying_party_id");
        builder.Property(row => row.PersonId).HasColumnName("person_id");
        builder.Property(row => row.SessionId).HasColumnName("session_id");
        builder.Property(row => row.Scopes).HasColumnName("scopes");
        builder.Property(row => row.Nonce).HasColumnName("nonce");
        builder.Property(row => row.RedirectUri).HasColumnName("redirect_uri");
        builder.Property(row => row.Challenge).HasColumnName("challenge").HasMaxLength(43);
        builder.Property(row => row.AuthenticatedAt).HasColumnName("authenticated_at");
        builder.Property(row => row.Methods).HasColumnName("methods");
        builder.Property(row => row.StampHash).HasColumnName("stamp_hash");
        builder.Property(row => row.CodeHash).HasColumnName("code_hash");
        builder.Property(row => row.CodeExpiresAt).HasColumnName("code_expires_at");
        builder.Property(row => row.CodePresentedAt).HasColumnName("code_presented_at");
        builder.Property(row => row.CreatedAt).HasColumnName("created_at");
        builder.Property(row => row.ExpiresAt).HasColumnName("expires_at");
        builder.Property(row => row.RevokedAt).HasColumnName("revoked_at");
        builder.HasIndex(row => row.CodeHash).IsUnique().HasDatabaseName("sign_on_grants_code_hash_key");
        builder.HasIndex(row => row.SessionId).HasDatabaseName("sign_on_grants_session_id_idx");
        builder.HasIndex(row => row.ExpiresAt).HasDatabaseName("sign_on_grants_expires_at_idx");
        Reference<RelyingParty>(builder, nameof(SignOnGrant.PartyId), "sign_on_grants_relying_party_id_fkey");
        Reference<Person>(builder, nameof(SignOnGrant.PersonId), "sign_on_grants_person_id_fkey");
        Reference<SignInSession>(builder, nameof(SignOnGrant.SessionId), "sign_on_grants_session_id_fkey");
        builder.HasIndex(row => row.PartyId).HasDatabaseName("sign_on_grants_relying_party_id_idx");
        builder.HasIndex(row => row.PersonId).HasDatabaseName("sign_on_grants_person_id_idx");
        builder.IsHiddenFromPeople();
    }

    private static void Reference<T>(EntityTypeBuilder<SignOnGrant> builder, string key, string name)
        where T : class =>
        builder.HasOne<T>().WithMany().HasForeignKey(key).OnDelete(DeleteBehavior.Cascade).HasConstraintName(name);
}
