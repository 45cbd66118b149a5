using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;

namespace Beffroi.Connectors.Ldap;

/// <summary>A connection to a directory, on which one thing is asked after the other. Written for the few requests that
/// accounts need: the binding of .NET leaves the certificate to the machine's ldap.conf, which may say not to look at
/// it (docs/decisions/0009).</summary>
internal sealed class LdapSession : IAsyncDisposable
{
    private const int AnswerBytesMax = 1 << 20;
    private const byte SequenceTag = 0x30;

    private readonly TcpClient _socket;
    private Stream _stream;
    private int _id;

    private LdapSession(TcpClient socket) => (_socket, _stream) = (socket, socket.GetStream());

    /// <exception cref="IOException">The directory is away, or the way there is not safe: also
    /// <see cref="SocketException"/> and <see cref="System.Security.Authentication.AuthenticationException"/>.
    /// </exception>
    internal static async Task<LdapSession> OpenAsync(LdapAddress address, CancellationToken cancellationToken)
    {
        var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, cancellationToken);
            var session = new LdapSession(socket);
            if (address.Protection == LdapProtection.StartTls) await session.AskForTlsAsync(cancellationToken);
            if (address.Protection != LdapProtection.None)
                await session.SecureAsync(address.Host, cancellationToken);
            return session;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync(); // Closing is a way to say good-bye (RFC 4511, §5.3).
        _socket.Dispose();
    }

    /// <summary>Says one thing, and hears how it ended.</summary>
    /// <param name="request">Given the request's number.</param>
    internal async Task<LdapAnswer.Done> AskAsync(Func<int, byte[]> request, CancellationToken cancellationToken) =>
        (await ListAsync(request, cancellationToken)).Done;

    /// <summary>Asks for entries.</summary>
    internal async Task<(LdapAnswer.Done Done, IReadOnlyList<LdapAnswer.Entry> Entries)> ListAsync(
        Func<int, byte[]> request, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(request(++_id), cancellationToken);
        await _stream.FlushAsync(cancellationToken);
        var entries = new List<LdapAnswer.Entry>();
        while (true)
        {
            switch (LdapAnswer.Parse(await ReadAsync(cancellationToken), _id))
            {
                case LdapAnswer.Done done:
                    return (done, entries);
                case LdapAnswer.Entry entry:
                    entries.Add(entry);
                    break;
            }
        }
    }

    private async Task AskForTlsAsync(CancellationToken cancellationToken)
    {
        var answer = await AskAsync(LdapRequests.StartTls, cancellationToken);
        if (answer.Code != LdapCode.Success)
            throw new IOException($"it offers no TLS ({(int)answer.Code} {answer.Text})");
    }

    /// <summary>Checks the certificate as for HTTPS: by the system's authorities, and for this host.</summary>
    private async Task SecureAsync(string host, CancellationToken cancellationToken)
    {
        var secured = new SslStream(_stream);
        _stream = secured;
        await secured.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = host }, cancellationToken);
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        var head = new byte[6]; // A tag, a length of one octet, and up to four more.
        await _stream.ReadExactlyAsync(head.AsMemory(0, 2), cancellationToken);
        if (head[0] != SequenceTag) throw new IOException("it does not speak LDAP");
        var headBytes = 2;
        long length = head[1];
        if ((head[1] & 0x80) != 0)
        {
            var more = head[1] & 0x7F;
            if (more is 0 or > 4) throw new IOException("it does not speak LDAP");
            await _stream.ReadExactlyAsync(head.AsMemory(2, more), cancellationToken);
            Span<byte> padded = stackalloc byte[4];
            head.AsSpan(2, more).CopyTo(padded[(4 - more)..]);
            length = BinaryPrimitives.ReadUInt32BigEndian(padded);
            headBytes += more;
        }
        if (length > AnswerBytesMax) throw new IOException($"its answer is too long ({length} bytes)");
        var message = new byte[headBytes + length];
        head.AsSpan(0, headBytes).CopyTo(message);
        await _stream.ReadExactlyAsync(message.AsMemory(headBytes), cancellationToken);
        return message;
    }
}
