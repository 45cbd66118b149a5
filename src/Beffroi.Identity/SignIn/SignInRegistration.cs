using System.Reflection;
using Beffroi.Identity.Account;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Keys;
using Beffroi.Identity.Mail;
using Beffroi.Identity.People;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Beffroi.Identity.SignIn;

/// <summary>Accounts, sessions and cookies among the services.</summary>
internal static class SignInRegistration
{
    internal static void Add(IServiceCollection services, SignInOptions options)
    {
        services.AddSingleton(options);
        services.AddHttpContextAccessor();
        AddAccounts(services, options);
        AddKeys(services);
        services.AddAuthentication(SessionCookie.Scheme).AddCookie(SessionCookie.Scheme, SessionCookie.Configure);
        services.AddAuthorization();
        services.AddSingleton<IAuthorizationHandler, NeedsHandler>();
        AddDesks(services);
    }

    private static void AddAccounts(IServiceCollection services, SignInOptions options)
    {
        services.AddIdentityCore<Person>(identity =>
        {
            identity.Stores.SchemaVersion = IdentitySchemaVersions.Version3; // With passkeys.
            identity.User.RequireUniqueEmail = true;
            identity.User.AllowedUserNameCharacters = ""; // Any: user names are mail addresses, checked as such.
            identity.Lockout.MaxFailedAccessAttempts = options.FailuresMax;
            identity.Lockout.DefaultLockoutTimeSpan = options.LockOut;
            identity.Password = new PasswordOptions
            {
                RequiredLength = PasswordRules.CharactersMin,
                RequireDigit = false,
                RequireLowercase = false,
                RequireUppercase = false,
                RequireNonAlphanumeric = false,
                RequiredUniqueChars = 0,
            };
        }).AddUserStore<SealedAccountStore>().AddDefaultTokenProviders();
        services.RemoveAll<IPasswordValidator<Person>>();
        services.AddScoped<IPasswordValidator<Person>, PasswordRules>();
        services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = options.PasswordRounds);
        services.Configure<IdentityPasskeyOptions>(passkeys =>
        {
            passkeys.ServerDomain = options.PasskeyDomain;
            passkeys.UserVerificationRequirement = "required"; // It replaces the password and the code.
            passkeys.ResidentKeyRequirement = "required"; // Nobody types an address first.
        });
        services.AddScoped<IPasskeyHandler<Person>, PasskeyHandler<Person>>();
    }

    private static void AddKeys(IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("beffroi");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider =>
            new ConfigureOptions<KeyManagementOptions>(keys =>
            {
                keys.XmlRepository = new ProtectionKeyStore(
                    provider.GetRequiredService<IDbContextFactory<IdentityDb>>(),
                    provider.GetRequiredService<TimeProvider>());
                keys.XmlEncryptor = new SealedXmlEncryptor(
                    new Lazy<IKeyWrap>(provider.GetRequiredService<IKeyWrap>));
            }));
    }

    private static void AddDesks(IServiceCollection services)
    {
        services.AddSingleton<AttemptLimit>();
        services.AddSingleton<OneTimeLinks>();
        services.AddSingleton<PasskeyStates>();
        services.AddSingleton(provider => new SessionBook(
            provider.GetRequiredService<IDbContextFactory<IdentityDb>>(), provider.GetRequiredService<SignInOptions>(),
            provider.GetRequiredService<TimeProvider>(), [.. provider.GetServices<ISessionWatcher>()]));
        services.AddSingleton(provider => new MailOutbox(
            provider.GetRequiredService<IDbContextFactory<IdentityDb>>(), provider.GetRequiredService<ActJournal>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<MailOutbox>>(),
            isSending: provider.GetService<IMailTransport>() is not null));
        services.AddScoped<AccountActs>();
        services.AddScoped<PeopleReach>();
        services.AddDesk<PeopleDesk>();
        services.AddDesk<SignInDesk>();
        services.AddDesk<OwnAccountDesk>();
        services.AddDesk<SecondFactorDesk>();
        services.AddDesk<PasskeyDesk>();
        services.AddDesk<PasswordLinkDesk>();
        services.AddDesk<PeopleDirectory>();
        services.AddDesk<RoleDesk>();
        services.AddDesk<AccountControlDesk>();
    }

    /// <summary>A desk's constructor is this module's own: what it takes is nobody else's business. The container finds
    /// public constructors only.</summary>
    private static void AddDesk<TDesk>(this IServiceCollection services)
        where TDesk : class
    {
        var constructor = typeof(TDesk).GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic).Single();
        var taken = constructor.GetParameters().Select(parameter => parameter.ParameterType).ToArray();
        services.AddScoped(provider =>
            (TDesk)constructor.Invoke([.. taken.Select(provider.GetRequiredService)]));
    }

    private static void RemoveAll<T>(this IServiceCollection services)
    {
        foreach (var each in services.Where(service => service.ServiceType == typeof(T)).ToList())
            services.Remove(each);
    }
}
