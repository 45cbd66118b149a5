using Beffroi.Identity.External;
using Beffroi.Identity.Oidc.BackChannel;
using Beffroi.Identity.Oidc.Devices;
using Beffroi.Identity.Oidc.Keys;
using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.Oidc.Tokens;
using Beffroi.Identity.Provisioning;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Oidc;

/// <summary>The tables of single sign-on. All are hidden from people's requests.</summary>
internal static class OidcTables
{
    internal static void Map(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfiguration(new SigningKeyMap());
        modelBuilder.ApplyConfiguration(new RelyingPartyMap());
        modelBuilder.ApplyConfiguration(new PartyMemberMap());
        modelBuilder.ApplyConfiguration(new SignOnGrantMap());
        modelBuilder.ApplyConfiguration(new IssuedTokenMap());
        modelBuilder.ApplyConfiguration(new DeviceRequestMap());
        modelBuilder.ApplyConfiguration(new ServiceSessionMap());
        modelBuilder.ApplyConfiguration(new ExternalProviderMap());
        modelBuilder.ApplyConfiguration(new ExternalSessionMap());
        modelBuilder.ApplyConfiguration(new AccountTargetMap());
        modelBuilder.ApplyConfiguration(new ProvisionedAccountMap());
    }
}
