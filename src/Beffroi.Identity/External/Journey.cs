using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace Beffroi.Identity.External;

/// <summary>What the browser keeps, sealed, while its person is at a provider.</summary>
/// <param name="State">Comes back in the address: the answer belongs to this browser's question.</param>
/// <param name="Nonce">Comes back in the identity token: the token belongs to it too.</param>
internal sealed record Journey(string Provider, string State, string Nonce, string? Verifier, string ReturnTo);

/// <summary>A provider's subject who waits to be linked to the account of this mail address.</summary>
internal sealed record PendingLink(string Provider, string ProviderName, string Subject, string Email);

/// <summary>Seals what browsers keep between two pages of a sign-in.</summary>
internal sealed class TravelSeal(IDataProtectionProvider protection)
{
    // Long enough for a second factor at the provider.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    internal string Seal<T>(T value) => SealOf<T>().Protect(JsonSerializer.Serialize(value), Lifetime);

    internal T? Open<T>(string? text)
        where T : class
    {
        if (text is null) return null;
        try
        {
            return JsonSerializer.Deserialize<T>(SealOf<T>().Unprotect(text));
        }
        catch (Exception exception) when (exception is CryptographicException or JsonException)
        {
            return null; // Too old, or not ours.
        }
    }

    internal static bool IsSame(string? one, string other) => one is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

    private ITimeLimitedDataProtector SealOf<T>() =>
        protection.CreateProtector($"beffroi external sign-in v1: {typeof(T).Name}").ToTimeLimitedDataProtector();
}
