using System.Formats.Asn1;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Beffroi.Connectors.Ldap;
using Beffroi.Identity.Provisioning;
using Beffroi.Testing.FakeServer;

namespace Beffroi.Fleet.Tests.Provisioning;

/// <summary>What is said to a directory, and what is made of a directory that answers badly. That a real one takes it
/// is the matter of tests/scripts/ldap.sh.</summary>
public sealed class LdapTests
{
    private static readonly OutgoingAccount Jeanne = new(
        new Guid("6f1c6f0e-0d3c-4a44-9a53-1f2e3d4c5b6a"), "jeanne@arvigny.example", "Jeanne Morel", IsActive: true,
        "Arvigny", ["referent", "agent"]);

    [Theory]
    [InlineData("jeanne@arvigny.example", "uid=jeanne@arvigny.example")]
    [InlineData("a,ou=admins", @"uid=a\2Cou\3Dadmins")]
    [InlineData("a+cn=b", @"uid=a\2Bcn\3Db")]
    [InlineData(" a ", @"uid=\20a\20")]
    [InlineData("#04", @"uid=\2304")]
    [InlineData("a\\\"<>;", @"uid=a\5C\22\3C\3E\3B")]
    [InlineData("a\0b", @"uid=a\00b")]
    [InlineData("*)(uid=*", @"uid=\2A\29\28uid\3D\2A")]
    [InlineData("zoé", @"uid=zo\C3\A9")]
    public void A_name_is_one_step_whatever_it_holds(string name, string expected) =>
        Assert.Equal(expected, LdapNames.Step("uid", name));

