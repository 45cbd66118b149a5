using Beffroi.Fleet.Consents;
using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Drift;
using Beffroi.Fleet.Enrolment;
using Beffroi.Fleet.Orders;
using Beffroi.Fleet.Plans;
using Beffroi.Fleet.Presence;
using Beffroi.Fleet.Records;
using Beffroi.Fleet.Runs;
using Beffroi.Fleet.Vaults;
using Beffroi.Fleet.Watch;
using Beffroi.Identity.Database;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Beffroi.Fleet;

/// <summary>Schema <c>fleet</c>: vaults, machines, snapshots, packs, plans, runs, orders, consents, alerts. Records are
/// not mapped, see RecordsTable.</summary>
internal sealed class FleetDb(DbContextOptions<FleetDb> options) : ModuleDb(options)
{
    internal const string Schema = "fleet";

    internal DbSet<MemberVault> Vaults => Set<MemberVault>();
    internal DbSet<VaultSecret> Secrets => Set<VaultSecret>();
    internal DbSet<Device> Devices => Set<Device>();
    internal DbSet<IssuedToken> EnrolmentTokens => Set<IssuedToken>();
    internal DbSet<Snapshot> Snapshots => Set<Snapshot>();
    internal DbSet<Pack> Packs => Set<Pack>();
    internal DbSet<PlanRow> Plans => Set<PlanRow>();
    internal DbSet<Run> Runs => Set<Run>();
    internal DbSet<Order> Orders => Set<Order>();
    internal DbSet<PresenceRow> Presences => Set<PresenceRow>();
    internal DbSet<Installation> Installations => Set<Installation>();
    internal DbSet<Finding> Findings => Set<Finding>();
    internal DbSet<ReadingConsent> ReadingConsents => Set<ReadingConsent>();
    internal DbSet<Acknowledgement> Acknowledgements => Set<Acknowledgement>();
    internal DbSet<Alert> Alerts => Set<Alert>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.ApplyConfiguration(new MemberVaultMap());
        modelBuilder.ApplyConfiguration(new VaultSecretMap());
        modelBuilder.ApplyConfiguration(new DeviceMap());
        modelBuilder.ApplyConfiguration(new IssuedTokenMap());
        modelBuilder.ApplyConfiguration(new SnapshotMap());
        modelBuilder.ApplyConfiguration(new PackMap());
        modelBuilder.ApplyConfiguration(new PlanRowMap());
        modelBuilder.ApplyConfiguration(new RunMap());
        modelBuilder.ApplyConfiguration(new OrderMap());
        modelBuilder.ApplyConfiguration(new PresenceRowMap());
        modelBuilder.ApplyConfiguration(new InstallationMap());
        modelBuilder.ApplyConfiguration(new FindingMap());
        modelBuilder.ApplyConfiguration(new ReadingConsentMap());
        modelBuilder.ApplyConfiguration(new AcknowledgementMap());
        modelBuilder.ApplyConfiguration(new AlertMap());
        FilterByVault(modelBuilder);
        FilterTenants(modelBuilder);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<VaultId>().HaveConversion<VaultIdConverter>();
        configurationBuilder.Properties<DeviceId>().HaveConversion<DeviceIdConverter>();
        configurationBuilder.Properties<TokenId>().HaveConversion<TokenIdConverter>();
        configurationBuilder.Properties<SecretId>().HaveConversion<SecretIdConverter>();
        configurationBuilder.Properties<Digest256>().HaveConversion<DigestConverter>();
        configurationBuilder.Properties<SnapshotId>().HaveConversion<SnapshotIdConverter>();
        configurationBuilder.Properties<PackId>().HaveConversion<PackIdConverter>();
        configurationBuilder.Properties<RecordId>().HaveConversion<RecordIdConverter>();
    }

    /// <summary>What names its vault instead of the member whose vault it is.</summary>
    private void FilterByVault(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Device>().HasQueryFilter(
            TenantFilter, row => SeesAll || Vaults.Any(vault => vault.Id == row.VaultId));
        modelBuilder.Entity<Snapshot>().HasQueryFilter(
            TenantFilter, row => SeesAll || Vaults.Any(vault => vault.Id == row.VaultId));
        modelBuilder.Entity<IssuedToken>().HasQueryFilter(
            TenantFilter, row => SeesAll || Vaults.Any(vault => vault.Id == row.VaultId));
    }

    private sealed class VaultIdConverter()
        : ValueConverter<VaultId, Guid>(id => id.Value, value => new VaultId(value));

    private sealed class DeviceIdConverter()
        : ValueConverter<DeviceId, Guid>(id => id.Value, value => new DeviceId(value));

    private sealed class TokenIdConverter()
        : ValueConverter<TokenId, Guid>(id => id.Value, value => new TokenId(value));

    private sealed class SecretIdConverter()
        : ValueConverter<SecretId, Guid>(id => id.Value, value => new SecretId(value));

    private sealed class DigestConverter()
        : ValueConverter<Digest256, byte[]>(digest => digest.ToArray(), bytes => new Digest256(bytes));

    private sealed class SnapshotIdConverter()
        : ValueConverter<SnapshotId, byte[]>(id => id.Value.ToArray(), bytes => new SnapshotId(new Digest256(bytes)));

    private sealed class PackIdConverter()
        : ValueConverter<PackId, byte[]>(id => id.Value.ToArray(), bytes => new PackId(new Digest256(bytes)));

    private sealed class RecordIdConverter()
        : ValueConverter<RecordId, byte[]>(id => id.Value.ToArray(), bytes => new RecordId(new Digest256(bytes)));
}
