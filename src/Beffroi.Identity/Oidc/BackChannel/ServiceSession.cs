using Beffroi.Identity.Database;
using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.SignIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity.Oidc.BackChannel;

/// <summary>Somebody's session at a service that wants to be told when the portal's has ended. Gone once it
/// was.</summary>
internal sealed class ServiceSession
{
    public required Guid PartyId { get; init; }
    public required Guid SessionId { get; init; }

    /// <summary>As the service knows the portal.</summary>
    public required string Issuer { get; init; }

    /// <summary>When it was last given an identity token of that session.</summary>
    public required DateTimeOffset SeenAt { get; init; }

    public int Attempts { get; init; }
    public required DateTimeOffset NextAttemptAt { get; init; }
}

internal sealed class ServiceSessionMap : IEntityTypeConfiguration<ServiceSession>
{
    public void Configure(EntityTypeBuilder<ServiceSession> builder)
    {
        builder.ToTable("service_sessions");
        builder.HasKey(row => new { row.PartyId, row.SessionId }).HasName("service_sessions_pkey");
        builder.Property(row => row.PartyId).HasColumnName("relying_party_id");
        builder.Property(row => row.SessionId).HasColumnName("session_id");
        builder.Property(row => row.Issuer).HasColumnName("issuer");
        builder.Property(row => row.SeenAt).HasColumnName("seen_at");
        builder.Property(row => row.Attempts).HasColumnName("attempts");
        builder.Property(row => row.NextAttemptAt).HasColumnName("next_attempt_at");
        builder.HasIndex(row => row.SessionId).HasDatabaseName("service_sessions_session_id_idx");
        builder.HasOne<RelyingParty>().WithMany().HasForeignKey(row => row.PartyId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("service_sessions_relying_party_id_fkey");
        builder.HasOne<SignInSession>().WithMany().HasForeignKey(row => row.SessionId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("service_sessions_session_id_fkey");
        builder.IsHiddenFromPeople();
    }
}
