using Beffroi.Connectors.Mail;
using Beffroi.Identity;
using Beffroi.Identity.Mail;
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
}
