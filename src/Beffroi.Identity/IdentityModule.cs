using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Mail;
using Beffroi.Identity.Oidc;
using Beffroi.Identity.People;
using Beffroi.Identity.Provisioning;
using Beffroi.Identity.SignIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Beffroi.Identity;

/// <summary>What the server adds to have this module.</summary>
public static class IdentityModule
{
    /// <summary>Adds <see cref="MemberDirectory"/>, <see cref="ActJournal"/>, <see cref="JournalReader"/>. Expects an
    /// <see cref="NpgsqlDataSource"/>, a <see cref="PeopleDatabase"/>, a <see cref="Keys.IKeyWrap"/> and a
    /// <see cref="TimeProvider"/> among the services.</summary>
    public static IServiceCollection AddIdentity(
        this IServiceCollection services, SignInOptions? signIn = null, OidcOptions? oidc = null)
    {
        SignInRegistration.Add(services, signIn ?? new SignInOptions());
        OidcModule.Add(services, oidc ?? new OidcOptions());
        services.AddDbContextFactory<IdentityDb>((provider, options) =>
            options.UseSchema(provider.GetRequiredService<NpgsqlDataSource>(), IdentityDb.Schema));
        services.AddSingleton(provider => ModuleSchema.Of(
            IdentityDb.Schema, provider.GetRequiredService<IDbContextFactory<IdentityDb>>()));
        services.AddSingleton(provider => new MemberDirectory(
            provider.GetRequiredService<IDbContextFactory<IdentityDb>>(),
            provider.GetRequiredService<ScopedContexts<IdentityDb>>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new OperatorDesk(
            provider.GetRequiredService<IDbContextFactory<IdentityDb>>(), provider.GetRequiredService<ActJournal>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<OperatorDesk>>()));
        services.AddHostedService(provider => provider.GetRequiredService<OperatorDesk>());
        services.AddSingleton(provider => new ScopedContexts<IdentityDb>(
            provider.GetRequiredService<PeopleDatabase>(), IdentityDb.Schema, provider));
        services.AddSingleton(provider => new Referents(
            provider.GetRequiredService<IDbContextFactory<IdentityDb>>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new ActJournal(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new JournalReader(
            provider.GetRequiredService<IDbContextFactory<IdentityDb>>(),
            provider.GetRequiredService<ScopedContexts<IdentityDb>>()));
        services.AddSingleton(provider => new JournalExports(
            provider.GetRequiredService<ScopedContexts<IdentityDb>>(), provider.GetRequiredService<ActJournal>()));
        services.AddSingleton(provider => new JournalWatch(
            provider.GetRequiredService<JournalReader>(), provider.GetService<IJournalMark>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<JournalWatch>>()));
        services.AddHostedService(provider => provider.GetRequiredService<JournalWatch>());
        return services;
    }

    /// <summary>Tells services of accounts. Expects an <see cref="IAccountTransport"/> among the services.</summary>
    public static IServiceCollection AddProvisioning(this IServiceCollection services) =>
        services.AddHostedService<ProvisionAccountsJob>();

    /// <summary>Sends queued mails. Expects an <see cref="IMailTransport"/> among the services.</summary>
    public static IServiceCollection AddMailSending(this IServiceCollection services) =>
        services.AddHostedService<SendMailJob>();
}
