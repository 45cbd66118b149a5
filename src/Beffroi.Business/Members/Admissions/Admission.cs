using Beffroi.Business.Members.Offers;
using Beffroi.Identity;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Business.Members.Admissions;

/// <summary>A member's way to an offer.</summary>
public readonly record struct AdmissionId(Guid Value)
{
    public static AdmissionId New() => new(RandomId.New());

    public override string ToString() => Value.ToString("D");
}

/// <summary>A member's way to an offer (dossier d'adhésion). Kept for ever; of one offer at most one is under way or
/// effective.</summary>
internal sealed class Admission : ITenantOwned
{
    public required AdmissionId Id { get; init; }
    public required MemberId MemberId { get; init; }
    public required string OfferCode { get; init; }
    public AdmissionState State { get; private set; }
    public short? Level { get; private set; }
    public DateOnly? EffectiveOn { get; private set; }
    public ClosingMotive? Motive { get; private set; }
    public required DateTimeOffset OpenedAt { get; init; }
    public DateTimeOffset ChangedAt { get; private set; }

    internal void Take(AdmissionStep step, AdmissionState to, DateTimeOffset at)
    {
        (State, ChangedAt) = (to, at);
        switch (step)
        {
            case AdmissionStep.Propose propose: Level = checked((short)propose.Level); break;
            case AdmissionStep.MakeEffective effective: EffectiveOn = effective.On; break;
            case AdmissionStep.Close close: Motive = close.Motive; break;
        }
    }
}

/// <summary>A step that was taken. Never changed.</summary>
internal sealed class AdmissionMove : ITenantOwned
{
    public required AdmissionId AdmissionId { get; init; }
    public required int Number { get; init; }
    public required MemberId MemberId { get; init; }
    public required AdmissionState To { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>Who took it, as in the journal.</summary>
    public required string Actor { get; init; }
}

internal sealed class AdmissionMap : IEntityTypeConfiguration<Admission>
{
    internal const string OpenKey = "admissions_open_key";

    public void Configure(EntityTypeBuilder<Admission> builder)
    {
        builder.ToTable("admissions", table =>
        {
            table.HasCheckConstraint("admissions_state_check", $"state in ({CodeWord.Sql<AdmissionState>()})");
            table.HasCheckConstraint("admissions_motive_check", $"motive in ({CodeWord.Sql<ClosingMotive>()})");
            table.HasCheckConstraint("admissions_level_check", "level between 1 and 3");
        });
        builder.HasKey(row => row.Id).HasName("admissions_pkey");
        builder.Property(row => row.Id).HasColumnName("id")
            .HasConversion(id => id.Value, value => new AdmissionId(value));
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.OfferCode).HasColumnName("offer_code");
        builder.Property(row => row.State).HasColumnName("state").HasCodeWord();
        builder.Property(row => row.Level).HasColumnName("level");
        builder.Property(row => row.EffectiveOn).HasColumnName("effective_on");
        builder.Property(row => row.Motive).HasColumnName("motive").HasCodeWord();
        builder.Property(row => row.OpenedAt).HasColumnName("opened_at");
        builder.Property(row => row.ChangedAt).HasColumnName("changed_at");
        builder.HasIndex(row => new { row.MemberId, row.OfferCode }).IsUnique()
            .HasFilter("state not in ('refused', 'closed')").HasDatabaseName(OpenKey);
        builder.HasIndex(row => row.OfferCode).HasDatabaseName("admissions_offer_code_idx");
        builder.HasIndex(row => new { row.State, row.ChangedAt }).HasDatabaseName("admissions_state_changed_at_idx");
        builder.HasOne<Offer>().WithMany().HasForeignKey(row => row.OfferCode)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("admissions_offer_code_fkey");
    }
}

internal sealed class AdmissionMoveMap : IEntityTypeConfiguration<AdmissionMove>
{
    public void Configure(EntityTypeBuilder<AdmissionMove> builder)
    {
        builder.ToTable("admission_moves").IsAppendOnly();
        builder.HasKey(row => new { row.AdmissionId, row.Number }).HasName("admission_moves_pkey");
        builder.Property(row => row.AdmissionId).HasColumnName("admission_id")
            .HasConversion(id => id.Value, value => new AdmissionId(value));
        builder.Property(row => row.Number).HasColumnName("number").ValueGeneratedNever();
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.To).HasColumnName("to_state").HasCodeWord();
        builder.Property(row => row.At).HasColumnName("at");
        builder.Property(row => row.Actor).HasColumnName("actor");
        builder.HasOne<Admission>().WithMany().HasForeignKey(row => row.AdmissionId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("admission_moves_admission_id_fkey");
    }
}
