using System.Formats.Asn1;
using System.Net.Sockets;
using System.Security.Authentication;
using Beffroi.Identity.Provisioning;

namespace Beffroi.Connectors.Ldap;

/// <summary>Lists people in a directory by LDAP (RFC 4511). No password is written there: services sign people in with
/// the portal. Nothing is deleted, and no entry touched that does not hold our id of the person.</summary>
internal sealed class LdapTransport(TimeProvider time) : IAccountTransport
{
    private static readonly TimeSpan AccountMax = TimeSpan.FromSeconds(20);

    /// <returns>The person's id: entries are found by it, wherever they are by then.</returns>
    public async Task<string> PutAsync(
        AccountAddress service, string? remoteId, OutgoingAccount account, CancellationToken cancellationToken)
    {
        var address = LdapAddress.Of(service.Address);
        using var timeUp = new CancellationTokenSource(AccountMax, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeUp.Token, cancellationToken);
        try
        {
            await using var session = await LdapSession.OpenAsync(address, stop.Token);
            var directory = new LdapDirectory(session, address, stop.Token);
            await directory.BindAsync(service.Login ?? "", service.Secret);
            await directory.PutAsync(account);
            return LdapEntry.OwnId(account);
        }
        catch (Exception exception) when (
            exception is SocketException or IOException or AuthenticationException or AsnContentException)
        {
            throw new AccountRefusedException(
                $"{address.Host} cannot be reached: {exception.Message}", RefusalScope.Everything, exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AccountRefusedException(
                $"{address.Host} does not answer in time.", RefusalScope.Everything, exception);
        }
    }
}
