using Beffroi.Protocol;
using Beffroi.Protocol.Client;
using Beffroi.Testing.FakeServer;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;

namespace Beffroi.Agent.Tests.Protocol;

/// <summary>How a computer becomes known to a server.</summary>
public sealed class EnrolmentClientTests
{
    private static readonly EnrolmentRequest Request =
        new("bef1.good", "accueil", "linux", "0.1.0", [4], [4], SecretId.New().Value);

    [Fact]
    public async Task A_good_token_enrols_and_the_authority_is_kept()
    {
        using var authority = new TestAuthority("Beffroi test");
        using var leaf = authority.Issue("localhost");
        await using var fixture = new ClientFixture(leaf);
        fixture.Vault.AuthorityDer = authority.Certificate.RawData;
        var connection = fixture.Connect(fixture.Options with { AuthorityFingerprint = authority.Fingerprint });
        var enrolment = await new EnrolmentClient(connection, fixture.Patient).EnrolAsync(Request, default);
        Assert.Equal(fixture.Vault.Device.Value, enrolment.Answer.Device);
        Assert.Equal(authority.Pem, enrolment.AuthorityPem);
    }

    [Fact]
    public async Task An_unknown_token_is_refused_in_the_servers_words()
    {
        await using var fixture = new ClientFixture();
        var client = new EnrolmentClient(fixture.Connect(), fixture.Patient);
        var failure = await ServerConnectionTests.FailureOf(
            client.EnrolAsync(Request with { Token = "bef1.bad" }, default));
        Assert.Equal((ErrorCode.TokenInvalid, "This token is not known."), (failure.Code, failure.Message));
    }

    [Fact]
    public async Task A_lost_answer_is_asked_for_again()
    {
        await using var fixture = new ClientFixture();
        var answer = FakeReply.Text(201, "application/json", "{\"device\":");
        fixture.Vault.Interfere("POST /v1/enrolments", answer with { CutAfterBytes = 0 });
        fixture.Vault.Interfere("POST /v1/enrolments", answer with { CutAfterBytes = 5 });
        var enrolment = await new EnrolmentClient(fixture.Connect(), fixture.Patient).EnrolAsync(Request, default);
        Assert.Null(enrolment.AuthorityPem);
        Assert.Equal(fixture.Vault.Vault.Value, enrolment.Answer.Vault);
    }

    [Fact]
    public async Task Keys_that_are_no_keys_are_found_out_at_once()
    {
        await using var fixture = new ClientFixture();
        using var key = SigningKey.Generate();
        var point = key.PublicKey.ToArray();
        var good = new EnrolmentAnswer(
            Guid.Empty, Guid.Empty, "Mairie", "managed", 1, Guid.Empty, new byte[32], point, point, point, null);
        foreach (var bad in new[]
        {
            good with { GroupSecret = new byte[31] }, good with { ServerKey = new byte[65] },
            good with { RecoveryKey = [] }, good with { ServiceKey = [] },
        })
        {
            fixture.Vault.Interfere(
                "POST /v1/enrolments", FakeReply.Json(201, bad, ProtocolJson.Default.EnrolmentAnswer));
            var client = new EnrolmentClient(fixture.Connect(), fixture.Patient);
            Assert.Equal(ErrorCode.AnswerMalformed, await DeviceSessionTests.CodeOf(
                client.EnrolAsync(Request, default)));
        }
    }
}
