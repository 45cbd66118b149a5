using System.Net;
using Beffroi.Server.Configuration;
using Beffroi.Server.Tls;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Beffroi.Server.Web;

/// <summary>Addresses, certificates and bounds of the web server.</summary>
internal static class Listening
{
    // JSON messages are small; routes that take packs raise the bound for themselves.
    private const long BodyBytesMax = 1 << 20;

    // A slow agent on ADSL sends at more than this; a connection that only holds its place does not. An agent that
    // nothing has come through for gives up by itself after 60 s and says why: the server waits longer.
    private static readonly MinDataRate RateMin = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(90));

    internal static void Configure(
        KestrelServerOptions kestrel, ServerOptions options, ServerCertificates? certificates)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(20);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        kestrel.Limits.MinRequestBodyDataRate = RateMin;
        kestrel.Limits.MinResponseDataRate = RateMin;
        foreach (var address in ListenAddress.Of(options))
        {
            if (address.Address is { } one) kestrel.Listen(one, address.Port, Protocols);
            else kestrel.ListenAnyIP(address.Port, Protocols);

            void Protocols(ListenOptions listen)
            {
                // Without TLS the two cannot be told apart on one port.
                listen.Protocols = address.IsSecure ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
                if (!address.IsSecure || certificates is null) return;

                listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificates.Certificate;
                    https.ServerCertificateChain = certificates.Chain;
                });
            }
        }
    }

    /// <summary>Believes the proxy's X-Forwarded headers, and nobody else's.</summary>
    internal static void UseProxyHeaders(WebApplication app, ServerOptions options)
    {
        if (!options.BehindProxy) return;

        var headers = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto
                | ForwardedHeaders.XForwardedHost,
        };
        foreach (var proxy in options.KnownProxies) headers.KnownProxies.Add(IPAddress.Parse(proxy));
        app.UseForwardedHeaders(headers);
    }
}
