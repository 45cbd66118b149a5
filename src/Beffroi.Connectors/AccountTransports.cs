using Beffroi.Connectors.Ldap;
using Beffroi.Connectors.Scim;
using Beffroi.Identity.Provisioning;

namespace Beffroi.Connectors;

/// <summary>Tells each service of accounts in the way that its address says.</summary>
internal sealed class AccountTransports(ScimTransport scim, LdapTransport ldap) : IAccountTransport
{
    public Task<string> PutAsync(
        AccountAddress service, string? remoteId, OutgoingAccount account, CancellationToken cancellationToken)
    {
        IAccountTransport transport = AccountPlace.ProtocolOf(service.Address) == AccountProtocol.Ldap ? ldap : scim;
        return transport.PutAsync(service, remoteId, account, cancellationToken);
    }
}
