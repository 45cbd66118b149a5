using Beffroi.Identity.External;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Keys;
using Beffroi.Identity.Oidc.Authorize;
using Beffroi.Identity.Oidc.BackChannel;
using Beffroi.Identity.Oidc.Devices;
using Beffroi.Identity.Oidc.Keys;
using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.Oidc.Tokens;
using Beffroi.Identity.Oidc.Web;
using Beffroi.Identity.Provisioning;
using Beffroi.Identity.SignIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Beffroi.Identity.Oidc;

/// <summary>Single sign-on: the portal as OpenID Connect provider.</summary>
public static class OidcModule
{
    /// <summary>Maps what programs call; the pages that people see at <see cref="AuthorizeDesk.Path"/>,
    /// <see cref="SignOutDesk.Path"/> and <c>/appareil</c> are the portal's.</summary>
    public static void MapOidc(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var discovery = services.GetRequiredService<Discovery>();
        var tokens = services.GetRequiredService<TokenRoute>();
        var userInfo = services.GetRequiredService<UserInfoRoute>();
        var crossOrigin = services.GetRequiredService<CrossOrigin>();
        routes.MapGet("/.well-known/openid-configuration", discovery.DescribeAsync);
        routes.MapGet("/.well-known/oauth-authorization-server", discovery.DescribeAsync); // RFC 8414.
        routes.MapGet(Discovery.KeysPath, discovery.ListKeysAsync);
        routes.MapPost(Discovery.TokenPath, tokens.ExchangeAsync);
        routes.MapPost(Discovery.RevokePath, tokens.RevokeAsync);
        routes.MapPost(Discovery.IntrospectPath, tokens.IntrospectAsync);
        routes.MapPost(Discovery.DevicePath, tokens.BeginDeviceAsync);
        routes.MapMethods(Discovery.UserInfoPath, ["GET", "POST"], userInfo.TellAsync);
        foreach (var path in new[] { Discovery.TokenPath, Discovery.RevokePath, Discovery.UserInfoPath })
            routes.MapMethods(path, ["OPTIONS"], crossOrigin.PreflightAsync);
    }

    internal static void Add(IServiceCollection services, OidcOptions options)
    {
        services.AddSingleton(_ => new OidcIssuer(options));
        services.AddSingleton(provider => new SigningKeys(
            Contexts(provider), Wrap(provider), Time(provider)));
        services.AddSingleton(provider => new GrantBook(
            Contexts(provider), provider.GetRequiredService<ActJournal>(), Time(provider)));
        services.AddSingleton<IdTokens>();
        services.AddSingleton<TokenDesk>();
        services.AddSingleton<CrossOrigin>();
        services.AddSingleton<Discovery>();
        services.AddSingleton<TokenRoute>();
        services.AddSingleton<UserInfoRoute>();
        services.AddHostedService<SweepGrantsJob>();
        services.AddSingleton<ServiceSessions>();
        services.AddSingleton(provider => new LogoutCaller(
            provider.GetRequiredService<ServiceSessions>(), provider.GetRequiredService<SigningKeys>(),
            LogoutCaller.NewHttp(), Time(provider), provider.GetRequiredService<ILogger<LogoutCaller>>()));
        services.AddHostedService<TellLogoutsJob>();
        AddDesks(services);
        AddProviders(services);
    }

    private static void AddDesks(IServiceCollection services)
    {
        services.AddSingleton(provider => new AuthorizeDesk(
            Contexts(provider), provider.GetRequiredService<SigningKeys>(),
            provider.GetRequiredService<IDataProtectionProvider>(), Time(provider)));
        services.AddSingleton(provider => new SigningKeyDesk(
            Contexts(provider), provider.GetRequiredService<SigningKeys>(), provider.GetRequiredService<ActJournal>()));
        services.AddSingleton(provider => new SignOutDesk(
            Contexts(provider), provider.GetRequiredService<SigningKeys>(), Time(provider)));
        services.AddSingleton(provider => new DeviceDesk(
            Contexts(provider), provider.GetRequiredService<SessionBook>(), provider.GetRequiredService<AttemptLimit>(),
            provider.GetRequiredService<ActJournal>(), provider.GetRequiredService<TokenDesk>(), Time(provider)));
        services.AddSingleton(provider => new RelyingPartyDesk(
            Contexts(provider), provider.GetRequiredService<ActJournal>(), Time(provider)));
    }

    private static void AddProviders(IServiceCollection services)
    {
        services.AddSingleton(provider => new ProviderRegister(
            Contexts(provider), Wrap(provider), provider.GetRequiredService<ActJournal>(), Time(provider)));
        services.AddSingleton(provider => new ProvisioningDesk(
            Contexts(provider), Wrap(provider), provider.GetRequiredService<ActJournal>(),
            provider.GetRequiredService<AccountKeeper>(), Time(provider)));
        services.AddSingleton(provider => new AccountKeeper(
            Contexts(provider), Wrap(provider), Time(provider),
            provider.GetRequiredService<ILogger<AccountKeeper>>()));
        services.AddSingleton(provider => new ProviderConnection(ProviderConnection.NewHttp(), Time(provider)));
        services.AddSingleton<TravelSeal>();
        services.AddScoped<ExternalAccounts>();
        services.AddScoped(provider => new ExternalSignInDesk(
            provider.GetRequiredService<ProviderRegister>(), provider.GetRequiredService<ProviderConnection>(),
            provider.GetRequiredService<ExternalAccounts>(), provider.GetRequiredService<TravelSeal>(), Wrap(provider),
            provider.GetRequiredService<IdentityDb>(), Time(provider),
            provider.GetRequiredService<ILogger<ExternalSignInDesk>>()));
    }

    private static Lazy<IKeyWrap> Wrap(IServiceProvider provider) => new(provider.GetRequiredService<IKeyWrap>);

    private static IDbContextFactory<IdentityDb> Contexts(IServiceProvider provider) =>
        provider.GetRequiredService<IDbContextFactory<IdentityDb>>();

    private static TimeProvider Time(IServiceProvider provider) => provider.GetRequiredService<TimeProvider>();
}
