namespace Beffroi.Identity.Provisioning;

/// <summary>An account as a service is told of it.</summary>
/// <param name="Person">The portal's id, which tokens name as <c>sub</c>.</param>
/// <param name="IsActive">Whether its person may come; accounts are never deleted from here.</param>
/// <param name="Organization">The first member for which the person comes.</param>
public sealed record OutgoingAccount(
    Guid Person, string UserName, string Name, bool IsActive, string? Organization, IReadOnlyList<string> Roles);

/// <summary>Where a service takes accounts, and with what proof of who tells them.</summary>
/// <param name="Login">The name to sign in with, where it takes one beside the secret.</param>
/// <param name="Secret">A bearer token, or the password.</param>
public sealed record AccountAddress(Uri Address, string? Login, string Secret);

/// <summary>Tells services of accounts.</summary>
public interface IAccountTransport
{
    /// <summary>Makes the account what it should be.</summary>
    /// <param name="remoteId">The service's id of it, if it is known.</param>
    /// <returns>The service's id of it.</returns>
    /// <exception cref="AccountRefusedException">It was not taken.</exception>
    Task<string> PutAsync(
        AccountAddress service, string? remoteId, OutgoingAccount account, CancellationToken cancellationToken);
}

/// <summary>How much a refusal concerns.</summary>
public enum RefusalScope
{
    /// <summary>This account as it is; it changes nothing to say it again.</summary>
    ThisAccount,

    /// <summary>Everything, for now: the service is away, or does not take our secret.</summary>
    Everything,
}

/// <summary>A service did not take an account.</summary>
/// <param name="message">What it said.</param>
public sealed class AccountRefusedException(string message, RefusalScope scope, Exception? inner = null)
    : Exception(message, inner)
{
    public RefusalScope Scope { get; } = scope;
}
