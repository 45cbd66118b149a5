using Beffroi.Business.Members;
using Beffroi.Business.Members.Admissions;
using Beffroi.Business.Members.Diagnoses;
using Beffroi.Business.Members.Documents;
using Beffroi.Business.Members.Import;
using Beffroi.Business.Members.Offers;
using Beffroi.Business.Members.Register;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Beffroi.Business;

/// <summary>What the server adds to have this module.</summary>
public static class BusinessModule
{
    /// <summary>Adds <see cref="MemberRegister"/>, <see cref="MemberInventory"/>, <see cref="MemberContacts"/>,
    /// <see cref="MemberDocuments"/>, <see cref="OfferCatalogue"/>, <see cref="AdmissionDesk"/>,
    /// <see cref="DiagnosisRecord"/>, <see cref="MemberImport"/>. Expects Identity, an <see cref="NpgsqlDataSource"/>,
    /// a <see cref="PeopleDatabase"/>, a <see cref="TimeProvider"/>, for the documents an
    /// <see cref="IDocumentStore"/> and for imports an <see cref="IImportShelf"/> among the services.</summary>
    /// <param name="terms">What the levels include.</param>
    public static IServiceCollection AddBusiness(this IServiceCollection services, LevelTerms terms)
    {
        services.AddDbContextFactory<BusinessDb>((provider, options) =>
            options.UseSchema(provider.GetRequiredService<NpgsqlDataSource>(), BusinessDb.Schema));
        services.AddSingleton(provider => ModuleSchema.Of(
            BusinessDb.Schema, provider.GetRequiredService<IDbContextFactory<BusinessDb>>()));
        services.AddSingleton(provider => new ScopedContexts<BusinessDb>(
            provider.GetRequiredService<PeopleDatabase>(), BusinessDb.Schema, provider));
        services.AddSingleton<MemberTurns>();
        services.AddSingleton(provider => new MemberRegister(
            provider.GetRequiredService<MemberTurns>(), provider.GetRequiredService<ScopedContexts<BusinessDb>>(),
            provider.GetRequiredService<ActJournal>()));
        services.AddSingleton(provider => new MemberInventory(provider.GetRequiredService<MemberTurns>()));
        services.AddSingleton(provider => new MemberContacts(provider.GetRequiredService<MemberTurns>()));
        services.AddSingleton(provider => new MemberDocuments(
            provider.GetRequiredService<MemberTurns>(), provider.GetRequiredService<IDocumentStore>()));
        services.AddSingleton(provider => new AdmissionDesk(provider.GetRequiredService<MemberTurns>()));
        services.AddSingleton(provider => new DiagnosisRecord(provider.GetRequiredService<MemberTurns>(), terms));
        services.AddSingleton(provider => new OfferCatalogue(
            provider.GetRequiredService<ScopedContexts<BusinessDb>>(), provider.GetRequiredService<ActJournal>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new MemberImport(
            provider.GetRequiredService<ScopedContexts<BusinessDb>>(), provider.GetRequiredService<IImportShelf>(),
            provider.GetRequiredService<ActJournal>(), provider.GetRequiredService<TimeProvider>()));
        return services;
    }
}
