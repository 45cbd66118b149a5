using Beffroi.Fleet.Browse;
using Beffroi.Fleet.Checks;
using Beffroi.Fleet.Consents;
using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Drift;
using Beffroi.Fleet.Enrolment;
using Beffroi.Fleet.KeyService;
using Beffroi.Fleet.MemberLog;
using Beffroi.Fleet.Orders;
using Beffroi.Fleet.Plans;
using Beffroi.Fleet.Presence;
using Beffroi.Fleet.Rebuild;
using Beffroi.Fleet.RecordIndex;
using Beffroi.Fleet.Retention;
using Beffroi.Fleet.Runs;
using Beffroi.Fleet.Snapshots;
using Beffroi.Fleet.Stock;
using Beffroi.Fleet.Vaults;
using Beffroi.Fleet.Watch;
using Beffroi.Identity;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Keys;
using Beffroi.Identity.SignIn;
using Beffroi.Intake;
using Beffroi.Vault.Stores;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Beffroi.Fleet;

/// <summary>What the server adds to have this module.</summary>
public static class FleetModule
{
    // Of the members' offices: times without a zone, as in a zip, are theirs.
    private const string TimeZone = "Europe/Paris";

    /// <summary>Adds <see cref="VaultDirectory"/>, <see cref="DeviceDirectory"/>, <see cref="EnrolmentDesk"/>,
    /// <see cref="VaultCheck"/>, <see cref="IndexRebuild"/>, <see cref="PlanDesk"/>, <see cref="RunLog"/>,
    /// <see cref="OrderDesk"/>, <see cref="PresenceBoard"/>, <see cref="DriftDesk"/>, <see cref="RestoreSources"/>,
    /// <see cref="SnapshotBrowser"/>, <see cref="SnapshotDownloads"/>, <see cref="ReadingConsents"/>,
    /// <see cref="RetentionCalendar"/>, <see cref="StockBoard"/>, <see cref="CheckLog"/>, and what the intake asks for.
    /// Expects an <see cref="NpgsqlDataSource"/>, an <see cref="IBlobStore"/>, a <see cref="TimeProvider"/>, a
    /// <see cref="KeyFile"/> and, if not the usual ones, <see cref="EnrolmentTerms"/> among the services.</summary>
    public static IServiceCollection AddFleet(this IServiceCollection services)
    {
        services.AddDbContextFactory<FleetDb>((provider, options) =>
            options.UseSchema(provider.GetRequiredService<NpgsqlDataSource>(), FleetDb.Schema));
        services.AddSingleton(provider => ModuleSchema.Of(
            FleetDb.Schema, provider.GetRequiredService<IDbContextFactory<FleetDb>>()));
        services.AddSingleton(provider => new ScopedContexts<FleetDb>(
            provider.GetRequiredService<PeopleDatabase>(), FleetDb.Schema, provider));
        services.AddSingleton<VaultJournal>();
        services.AddSingleton<IKeyService, KeyFileKeeper>();
        services.AddSingleton<IKeyWrap, KeyFileWrap>();
        services.AddSingleton<MemberLogs>();
        services.AddSingleton(provider => new VaultDirectory(
            provider.GetRequiredService<IDbContextFactory<FleetDb>>(), provider.GetRequiredService<IKeyService>(),
            provider.GetRequiredService<VaultJournal>(), provider.GetRequiredService<MemberDirectory>(),
            provider.GetRequiredService<IBlobStore>(), provider.GetRequiredService<MemberLogs>()));
        services.AddSingleton(provider => new DeviceDirectory(
            provider.GetRequiredService<IDbContextFactory<FleetDb>>(),
            provider.GetRequiredService<VaultJournal>(), provider.GetRequiredService<MemberLogs>()));
        services.AddSingleton(provider => new EnrolmentDesk(
            provider.GetRequiredService<ScopedContexts<FleetDb>>(), provider.GetRequiredService<ActJournal>(),
            provider.GetRequiredService<IKeyWrap>(), provider.GetRequiredService<EnrolmentTerms>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(EnrolmentTerms.Usual);
        return services.AddDesks().AddReading().AddIntakeStorage();
    }

    /// <summary>What people ask of plans, runs and orders.</summary>
    private static IServiceCollection AddDesks(this IServiceCollection services)
    {
        var watch = new WatchThresholds();
        services.AddSingleton(provider => new PlanDesk(
            provider.GetRequiredService<ScopedContexts<FleetDb>>(), provider.GetRequiredService<MemberDirectory>(),
            provider.GetRequiredService<ActJournal>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new RunLog(provider.GetRequiredService<ScopedContexts<FleetDb>>()));
        services.AddSingleton(provider => new OrderDesk(
            provider.GetRequiredService<ScopedContexts<FleetDb>>(), provider.GetRequiredService<ReadingConsents>(),
            provider.GetRequiredService<ActJournal>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new PresenceBoard(
            provider.GetRequiredService<ScopedContexts<FleetDb>>(), provider.GetRequiredService<ActJournal>()));
        services.AddSingleton(provider => new WatchBoard(
            provider.GetRequiredService<ScopedContexts<FleetDb>>(), watch, provider.GetRequiredService<ActJournal>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new AlertLedger(
            provider.GetRequiredService<IDbContextFactory<FleetDb>>(), watch,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new StockBoard(
            provider.GetRequiredService<IDbContextFactory<FleetDb>>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new CheckLog(
            provider.GetRequiredService<IDbContextFactory<FleetDb>>(), provider.GetRequiredService<ActJournal>(),
            provider.GetRequiredService<JournalReader>()));
        services.AddSingleton(provider => new DigestLedger(
            provider.GetRequiredService<IDbContextFactory<FleetDb>>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new DriftDesk(
            provider.GetRequiredService<ScopedContexts<FleetDb>>(), provider.GetRequiredService<PlanDesk>(),
            provider.GetRequiredService<ActJournal>(), provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <summary>What people ask of backups: browsing, downloads, consents.</summary>
    private static IServiceCollection AddReading(this IServiceCollection services)
    {
        services.AddSingleton(provider => new SnapshotSessions(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ISessionWatcher, OpenedByPeople>();
        services.AddSingleton(provider => new RestoreSources(provider.GetRequiredService<ScopedContexts<FleetDb>>()));
        services.AddSingleton(provider =>
        {
            var sessions = provider.GetRequiredService<SnapshotSessions>();
            return new ReadingConsents(
                provider.GetRequiredService<ScopedContexts<FleetDb>>(), provider.GetRequiredService<ActJournal>(),
                provider.GetRequiredService<TimeProvider>())
            { Revoked = sessions.Shut };
        });
        services.AddSingleton<SnapshotGate>();
        services.AddSingleton(provider => new SnapshotBrowser(
            provider.GetRequiredService<ScopedContexts<FleetDb>>(), provider.GetRequiredService<SnapshotGate>(),
            provider.GetRequiredService<SnapshotSessions>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new SnapshotDownloads(
            provider.GetRequiredService<SnapshotGate>(), provider.GetRequiredService<TimeProvider>(),
            TimeZoneInfo.FindSystemTimeZoneById(TimeZone)));
        services.AddSingleton(provider => new RetentionCalendar(
            provider.GetRequiredService<ScopedContexts<FleetDb>>(), provider.GetRequiredService<SnapshotBrowser>(),
            TimeZoneInfo.FindSystemTimeZoneById(TimeZone)));
        return services;
    }

    /// <summary>What the intake asks of this module.</summary>
    private static IServiceCollection AddIntakeStorage(this IServiceCollection services)
    {
        services.AddSingleton(provider => provider.GetRequiredService<KeyFile>().CreateIntakeKeys());
        services.AddSingleton<DeviceEnrolment>();
        services.AddSingleton<CommitBlobs>();
        services.AddSingleton<IDeviceDirectory, DeviceRegister>();
        services.AddSingleton<IRecordIndex, PostgresRecordIndex>();
        services.AddSingleton<ICommitLedger, CommitLedger>();
        services.AddSingleton<IVaultKeys, VaultKeys>();
        services.AddSingleton<RunIntake>();
        services.AddSingleton<OrderIntake>();
        services.AddSingleton<IRestoreGrants, OrderGrants>();
        services.AddSingleton<IDaemonDesk, PresenceIntake>();
        services.AddSingleton(provider => new VaultCheck(
            provider.GetRequiredService<NpgsqlDataSource>(), provider.GetRequiredService<IBlobStore>(),
            provider.GetRequiredService<IRecordIndex>(), provider.GetRequiredService<CommitBlobs>(),
            provider.GetRequiredService<VaultDirectory>()));
        services.AddSingleton(provider => new IndexRebuild(
            provider.GetRequiredService<IDbContextFactory<FleetDb>>(), provider.GetRequiredService<IBlobStore>(),
            provider.GetRequiredService<MemberDirectory>(), provider.GetRequiredService<MemberLogs>(),
            provider.GetRequiredService<CommitBlobs>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<IndexRebuild>>()));
        return services;
    }
}
