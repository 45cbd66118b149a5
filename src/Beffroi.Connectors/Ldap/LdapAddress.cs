using Beffroi.Identity.Provisioning;

namespace Beffroi.Connectors.Ldap;

/// <summary>How the way to a directory is closed to others.</summary>
internal enum LdapProtection
{
    /// <summary>This computer itself.</summary>
    None,

    /// <summary>TLS from the first octet.</summary>
    Tls,

    /// <summary>TLS asked for before anything else is said (RFC 4511, §4.14); without it nothing more is.</summary>
    StartTls,
}

/// <summary>A directory, and the entry below which people are listed.</summary>
internal sealed record LdapAddress(string Host, int Port, LdapProtection Protection, string BaseName)
{
    private const int PlainPort = 389;
    private const int TlsPort = 636;

    /// <param name="address">Such as <c>ldaps://annuaire.example.org/dc=example,dc=org</c>
    /// (<see cref="AccountPlace"/>).</param>
    internal static LdapAddress Of(Uri address)
    {
        var isTls = address.Scheme == "ldaps";
        var port = address.Port > 0 ? address.Port : isTls ? TlsPort : PlainPort;
        var protection = isTls ? LdapProtection.Tls
            : address.IsLoopback ? LdapProtection.None : LdapProtection.StartTls;
        return new LdapAddress(address.IdnHost, port, protection, AccountPlace.BaseNameOf(address));
    }
}
