using Beffroi.Business.Members.Admissions;
using Beffroi.Identity;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Business.Members.Diagnoses;

/// <summary>A diagnosis of a member's computers.</summary>
public readonly record struct DiagnosisId(Guid Value)
{
    public static DiagnosisId New() => new(RandomId.New());
}

/// <summary>What was found on a day, and the level advised by the terms of that day. Never changed: a new look is a
/// new diagnosis.</summary>
internal sealed class Diagnosis : ITenantOwned
{
    public required DiagnosisId Id { get; init; }
    public required MemberId MemberId { get; init; }
    public AdmissionId? AdmissionId { get; init; }
    public required DateTimeOffset MadeAt { get; init; }
    public required string Actor { get; init; }
    public required int FixedCount { get; init; }
    public required int LaptopCount { get; init; }
    public required int ServerCount { get; init; }
    public required long VolumeBytes { get; init; }
    public required string[] Applications { get; init; }
    public required string[] Databases { get; init; }
    public required string[] ExistingServices { get; init; }
    public required bool IsComplex { get; init; }

    /// <summary>The terms of that day, so that the advice can be given again with its reasons.</summary>
    public required int[] IncludedGigabytes { get; init; }

    public required decimal? ExtraGigabytePrice { get; init; }

    internal DiagnosisForm ToForm() => new()
    {
        FixedCount = FixedCount,
        LaptopCount = LaptopCount,
        ServerCount = ServerCount,
        VolumeBytes = VolumeBytes,
        Applications = Applications,
        Databases = Databases,
        ExistingServices = ExistingServices,
        IsComplex = IsComplex,
    };
}

internal sealed class DiagnosisMap : IEntityTypeConfiguration<Diagnosis>
{
    public void Configure(EntityTypeBuilder<Diagnosis> builder)
    {
        builder.ToTable("diagnoses").IsAppendOnly();
        builder.HasKey(row => row.Id).HasName("diagnoses_pkey");
        builder.Property(row => row.Id).HasColumnName("id")
            .HasConversion(id => id.Value, value => new DiagnosisId(value));
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.AdmissionId).HasColumnName("admission_id")
            .HasConversion(id => id!.Value.Value, value => new AdmissionId(value));
        builder.Property(row => row.MadeAt).HasColumnName("made_at");
        builder.Property(row => row.Actor).HasColumnName("actor");
        builder.Property(row => row.FixedCount).HasColumnName("fixed_count");
        builder.Property(row => row.LaptopCount).HasColumnName("laptop_count");
        builder.Property(row => row.ServerCount).HasColumnName("server_count");
        builder.Property(row => row.VolumeBytes).HasColumnName("volume_bytes");
        builder.Property(row => row.Applications).HasColumnName("applications");
        builder.Property(row => row.Databases).HasColumnName("databases");
        builder.Property(row => row.ExistingServices).HasColumnName("existing_services");
        builder.Property(row => row.IsComplex).HasColumnName("is_complex");
        builder.Property(row => row.IncludedGigabytes).HasColumnName("included_gigabytes");
        builder.Property(row => row.ExtraGigabytePrice).HasColumnName("extra_gigabyte_price").HasPrecision(12, 2);
        builder.HasIndex(row => row.MemberId).HasDatabaseName("diagnoses_member_id_idx");
        builder.HasIndex(row => row.AdmissionId).HasDatabaseName("diagnoses_admission_id_idx");
        builder.HasOne<Admission>().WithMany().HasForeignKey(row => row.AdmissionId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("diagnoses_admission_id_fkey");
    }
}
