using System.Net;
using System.Net.Sockets;
using Beffroi.Vault;

namespace Beffroi.Protocol.Client;

/// <summary>Says in the product's words what the platform reports about connections.</summary>
internal static class TransportFailure
{
    /// <summary>Whether <paramref name="exception"/> is the network's doing, and not the caller's wish to
    /// stop.</summary>
    internal static bool Is(Exception exception, IdleWatch watch) => exception switch
    {
        HttpRequestException or IOException => true,
        OperationCanceledException => !watch.Caller.IsCancellationRequested,
        _ => false,
    };

    internal static VaultException Explain(
        Exception exception, ServerConnectionOptions options, IdleWatch watch, string? refusal)
    {
        var server = options.Server;
        if (watch.HasExpired) return Unreachable(
            $"Nothing moved between this computer and {server} for {options.IdleTimeout.TotalSeconds:0} s. "
                + "Check the network, or a proxy that holds transfers back.", exception);
        if (exception is OperationCanceledException) return Unreachable(
            $"{server} did not accept a connection within {options.ConnectTimeout.TotalSeconds:0} s. "
                + "Check the address, the network and the firewall.", exception);
        if (exception is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }
            && refusal is not null)
            return new VaultException(ErrorCode.CertificateRefused, retryable: false, refusal, exception);
        return exception is HttpRequestException request
            ? Explain(request, server, ProxyTo(options))
            : Broken(server, exception);
    }

    private static VaultException Explain(HttpRequestException exception, Uri server, Uri? proxy) =>
        exception.HttpRequestError switch
        {
            HttpRequestError.ProxyTunnelError => Proxy(exception, server),
            HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError when proxy is not null =>
                Unreachable(
                    $"The proxy {proxy.Host}:{proxy.Port} on the way to {server} cannot be reached: "
                        + $"{Innermost(exception)}. Check the proxy in agent.json or in the system's settings.",
                    exception),
            HttpRequestError.NameResolutionError => Unreachable(
                $"The name {server.Host} could not be resolved. Check the server's address and this computer's "
                    + "network.",
                exception),
            HttpRequestError.SecureConnectionError => Unreachable(
                $"No secure connection to {server}: {Innermost(exception)}. Check that the port speaks HTTPS.",
                exception),
            // A server that is killed while it answers is heard as half an answer.
            HttpRequestError.InvalidResponse when IsCut(exception) => Broken(server, exception),
            HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded => new VaultException(
                ErrorCode.AnswerMalformed, retryable: false,
                $"What answers at {server} does not speak HTTP as a server should: {exception.Message} "
                    + "Check the address, and any proxy on the way.", exception),
            HttpRequestError.ConnectionError => Unreachable(
                $"{server} does not accept connections: {Innermost(exception)}. Check the address, the network and "
                    + "the firewall.", exception),
            _ => Broken(server, exception),
        };

    /// <summary>The proxy that requests to the server take, if any.</summary>
    private static Uri? ProxyTo(ServerConnectionOptions options)
    {
        if (!options.Proxy.IsUsed) return null;
        if (options.Proxy.Address is { } given) return given;
        var system = HttpClient.DefaultProxy;
        return system.IsBypassed(options.Server) ? null : system.GetProxy(options.Server);
    }

    private static VaultException Proxy(HttpRequestException exception, Uri server)
    {
        var isRefusal = exception.StatusCode is HttpStatusCode.ProxyAuthenticationRequired or HttpStatusCode.Forbidden;
        return new VaultException(ErrorCode.ServerUnreachable, retryable: !isRefusal,
            $"The proxy does not let this computer through to {server}: {exception.Message} "
                + "Check the proxy's address, name and password in the agent's configuration, or ask who runs it.",
            exception);
    }

    private static bool IsCut(HttpRequestException exception) => exception.GetBaseException()
        is SocketException or HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded };

    private static VaultException Broken(Uri server, Exception exception) =>
        Unreachable($"The connection to {server} broke: {Innermost(exception)}.", exception);

    private static VaultException Unreachable(string message, Exception exception) =>
        new(ErrorCode.ServerUnreachable, retryable: true, message, exception);

    private static string Innermost(Exception exception) => exception.GetBaseException().Message.TrimEnd('.');
}
