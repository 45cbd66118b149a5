namespace Beffroi.Identity.Oidc.Parties;

/// <summary>Addresses to which the browser is sent back with a code or after signing out: registered beforehand, and
/// compared letter by letter.</summary>
internal static class ReturnAddress
{
    /// <summary>Whether <paramref name="asked"/> is registered.</summary>
    internal static bool IsRegistered(string asked, IReadOnlyList<string> registered, PartyKind kind) =>
        registered.Contains(asked, StringComparer.Ordinal)
        || (kind == PartyKind.Public && registered.Any(each => DifferOnlyInLoopbackPort(asked, each)));

    /// <summary>Whether an address may be registered: TLS, or this computer itself, or, of a program in people's hands,
    /// a scheme of its own that has a dot (RFC 8252, §7.1).</summary>
    internal static bool IsAcceptable(string address, PartyKind kind)
    {
        if (address.Length > RelyingParty.AddressCharactersMax || address.Any(sign => sign <= ' ' || sign > '~'))
            return false;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri)
            || address.AsSpan().ContainsAny('#', '*', '\\') || uri.UserInfo.Length > 0)
            return false;

        return uri.Scheme switch
        {
            "https" => uri.Host.Length > 0,
            "http" => uri.IsLoopback,
            _ => kind == PartyKind.Public && uri.Scheme.Contains('.', StringComparison.Ordinal),
        };
    }

    /// <summary>A page that people open: no scheme of a program's own.</summary>
    internal static bool IsWebPage(string address) => IsAcceptable(address, PartyKind.Confidential);

    /// <summary>Adds parameters to an address that may have some.</summary>
    internal static string With(string address, params IEnumerable<(string Name, string? Value)> parameters)
    {
        var query = string.Join('&', parameters.Where(each => each.Value is not null)
            .Select(each => $"{each.Name}={Uri.EscapeDataString(each.Value!)}"));
        if (query.Length == 0) return address;
        return address + (address.Contains('?', StringComparison.Ordinal) ? '&' : '?') + query;
    }

    /// <summary>A program listens on whatever port is free (RFC 8252, §7.3); host names could lead elsewhere.</summary>
    private static bool DifferOnlyInLoopbackPort(string asked, string registered) =>
        asked.Length <= RelyingParty.AddressCharactersMax
        && IsLoopbackNumber(asked, out var one) && IsLoopbackNumber(registered, out var other)
        && one.Host == other.Host && IsPortApart(asked, one, registered, other);

    private static bool IsLoopbackNumber(string address, out Uri uri) =>
        Uri.TryCreate(address, UriKind.Absolute, out uri!)
        && uri is { Scheme: "http", Host: "127.0.0.1" or "[::1]" } && uri.UserInfo.Length == 0;

    private static bool IsPortApart(string asked, Uri one, string registered, Uri other) =>
        AfterAuthority(asked, one) is { } rest && rest == AfterAuthority(registered, other);

    // As it was written: Uri would tidy '/a/../b'.
    private static string? AfterAuthority(string address, Uri uri)
    {
        var start = $"{uri.Scheme}://{uri.Host}";
        if (!address.StartsWith(start, StringComparison.Ordinal)) return null;
        var rest = address[start.Length..];
        return rest.StartsWith(':') ? rest[1..].TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') : rest;
    }
}