    [Theory]
    [InlineData("*")]
    [InlineData("*)(objectClass=*")]
    [InlineData("a\0b\\2a")]
    [InlineData(" é,+\"")]
    public void What_is_looked_for_goes_as_it_is_and_is_one_equality(string value)
    {
        var request = LdapRequests.Find(7, "ou=people,dc=example", "uid", value, "uid");

        var body = Body(request, 7, 3);
        body.ReadOctetString();
        body.ReadEnumeratedBytes();
        body.ReadEnumeratedBytes();
        body.ReadInteger();
        body.ReadInteger();
        body.ReadBoolean();
        var filter = body.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 3, isConstructed: true));
        Assert.Equal("uid", Text(filter));
        Assert.Equal(value, Text(filter));
        Assert.False(filter.HasData);
    }

    [Fact]
    public void Who_may_come_is_listed_with_member_and_roles_and_no_password()
    {
        var entry = LdapEntry.ForNew(Jeanne).ToDictionary(each => each.Name, each => string.Join('|', each.Values));

        Assert.Equal("uid=jeanne@arvigny.example", LdapEntry.Step(Jeanne));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["objectClass"] = "top|person|organizationalPerson|inetOrgPerson",
                ["employeeNumber"] = "6f1c6f0e-0d3c-4a44-9a53-1f2e3d4c5b6a",
                ["uid"] = "jeanne@arvigny.example",
                ["cn"] = "Jeanne Morel",
                ["sn"] = "Jeanne Morel",
                ["displayName"] = "Jeanne Morel",
                ["mail"] = "jeanne@arvigny.example",
                ["o"] = "Arvigny",
                ["employeeType"] = "referent|agent",
            },
            entry);
    }

    [Fact]
    public void Who_may_no_more_is_found_by_no_name_address_member_or_role()
    {
        var shut = Jeanne with { IsActive = false };

        Assert.Equal("employeeNumber=6f1c6f0e-0d3c-4a44-9a53-1f2e3d4c5b6a", LdapEntry.Step(shut));
        Assert.Equal(
            ["uid", "mail", "o", "employeeType"],
            LdapEntry.ForKnown(shut).Where(each => each.Values.Count == 0).Select(each => each.Name));
        Assert.Equal(
            "ou=former,dc=example",
            LdapEntry.Branch(LdapAddress.Of(new Uri("ldaps://example.org/dc=example")), isActive: false));
    }

    [Theory]
    [InlineData("ldaps://annuaire.example.org/dc=example,dc=org", 636, "Tls", "dc=example,dc=org")]
    [InlineData("ldap://annuaire.example.org/dc=example", 389, "StartTls", "dc=example")]
    [InlineData("ldap://127.0.0.1:3890/ou=Mairie%20d%27Arvigny", 3890, "None", "ou=Mairie d'Arvigny")]
    [InlineData("ldaps://127.0.0.1/ou=Côte%2C Sud", 636, "Tls", "ou=Côte, Sud")]
    public void An_address_says_how_the_way_is_closed(string address, int port, string protection, string baseName)
    {
        var read = LdapAddress.Of(new Uri(address));

        Assert.Equal(
            (port, protection, baseName), (read.Port, read.Protection.ToString(), read.BaseName));
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak LDAP")]
    [InlineData("0\u0084\u00ff\u00ff\u00ff\u00ff", "too long")]
    [InlineData("0\u0080\u0000\u0000", "does not speak LDAP")]
    [InlineData("0\u0003\u0002\u0001", "end of the stream")]
    [InlineData("0\u0003\u0002\u0001\u0001", "")]
    [InlineData("0\u000c\u0002\u0001\u0002a\u0007\n\u0001\u0000\u0004\u0000\u0004\u0000", "another request")]
    [InlineData("0\u000c\u0002\u0001\u0000x\u0007\n\u0001\u0034\u0004\u0000\u0004\u0000", "ends the session")]
    [InlineData("0\u000c\u0002\u0001\u0001a\u0007\n\u0001\u0031\u0004\u0000\u0004\u0000", "password")]
    public async Task A_directory_that_answers_nonsense_is_asked_again_later(string answer, string reason)
    {
        await using var directory = new OneAnswer(Encoding.Latin1.GetBytes(answer));

        var refused = await Assert.ThrowsAsync<AccountRefusedException>(() => PutAsync(directory, TimeProvider.System));

        Assert.Equal(RefusalScope.Everything, refused.Scope);
        Assert.StartsWith("127.0.0.1 ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_says_nothing_is_not_waited_for_long()
    {
        await using var directory = new OneAnswer(answer: null);

        var refused = await Assert.ThrowsAsync<AccountRefusedException>(() => PutAsync(directory, new HurriedTime()));

        Assert.Equal(
            ("127.0.0.1 does not answer in time.", RefusalScope.Everything), (refused.Message, refused.Scope));
    }

    [Fact]
    public async Task A_directory_without_TLS_is_told_no_password()
    {
        await using var directory = new OneAnswer(
            Encoding.Latin1.GetBytes("0\u000c\u0002\u0001\u0001x\u0007\n\u0001\u0002\u0004\u0000\u0004\u0000"));
        var address = new LdapAddress("127.0.0.1", directory.Port, LdapProtection.StartTls, "dc=example");

        var refused = await Assert.ThrowsAsync<IOException>(
            () => LdapSession.OpenAsync(address, CancellationToken.None));

        Assert.Contains("offers no TLS", refused.Message, StringComparison.Ordinal);
        var heard = await directory.HeardAsync();
        Assert.Equal(LdapRequests.StartTls(1), heard);
    }

    private static Task<string> PutAsync(OneAnswer directory, TimeProvider time) =>
        new LdapTransport(time).PutAsync(
            new AccountAddress(new Uri($"ldap://127.0.0.1:{directory.Port}/dc=example"), "cn=portail", "secret"),
            remoteId: null, Jeanne, CancellationToken.None);

    private static AsnReader Body(byte[] request, int id, int operation)
    {
        var message = new AsnReader(request, AsnEncodingRules.BER).ReadSequence();
        Assert.Equal(id, (int)message.ReadInteger());
        return message.ReadSequence(new Asn1Tag(TagClass.Application, operation, isConstructed: true));
    }

    private static string Text(AsnReader reader) => Encoding.UTF8.GetString(reader.ReadOctetString());

    /// <summary>A directory that hears one thing, and says what it is told to before it hangs up; or nothing.</summary>
    private sealed class OneAnswer : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly Task<byte[]> _serving;

        internal OneAnswer(byte[]? answer)
        {
            _listener.Start();
            _serving = ServeAsync(answer);
        }

        internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        internal Task<byte[]> HeardAsync() => _serving;

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _serving;
            _listener.Dispose();
            _stop.Dispose();
        }

        private async Task<byte[]> ServeAsync(byte[]? answer)
        {
            try
            {
                using var socket = await _listener.AcceptTcpClientAsync(_stop.Token);
                var heard = new byte[4096];
                var length = await socket.GetStream().ReadAsync(heard, _stop.Token);
                if (answer is null) await Task.Delay(Timeout.Infinite, _stop.Token);
                await socket.GetStream().WriteAsync(answer, _stop.Token);
                return heard[..length];
            }
            catch (OperationCanceledException)
            {
                return [];
            }
        }
    }
}
