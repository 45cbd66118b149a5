using Beffroi.Identity.Database;
using Beffroi.Identity.SignIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity.External;

/// <summary>Somebody else who signs people in for the portal, such as ProConnect. Settings are data: another one needs
/// no release.</summary>
internal sealed class ExternalProvider
{
    internal const int IdCharactersMax = 40;

    /// <summary>In addresses and beside subjects; never changes.</summary>
    public required string Id { get; init; }

    /// <summary>On the button.</summary>
    public required string Name { get; set; }

    public required string Issuer { get; set; }
    public required string ClientId { get; set; }

    /// <summary>The secret, sealed with the key file: it has to be sent.</summary>
    public required byte[] SealedSecret { get; set; }

    public required string[] Scopes { get; set; }

    /// <summary>What strength is asked for, such as <c>eidas1</c>.</summary>
    public string? AcrValues { get; set; }

    /// <summary>Whether an answer of its userinfo end point counts only when it is signed.</summary>
    public bool RequiresSignedUserInfo { get; set; }

    /// <summary>Whether somebody unknown gets an account as agent of the member whose SIRET the provider
    /// names.</summary>
    public bool CreatesAccounts { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? DisabledAt { get; set; }
}

internal sealed class ExternalProviderMap : IEntityTypeConfiguration<ExternalProvider>
{
    public void Configure(EntityTypeBuilder<ExternalProvider> builder)
    {
        builder.ToTable("external_providers");
        builder.HasKey(row => row.Id).HasName("external_providers_pkey");
        builder.Property(row => row.Id).HasColumnName("id").HasMaxLength(ExternalProvider.IdCharactersMax);
        builder.Property(row => row.Name).HasColumnName("name").HasMaxLength(100);
        builder.Property(row => row.Issuer).HasColumnName("issuer");
        builder.Property(row => row.ClientId).HasColumnName("client_id");
        builder.Property(row => row.SealedSecret).HasColumnName("sealed_secret");
        builder.Property(row => row.Scopes).HasColumnName("scopes");
        builder.Property(row => row.AcrValues).HasColumnName("acr_values");
        builder.Property(row => row.RequiresSignedUserInfo).HasColumnName("requires_signed_user_info");
        builder.Property(row => row.CreatesAccounts).HasColumnName("creates_accounts");
        builder.Property(row => row.CreatedAt).HasColumnName("created_at");
        builder.Property(row => row.DisabledAt).HasColumnName("disabled_at");
        builder.IsHiddenFromPeople();
    }
}

/// <summary>A session that began at an external provider, so that signing out can end it there too.</summary>
internal sealed class ExternalSession
{
    public required Guid SessionId { get; init; }
    public required string ProviderId { get; init; }

    /// <summary>The provider's identity token, sealed; sent back to it at sign-out.</summary>
    public required byte[] SealedToken { get; init; }
}

internal sealed class ExternalSessionMap : IEntityTypeConfiguration<ExternalSession>
{
    public void Configure(EntityTypeBuilder<ExternalSession> builder)
    {
        builder.ToTable("external_sessions");
        builder.HasKey(row => row.SessionId).HasName("external_sessions_pkey");
        builder.Property(row => row.SessionId).HasColumnName("session_id").ValueGeneratedNever();
        builder.Property(row => row.ProviderId).HasColumnName("provider_id")
            .HasMaxLength(ExternalProvider.IdCharactersMax);
        builder.Property(row => row.SealedToken).HasColumnName("sealed_token");
        builder.HasIndex(row => row.ProviderId).HasDatabaseName("external_sessions_provider_id_idx");
        builder.HasOne<SignInSession>().WithMany().HasForeignKey(row => row.SessionId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("external_sessions_session_id_fkey");
        builder.HasOne<ExternalProvider>().WithMany().HasForeignKey(row => row.ProviderId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("external_sessions_provider_id_fkey");
        builder.IsHiddenFromPeople();
    }
}
