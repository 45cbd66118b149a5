using System.Net;

namespace Beffroi.Server.Configuration;

/// <summary>One address to listen on.</summary>
/// <param name="Address">An address of this machine; <see langword="null"/> stands for all of them.</param>
internal sealed record ListenAddress(IPAddress? Address, int Port, bool IsSecure)
{
    /// <summary>The addresses in <see cref="ServerOptions.Urls"/>, which have been checked.</summary>
    internal static IReadOnlyList<ListenAddress> Of(ServerOptions options) =>
        [.. Split(options).Select(text => TryParse(text) ?? throw new FormatException($"'{text}' is no address."))];

    /// <summary>What is wrong with the addresses, in sentences.</summary>
    internal static IEnumerable<string> Problems(ServerOptions options)
    {
        var texts = Split(options);
        if (texts.Length == 0) yield return "Urls: no address to listen on.";
        foreach (var text in texts)
        {
            if (TryParse(text) is not { } address)
                yield return $"Urls: '{text}' is not http:// or https:// with an IP address, localhost or *, and a "
                    + "port.";
            else if (address is { IsSecure: false, IsLoopback: false } && !options.BehindProxy)
                yield return $"Urls: '{text}' would carry sessions in clear text over the network. Use https://, an "
                    + "address of "
                    + "this machine only, or set BehindProxy when a reverse proxy ends TLS.";
        }
    }

    private bool IsLoopback => Address is not null && IPAddress.IsLoopback(Address);

    private static string[] Split(ServerOptions options) =>
        options.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static ListenAddress? TryParse(string text)
    {
        var withHost = text.Replace("://*", "://0.0.0.0", StringComparison.Ordinal)
            .Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(withHost, UriKind.Absolute, out var uri) || uri.PathAndQuery != "/") return null;
        if (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps) return null;

        var isSecure = uri.Scheme == Uri.UriSchemeHttps;
        if (uri.Host == "localhost") return new ListenAddress(IPAddress.Loopback, uri.Port, isSecure);
        if (!IPAddress.TryParse(uri.DnsSafeHost, out var address)) return null;

        var isAny = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
        return new ListenAddress(isAny ? null : address, uri.Port, isSecure);
    }
}
