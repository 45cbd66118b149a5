using System.Globalization;
using System.Security.Cryptography;
using Beffroi.Identity.People;
using Microsoft.AspNetCore.DataProtection;

namespace Beffroi.Identity.Account;

/// <summary>What a one-time link is for; a token of one never serves for the other.</summary>
public enum LinkPurpose
{
    Invitation,
    PasswordReset,
}

/// <summary>Tokens of links in mails. A token names the account and its security stamp, which changes with each
/// password: so it serves once, and a table of tokens to steal or to sweep does not exist.</summary>
internal sealed class OneTimeLinks(IDataProtectionProvider protection, TimeProvider time)
{
    internal static readonly TimeSpan InvitationLifetime = TimeSpan.FromDays(7);
    internal static readonly TimeSpan ResetLifetime = TimeSpan.FromHours(1);

    internal (string Token, DateTimeOffset Until) Make(Person person, LinkPurpose purpose)
    {
        var until = time.GetUtcNow()
            + (purpose == LinkPurpose.Invitation ? InvitationLifetime : ResetLifetime);
        return (SealOf(purpose).Protect($"{until.ToUnixTimeSeconds()}|{person.Id:N}|{person.SecurityStamp}"), until);
    }

    /// <summary>What a token says; none if it is not ours, or for another purpose.</summary>
    internal (DateTimeOffset Until, string Person, string Stamp)? Read(string token, LinkPurpose purpose)
    {
        try
        {
            var parts = SealOf(purpose).Unprotect(token).Split('|', 3);
            var until = long.Parse(parts[0], CultureInfo.InvariantCulture);
            return (DateTimeOffset.FromUnixTimeSeconds(until), parts[1], parts[2]);
        }
        catch (CryptographicException)
        {
            return null; // Cut by a mail program, or made up.
        }
    }

    private IDataProtector SealOf(LinkPurpose purpose) =>
        protection.CreateProtector("beffroi link v1", purpose.ToString());
}
