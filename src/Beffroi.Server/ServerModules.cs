using Beffroi.Business;
using Beffroi.Business.Members.Diagnoses;
using Beffroi.Business.Members.Documents;
using Beffroi.Business.Members.Import;
using Beffroi.Connectors;
using Beffroi.Fleet;
using Beffroi.Fleet.Enrolment;
using Beffroi.Fleet.Installers;
using Beffroi.Fleet.KeyService;
using Beffroi.Fleet.Vaults;
using Beffroi.Identity;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Beffroi.Intake;
using Beffroi.Server.Blobs;
using Beffroi.Server.Configuration;
using Beffroi.Server.Database;
using Beffroi.Server.Documents;
using Beffroi.Server.Journal;
using Beffroi.Server.Tls;
using Npgsql;

namespace Beffroi.Server;

/// <summary>The modules and what they expect, the same for the server and for its administration commands.</summary>
internal static class ServerModules
{
    private static readonly string[] Levels = ["1", "2", "3"];

    internal static void Add(
        IServiceCollection services, ServerOptions options, DataFolder folder, OpenDatabase database,
        TimeProvider time)
    {
        services.AddSingleton(options);
        services.AddSingleton(folder);
        services.AddSingleton(time);
        services.AddSingleton(provider => new NpgsqlDataSourceBuilder(database.ConnectionString) { Name = "beffroi" }
            .UseLoggerFactory(provider.GetRequiredService<ILoggerFactory>()).Build());
        services.AddSingleton(_ => new PeopleDatabase(database.ConnectionString));
        services.AddSingleton(_ => KeyFile.Load(folder.KeyFile));
        BlobStorage.Add(services, options, folder);
        services.AddSingleton<IJournalMark>(_ => new JournalMarkFile(folder.JournalMark));
        services.AddIdentity(options.Portal.ToSignInOptions(), options.Portal.ToOidcOptions());
        services.AddSingleton<IDocumentStore>(_ => new DocumentFolder(folder.Documents));
        services.AddSingleton<IImportShelf>(provider => new ImportFolder(
            folder.Imports, provider.GetRequiredService<TimeProvider>()));
        services.AddBusiness(TermsOf(options));
        if (options.Smtp.ToOptions() is { } smtp) services.AddSmtp(smtp);
        services.AddSingleton(_ => new EnrolmentTerms(
            TimeSpan.FromDays(options.EnrolmentTokenDays),
            ServerCertificates.FingerprintForTokens(options, folder, TimeProvider.System)));
        services.AddSingleton(_ => new InstallerShelf(options.InstallerFolder ?? folder.Installers));
        services.AddAccountTransports();
        services.AddFleet();
        var intake = options.Intake.ToOptions();
        intake.UploadFolder = folder.Run;
        services.AddIntake(intake);
        services.AddSingleton<SchemaUpgrade>();
    }

    /// <summary>What the levels include is what their vaults hold.</summary>
    private static LevelTerms TermsOf(ServerOptions options) => LevelTerms.Default with
    {
        IncludedGigabytes = [.. Levels.Select(level => checked((int)options.QuotaGigabytesByLevel[level]))],
    };

    /// <summary>Brings the schemas up to date and makes sure that the keys are the right ones, before anything is
    /// served.</summary>
    /// <param name="mayChange">Whether this process may change the schemas.</param>
    /// <exception cref="Vault.VaultException">The database is newer than the program, or the key file is not its
    /// own.</exception>
    internal static async Task PrepareAsync(
        IServiceProvider services, bool mayChange, CancellationToken cancellationToken)
    {
        await services.GetRequiredService<SchemaUpgrade>().RunAsync(mayChange, cancellationToken);

        // New keys only where there is nothing yet that other keys wrapped: else a lost file would be covered up.
        var database = services.GetRequiredService<NpgsqlDataSource>();
        if (!await VaultDirectory.AnyAsync(database, cancellationToken))
        {
            KeyFile.CreateIfAbsent(
                services.GetRequiredService<DataFolder>().KeyFile, services.GetRequiredService<TimeProvider>());
        }
        await services.GetRequiredService<VaultDirectory>().DemandKeysAsync(database, cancellationToken);
    }
}
