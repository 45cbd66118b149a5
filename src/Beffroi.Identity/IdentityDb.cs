using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Beffroi.Identity;

/// <summary>Schema <c>identity</c>: who the operator and its members are.</summary>
internal sealed class IdentityDb(DbContextOptions<IdentityDb> options) : ModuleDb(options)
{
    internal const string Schema = "identity";

    internal DbSet<Operator> Operators => Set<Operator>();
    internal DbSet<Member> Members => Set<Member>();
    internal DbSet<JournalEntry> Journal => Set<JournalEntry>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.ApplyConfiguration(new OperatorMap());
        modelBuilder.ApplyConfiguration(new MemberMap());
        modelBuilder.ApplyConfiguration(new JournalEntryMap());
        modelBuilder.Entity<Member>().HasQueryFilter(
            TenantFilter, row => SeesAll || SeenMembers.Contains(row.Id));
        modelBuilder.Entity<JournalEntry>().HasQueryFilter(
            TenantFilter, row => SeesAll || (row.MemberId != null && SeenMembers.Contains(row.MemberId.Value)));
        FilterTenants(modelBuilder);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<OperatorId>().HaveConversion<OperatorIdConverter>();
        configurationBuilder.Properties<Siret>().HaveConversion<SiretConverter>().HaveMaxLength(14).AreFixedLength();
    }

    private sealed class OperatorIdConverter()
        : ValueConverter<OperatorId, Guid>(id => id.Value, value => new OperatorId(value));

    private sealed class SiretConverter()
        : ValueConverter<Siret, string>(siret => siret.Value, value => Siret.Parse(value));
}
