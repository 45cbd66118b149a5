using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Database;

/// <summary>A member as the contexts of other modules read it beside their own tables, so that lists are joined,
/// filtered and paged in the database. Read only: <see cref="MemberRoll"/> writes.</summary>
public sealed class MemberRow : ITenantOwned
{
    public MemberId MemberId { get; init; }
    public string Name { get; init; } = "";

    /// <summary>14 digits, as text: lists look for its beginning.</summary>
    public string Siret { get; init; } = "";

    public int? Population { get; init; }

    /// <summary>Level of service, 1 to 3.</summary>
    public short Level { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Adds the members to a module's model. As a view: the table is Identity's to migrate and to
    /// grant.</summary>
    public static void Map(ModelBuilder modelBuilder)
    {
        var builder = modelBuilder.Entity<MemberRow>();
        builder.ToView("members", IdentityDb.Schema);
        builder.HasKey(row => row.MemberId);
        builder.Property(row => row.MemberId).HasColumnName("id");
        builder.Property(row => row.Name).HasColumnName("name");
        builder.Property(row => row.Siret).HasColumnName("siret").HasMaxLength(14).IsFixedLength();
        builder.Property(row => row.Population).HasColumnName("population");
        builder.Property(row => row.Level).HasColumnName("level");
        builder.Property(row => row.CreatedAt).HasColumnName("created_at");
    }
}
