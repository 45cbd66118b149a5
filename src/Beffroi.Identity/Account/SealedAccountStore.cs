using System.Security.Cryptography;
using System.Text;
using Beffroi.Identity.People;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;

namespace Beffroi.Identity.Account;

/// <summary>The framework's store of accounts, but for what it keeps in clear: the secret of a second factor is sealed,
/// and recovery codes are hashed. A stolen database signs nobody in.</summary>
/// <remarks>One SHA-256 is enough for recovery codes: each has 50 random bits and serves with the password
/// only.</remarks>
internal sealed class SealedAccountStore(
    IdentityDb db, IDataProtectionProvider protection, IdentityErrorDescriber describer)
    : UserOnlyStore<Person, IdentityDb, Guid>(db, describer)
{
    private const string HashMark = "sha256:";

    private readonly IDataProtector _seal = protection.CreateProtector("beffroi second factor v1");

    public override Task SetAuthenticatorKeyAsync(Person user, string key, CancellationToken cancellationToken) =>
        base.SetAuthenticatorKeyAsync(user, _seal.Protect(key), cancellationToken);

    public override async Task<string?> GetAuthenticatorKeyAsync(Person user, CancellationToken cancellationToken) =>
        await base.GetAuthenticatorKeyAsync(user, cancellationToken) is { } held ? _seal.Unprotect(held) : null;

    /// <summary>Also called by <see cref="RedeemCodeAsync"/> with the hashes that are left.</summary>
    public override Task ReplaceCodesAsync(
        Person user, IEnumerable<string> recoveryCodes, CancellationToken cancellationToken) =>
        base.ReplaceCodesAsync(
            user,
            recoveryCodes.Select(code => code.StartsWith(HashMark, StringComparison.Ordinal) ? code : HashOf(code)),
            cancellationToken);

    public override Task<bool> RedeemCodeAsync(Person user, string code, CancellationToken cancellationToken) =>
        base.RedeemCodeAsync(user, HashOf(code), cancellationToken);

    private static string HashOf(string code) =>
        HashMark + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)));
}
