using Beffroi.Identity;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Business.Members.Register;

/// <summary>A place of a member.</summary>
public readonly record struct SiteId(Guid Value)
{
    public static SiteId New() => new(RandomId.New());
}

/// <summary>A place with computers, and how it reaches the Internet.</summary>
internal sealed class Site : ITenantOwned
{
    public required SiteId Id { get; init; }
    public required MemberId MemberId { get; init; }
    public string Name { get; private set; } = "";
    public string? Street { get; private set; }
    public string? PostalCode { get; private set; }
    public string? City { get; private set; }
    public SiteLink? Link { get; private set; }

    /// <summary>Measured throughput towards the datacenter; restore times are estimated with it.</summary>
    public decimal? MeasuredMbps { get; private set; }

    public DateOnly? MeasuredOn { get; private set; }
    public bool IsInGfu { get; private set; }

    internal SiteDraft ToDraft() =>
        new(Name, Street, PostalCode, City, Link, MeasuredMbps, MeasuredOn, IsInGfu);

    internal void Describe(SiteDraft draft)
    {
        (Name, Street, PostalCode, City) = (draft.Name, draft.Street, draft.PostalCode, draft.City);
        (Link, MeasuredMbps, MeasuredOn) = (draft.Link, draft.MeasuredMbps, draft.MeasuredOn);
        IsInGfu = draft.IsInGfu;
    }
}

internal sealed class SiteMap : IEntityTypeConfiguration<Site>
{
    public void Configure(EntityTypeBuilder<Site> builder)
    {
        builder.ToTable("sites", table =>
        {
            table.HasCheckConstraint("sites_link_check", $"link in ({CodeWord.Sql<SiteLink>()})");
            table.HasCheckConstraint("sites_measured_mbps_check", "measured_mbps > 0");
        });
        builder.HasKey(row => row.Id).HasName("sites_pkey");
        builder.Property(row => row.Id).HasColumnName("id").HasConversion(id => id.Value, value => new SiteId(value));
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.Name).HasColumnName("name");
        builder.Property(row => row.Street).HasColumnName("street");
        builder.Property(row => row.PostalCode).HasColumnName("postal_code");
        builder.Property(row => row.City).HasColumnName("city");
        builder.Property(row => row.Link).HasColumnName("link").HasCodeWord();
        builder.Property(row => row.MeasuredMbps).HasColumnName("measured_mbps").HasPrecision(9, 2);
        builder.Property(row => row.MeasuredOn).HasColumnName("measured_on");
        builder.Property(row => row.IsInGfu).HasColumnName("is_in_gfu");
        builder.HasIndex(row => row.MemberId).HasDatabaseName("sites_member_id_idx");
    }
}
