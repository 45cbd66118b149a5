using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Beffroi.Fleet.Tests.Integration;
using Beffroi.Server.Tls;

namespace Beffroi.Fleet.Tests.Server;

public sealed class OwnAuthorityTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("beffroi-");
    private readonly SteppedTime _time = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_authority_is_made_once_and_its_key_is_closed_to_others()
    {
        using var first = OwnAuthority.Open(_folder.FullName, _time);
        using var second = OwnAuthority.Open(_folder.FullName, _time);

        Assert.Equal(first.Fingerprint, second.Fingerprint);
        var mode = File.GetUnixFileMode(Path.Combine(_folder.FullName, "authority.pem"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
        var handedOut = File.ReadAllText(Path.Combine(_folder.FullName, "authority.crt"));
        Assert.DoesNotContain("PRIVATE KEY", handedOut, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_pins_the_authority_accepts_the_server_by_each_of_its_names()
    {
        using var authority = OwnAuthority.Open(_folder.FullName, TimeProvider.System);
        using var certificate = authority.OpenServerCertificate(["sauvegarde.example.fr", "192.0.2.7"],
            TimeProvider.System);
        string[] names = ["sauvegarde.example.fr", "192.0.2.7", "localhost", "127.0.0.1", Environment.MachineName];
        foreach (var name in names)
            Assert.True(await HandshakeAsync(certificate, authority.Der, name), name);

        Assert.False(await HandshakeAsync(certificate, authority.Der, "other.example.fr"));
        var stranger = Directory.CreateTempSubdirectory("beffroi-");
        using var otherAuthority = OwnAuthority.Open(stranger.FullName, TimeProvider.System);
        Assert.False(await HandshakeAsync(certificate, otherAuthority.Der, "localhost"));
        stranger.Delete(recursive: true);
    }

    [Fact]
    public void The_certificate_is_kept_until_it_nears_its_end_or_its_names_change()
    {
        using var authority = OwnAuthority.Open(_folder.FullName, _time);
        string Serial(params string[] names)
        {
            using var certificate = authority.OpenServerCertificate(names, _time);
            return certificate.SerialNumber;
        }

        var first = Serial("a.example.fr");
        _time.Step(TimeSpan.FromDays(330));
        Assert.Equal(first, Serial("a.example.fr"));
        _time.Step(TimeSpan.FromDays(10)); // 397 days in all, so 57 are left: fewer than 60.
        var second = Serial("a.example.fr");
        Assert.NotEqual(first, second);
        Assert.NotEqual(second, Serial("b.example.fr"));
    }

    private static async Task<bool> HandshakeAsync(X509Certificate2 certificate, byte[] authority, string name)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var accepted = await listener.AcceptTcpClientAsync();
            await using var tls = new SslStream(accepted.GetStream());
            await tls.AuthenticateAsServerAsync(certificate);
            return await tls.ReadAsync(new byte[1]);
        });
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificate(authority));
        await using var stream = new SslStream(client.GetStream());
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = name,
                CertificateChainPolicy = policy,
            });
            await stream.WriteAsync(new byte[1]);
            return await serving == 1;
        }
        catch (System.Security.Authentication.AuthenticationException)
        {
            return false;
        }
    }
}
