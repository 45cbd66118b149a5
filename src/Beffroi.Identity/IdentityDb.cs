using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Beffroi.Identity;

/// <summary>Schema <c>identity</c>: who the operator and its members are.</summary>
internal sealed class IdentityDb(DbContextOptions<IdentityDb> options) : DbContext(options)
{
    internal const string Schema = "identity";

    internal DbSet<Operator> Operators => Set<Operator>();
    internal DbSet<Member> Members => Set<Member>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.ApplyConfiguration(new OperatorMap());
        modelBuilder.ApplyConfiguration(new MemberMap());
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<OperatorId>().HaveConversion<OperatorIdConverter>();
        configurationBuilder.Properties<MemberId>().HaveConversion<MemberIdConverter>();
        configurationBuilder.Properties<Siret>().HaveConversion<SiretConverter>().HaveMaxLength(14).AreFixedLength();
    }

    private sealed class OperatorIdConverter()
        : ValueConverter<OperatorId, Guid>(id => id.Value, value => new OperatorId(value));

    private sealed class MemberIdConverter()
        : ValueConverter<MemberId, Guid>(id => id.Value, value => new MemberId(value));

    private sealed class SiretConverter()
        : ValueConverter<Siret, string>(siret => siret.Value, value => Siret.Parse(value));
}
