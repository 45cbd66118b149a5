using Beffroi.Connectors.Ldap;
using Beffroi.Connectors.Mail;
using Beffroi.Connectors.Scim;
using Beffroi.Identity;
using Beffroi.Identity.Mail;
using Beffroi.Identity.Provisioning;
using Microsoft.Extensions.DependencyInjection;

namespace Beffroi.Connectors;

/// <summary>What the server adds to reach other people's servers.</summary>
public static class ConnectorsModule
{
    /// <summary>Sends queued mails through this mail server. Without the call they wait.</summary>
    public static IServiceCollection AddSmtp(this IServiceCollection services, SmtpOptions options)
    {
        services.AddSingleton<IMailTransport>(_ => new SmtpTransport(options));
        return services.AddMailSending();
    }

    /// <summary>Tells services of accounts, where an administrator has set it.</summary>
    public static IServiceCollection AddAccountTransports(this IServiceCollection services)
    {
        services.AddSingleton<IAccountTransport>(provider => new AccountTransports(
            new ScimTransport(ScimTransport.NewHttp()),
            new LdapTransport(provider.GetRequiredService<TimeProvider>())));
        return services.AddProvisioning();
    }
}
