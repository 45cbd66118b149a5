using System.Security.Cryptography.X509Certificates;
using Beffroi.Protocol.Client;
using Beffroi.Testing.FakeServer;
using Beffroi.Vault;

namespace Beffroi.Agent.Tests.Protocol;

/// <summary>Which servers are believed.</summary>
public sealed class CertificateTests : IDisposable
{
    private readonly TestAuthority _authority = new("Beffroi test");

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task A_server_of_the_pinned_authority_is_believed()
    {
        using var leaf = _authority.Issue("localhost");
        await using var fixture = new ClientFixture(leaf);
        var connection = fixture.Connect(fixture.Options with { PinnedAuthorityPem = _authority.Pem });
        Assert.Equal("beffroi", (await connection.DescribeAsync(fixture.Patient, default)).Product);
        Assert.Equal(_authority.Pem, connection.AuthorityPem);
    }

    [Fact]
    public async Task A_self_made_certificate_is_refused_by_the_systems_authorities()
    {
        using var leaf = _authority.Issue("localhost");
        await RefusedAsync(leaf, options => options);
    }

    [Fact]
    public async Task A_server_of_another_authority_is_refused()
    {
        using var other = new TestAuthority("Beffroi test"); // The same name, another key.
        using var leaf = other.Issue("localhost");
        await RefusedAsync(leaf, options => options with { PinnedAuthorityPem = _authority.Pem });
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused()
    {
        using var leaf = _authority.Issue("elsewhere.example");
        var message = await RefusedAsync(leaf, options => options with { PinnedAuthorityPem = _authority.Pem });
        Assert.Contains("another name", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_has_expired_is_refused()
    {
        using var leaf = _authority.Issue("localhost", days: -1);
        var message = await RefusedAsync(leaf, options => options with { PinnedAuthorityPem = _authority.Pem });
        Assert.Contains("NotTimeValid", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_clients_is_refused()
    {
        using var leaf = _authority.Issue("localhost", usage: "1.3.6.1.5.5.7.3.2");
        await RefusedAsync(leaf, options => options with { PinnedAuthorityPem = _authority.Pem });
    }

    [Fact]
    public async Task At_enrolment_the_authority_is_found_by_its_fingerprint()
    {
        using var leaf = _authority.Issue("localhost");
        await using var fixture = new ClientFixture(leaf);
        fixture.Vault.AuthorityDer = _authority.Certificate.RawData;
        var connection = fixture.Connect(fixture.Options with { AuthorityFingerprint = _authority.Fingerprint });
        Assert.Null(connection.AuthorityPem);
        await connection.DescribeAsync(fixture.Patient, default);
        await connection.DescribeAsync(fixture.Patient, default);
        Assert.Equal(_authority.Pem, connection.AuthorityPem);
        Assert.Equal(1, fixture.Vault.Count("GET /v1/authority"));
    }

    [Fact]
    public async Task A_server_that_is_starting_when_its_authority_is_asked_for_is_waited_for()
    {
        using var leaf = _authority.Issue("localhost");
        await using var fixture = new ClientFixture(leaf);
        fixture.Vault.AuthorityDer = _authority.Certificate.RawData;
        fixture.Vault.Interfere("GET /v1/authority", FakeReply.Text(503, "text/html", "Soon."));
        var connection = fixture.Connect(fixture.Options with { AuthorityFingerprint = _authority.Fingerprint });
        await connection.DescribeAsync(fixture.Patient, default);
        Assert.Equal(ErrorCode.ServerUnreachable, Assert.Single(fixture.Waits).Reason.Code);
    }

    [Fact]
    public async Task An_authority_that_is_its_own_server_is_found_in_the_handshake()
    {
        using var alone = new TestAuthority("localhost");
        await using var fixture = new ClientFixture(alone.WithKey());
        var connection = fixture.Connect(fixture.Options with { AuthorityFingerprint = alone.Fingerprint });
        await connection.DescribeAsync(fixture.Patient, default);
        Assert.Equal(alone.Pem, connection.AuthorityPem);
    }

    [Fact]
    public async Task At_enrolment_another_authority_is_refused()
    {
        using var other = new TestAuthority("Beffroi test");
        using var leaf = other.Issue("localhost");
        await RefusedAsync(leaf, AtEnrolment, other.Certificate.RawData);
        await RefusedAsync(leaf, AtEnrolment, authorityDer: null);
    }

    [Fact]
    public async Task An_authority_that_is_only_shown_does_not_vouch()
    {
        using var other = new TestAuthority("Mallory");
        using var leaf = other.Issue("localhost");
        await RefusedAsync(leaf, AtEnrolment, _authority.Certificate.RawData);
    }

    [Fact]
    public async Task The_name_is_checked_at_enrolment_too()
    {
        using var leaf = _authority.Issue("elsewhere.example");
        await RefusedAsync(leaf, AtEnrolment, _authority.Certificate.RawData);
    }

    private ServerConnectionOptions AtEnrolment(ServerConnectionOptions options) =>
        options with { AuthorityFingerprint = _authority.Fingerprint };

    private static async Task<string> RefusedAsync(
        X509Certificate2 leaf, Func<ServerConnectionOptions, ServerConnectionOptions> change,
        byte[]? authorityDer = null)
    {
        await using var fixture = new ClientFixture(leaf);
        fixture.Vault.AuthorityDer = authorityDer;
        var connection = fixture.Connect(change(fixture.Options));
        var failure = await ServerConnectionTests.FailureOf(connection.DescribeAsync(fixture.Patient, default));
        Assert.Equal((ErrorCode.CertificateRefused, false), (failure.Code, failure.IsRetryable));
        Assert.Empty(fixture.Waits);
        Assert.DoesNotContain(fixture.Vault.Requests, request => request.Line != "GET /v1/authority");
        return failure.Message;
    }
}
