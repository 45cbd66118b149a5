using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace Beffroi.Identity.Account;

/// <summary>What a browser brings back with the answer to a challenge: sealed, for one account or for nobody yet, good
/// for a few minutes and once.</summary>
/// <remarks>That a state was used is known to the server that saw it. On another one an answer could serve a second
/// time within its few minutes, by who read an encrypted connection.</remarks>
internal sealed class PasskeyStates(IDataProtectionProvider protection, TimeProvider time)
{
    // A person reads the page, looks for the key, types its PIN.
    internal static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private const int SpentMax = 10_000;

    private readonly IDataProtector _seal = protection.CreateProtector("beffroi passkey state v1");
    private readonly ConcurrentDictionary<string, DateTimeOffset> _spent = new(StringComparer.Ordinal);

    /// <param name="person">Whose challenge it is; none while somebody signs in.</param>
    internal string Seal(string state, Guid? person) =>
        _seal.Protect($"{(time.GetUtcNow() + Lifetime).ToUnixTimeSeconds()}|{person:N}|{state}");

    /// <summary>The state; none if it is too old, somebody else's, used, or not ours.</summary>
    internal string? Open(string sealedState, Guid? person)
    {
        try
        {
            var parts = _seal.Unprotect(sealedState).Split('|', 3);
            var until = DateTimeOffset.FromUnixTimeSeconds(
                long.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture));
            return until > time.GetUtcNow() && parts[1] == $"{person:N}" && IsFirst(sealedState, until)
                ? parts[2]
                : null;
        }
        catch (CryptographicException)
        {
            return null; // Somebody tried a state of their own making.
        }
    }

    private bool IsFirst(string sealedState, DateTimeOffset until)
    {
        if (_spent.Count >= SpentMax)
            foreach (var (old, end) in _spent)
                if (end <= time.GetUtcNow()) _spent.TryRemove(old, out _);
        return _spent.TryAdd(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(sealedState))), until);
    }
}
