using System.Linq.Expressions;
using Beffroi.Identity.Access;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Beffroi.Identity.Database;

/// <summary>A module's context, which sees no more than its <see cref="Scope"/>.</summary>
public abstract class ModuleDb(DbContextOptions options) : DbContext(options)
{
    /// <summary>Name of the query filter that keeps members apart.</summary>
    public const string TenantFilter = "tenant";

    /// <summary>Whose rows this context sees. Contexts of the agents' protocol and of jobs see all.</summary>
    public AccessScope Scope { get; internal set; } = AccessScope.Platform;

    // Read anew by each context: the filters name these members, not their values.
    protected bool SeesAll => Scope.IsPlatform;
    protected IEnumerable<MemberId> SeenMembers => Scope.Members;

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<MemberId>().HaveConversion<MemberIdConverter>();

    /// <summary>Filters every <see cref="ITenantOwned"/> entity; to be called at the end of
    /// <c>OnModelCreating</c>.</summary>
    protected void FilterTenants(ModelBuilder modelBuilder)
    {
        var owned = modelBuilder.Model.GetEntityTypes().Select(entity => entity.ClrType)
            .Where(type => type.IsAssignableTo(typeof(ITenantOwned))).ToList();
        foreach (var type in owned) modelBuilder.Entity(type).HasQueryFilter(TenantFilter, FilterOf(type));
    }

    private LambdaExpression FilterOf(Type type)
    {
        var row = Expression.Parameter(type, "row");
        var member = Expression.Property(row, nameof(ITenantOwned.MemberId));
        var context = Expression.Constant(this); // EF Core replaces it by the context that runs the query.
        var sees = Expression.Call(
            typeof(Enumerable), nameof(Enumerable.Contains), [typeof(MemberId)],
            Expression.Property(context, nameof(SeenMembers)), member);
        return Expression.Lambda(Expression.OrElse(Expression.Property(context, nameof(SeesAll)), sees), row);
    }

    private sealed class MemberIdConverter()
        : ValueConverter<MemberId, Guid>(id => id.Value, value => new MemberId(value));
}
