using Beffroi.Identity.Oidc.Parties;

namespace Beffroi.Identity.Provisioning;

/// <summary>In what way a service is told of accounts.</summary>
public enum AccountProtocol
{
    Scim,
    Ldap,
}

/// <summary>Addresses at which services take accounts: <c>https://drive.example.org/scim/v2</c>, or
/// <c>ldaps://annuaire.example.org/dc=example,dc=org</c> (RFC 4516) with the name of the entry below which people are
/// listed. <c>ldap://</c> begins with StartTLS, except on this computer itself.</summary>
public static class AccountPlace
{
    internal const int BindNameCharactersMax = 1000;

    /// <summary>In what way the service at this address is told.</summary>
    public static AccountProtocol ProtocolOf(Uri address) =>
        address.Scheme is "ldap" or "ldaps" ? AccountProtocol.Ldap : AccountProtocol.Scim;

    /// <summary>The name of the entry below which people are listed.</summary>
    public static string BaseNameOf(Uri address) => Uri.UnescapeDataString(address.AbsolutePath.TrimStart('/'));

    /// <summary>Whether accounts may be told there; the way is closed to others, or stays on this computer.</summary>
    internal static bool IsAcceptable(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri)) return false;
        return ProtocolOf(uri) == AccountProtocol.Ldap ? IsDirectory(address, uri) : ReturnAddress.IsWebPage(address);
    }

    private static bool IsDirectory(string address, Uri uri)
    {
        if (address.Length > RelyingParty.AddressCharactersMax || address.AsSpan().ContainsAny('#', '?', '\\'))
            return false;
        if (uri.Host.Length == 0 || uri.UserInfo.Length > 0) return false;
        var name = BaseNameOf(uri);
        return name.IndexOf('=', StringComparison.Ordinal) > 0 && !name.Any(char.IsControl);
    }
}
