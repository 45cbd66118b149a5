namespace Beffroi.Identity.Database;

/// <summary>A row that belongs to one member. Contexts filter it, and the database hides it (see
/// <see cref="TenantWall"/>).</summary>
public interface ITenantOwned
{
    /// <summary>Whose it is.</summary>
    MemberId MemberId { get; }
}
