using Beffroi.Identity.Mail;
using Beffroi.Portal.Account;
using Beffroi.Portal.Assets;
using Beffroi.Portal.Consents;
using Beffroi.Portal.Enrolment;
using Beffroi.Portal.Journal;
using Beffroi.Portal.Layout;
using Beffroi.Portal.Mails;
using Beffroi.Portal.Members;
using Beffroi.Portal.Restore;
using Beffroi.Portal.Settings;
using Beffroi.Portal.SignOn;
using Beffroi.Portal.Texts;
using Beffroi.Portal.Watch;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Beffroi.Portal;

/// <summary>What the server adds to have the portal.</summary>
public static class PortalModule
{
    /// <summary>Adds the pages. Expects the modules whose desks they use, and a <see cref="TimeProvider"/>.</summary>
    public static IServiceCollection AddPortal(this IServiceCollection services, PortalOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<Presentation>();
        services.AddSingleton(_ => new AssetLibrary());
        services.AddScoped(provider => new Text(LanguageChoice.Of(
            provider.GetRequiredService<IHttpContextAccessor>().HttpContext
                ?? throw new InvalidOperationException("Texts of a request were asked for outside of one."))));
        services.AddScoped<Words>();
        services.AddScoped<WatchSentences>();
        services.AddSingleton<AlertLetter>();
        services.AddSingleton<ConsentMail>();
        services.AddSingleton<DigestLetter>();
        services.AddSingleton<MemberContactBook>();
        services.AddHostedService<TellReferentsJob>();
        services.AddSingleton<DigestJob>();
        services.AddHostedService(provider => provider.GetRequiredService<DigestJob>());
        services.AddSingleton<IPeopleLetters, PeopleLetters>();
        services.AddSingleton<ShownOnce>();
        services.AddRazorComponents();
        services.AddAntiforgery(forgery =>
        {
            forgery.Cookie.Name = "beffroi-form";
            forgery.Cookie.SameSite = SameSiteMode.Strict;
        });
        return services;
    }

    /// <summary>Puts sign-in, form checks and headers before the pages, and maps them. Everything needs a sign-in but
    /// what says otherwise.</summary>
    public static void MapPortal(this WebApplication app)
    {
        PortalHeaders.Use(app);
        app.UseAuthentication();
        app.UseAuthorization();
        app.Use(UploadLimit.CheckAsync);
        app.UseAntiforgery();
        AssetRoute.Map(app);
        AccountRoutes.Map(app);
        JournalRoutes.Map(app);
        SignOnRoutes.Map(app);
        ExternalRoutes.Map(app);
        MemberRoutes.Map(app);
        RestoreRoutes.Map(app);
        InstallerRoutes.Map(app);
        app.MapRazorComponents<Document>().RequireAuthorization(); // But where a page says [AllowAnonymous].
    }
}
