using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Beffroi.Identity;

/// <summary>What the server adds to have this module.</summary>
public static class IdentityModule
{
    /// <summary>Adds <see cref="MemberDirectory"/>. Expects an <see cref="NpgsqlDataSource"/> and a
    /// <see cref="TimeProvider"/> among the services.</summary>
    public static IServiceCollection AddIdentity(this IServiceCollection services)
    {
        services.AddDbContextFactory<IdentityDb>((provider, options) =>
            options.UseSchema(provider.GetRequiredService<NpgsqlDataSource>(), IdentityDb.Schema));
        services.AddSingleton(provider => ModuleSchema.Of(
            IdentityDb.Schema, provider.GetRequiredService<IDbContextFactory<IdentityDb>>()));
        services.AddSingleton(provider => new MemberDirectory(
            provider.GetRequiredService<IDbContextFactory<IdentityDb>>(), provider.GetRequiredService<TimeProvider>()));
        return services;
    }
}
