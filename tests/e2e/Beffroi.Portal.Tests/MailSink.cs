using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Beffroi.Portal.Tests;

/// <summary>A mail that arrived.</summary>
internal sealed record SunkMail(string To, string Text);

/// <summary>Stands in for a mail server: says yes to everything and keeps it. The transport itself is tested against a
/// real Postfix (SmtpTransportTests); here tests only want to read what people are told.</summary>
internal sealed partial class MailSink : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // The job looks every ten seconds.

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<SunkMail> _mails = new();

    internal MailSink()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The newest mail to an address whose text contains something; waits for it.</summary>
    internal async Task<string> WaitAsync(string to, string contains)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var begun = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begun) < Patience)
        {
            var found = _mails.LastOrDefault(mail =>
                mail.To == to && mail.Text.Contains(contains, StringComparison.Ordinal));
            if (found is not null) return found.Text;
            await timer.WaitForNextTickAsync();
        }
        throw new TimeoutException(
            $"No mail to {to} with '{contains}' came; these did: {string.Join("\n---\n", _mails)}");
    }

    /// <summary>The path of the link in a mail, as it goes behind the portal's address.</summary>
    internal async Task<string> WaitForLinkAsync(string to, string path) =>
        new Uri(Link().Match(await WaitAsync(to, path + "?lien=")).Value).PathAndQuery;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return; // The tests are over.
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var owned = client;
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        await using var writer = new StreamWriter(client.GetStream(), Encoding.Latin1)
        {
            NewLine = "\r\n",
            AutoFlush = true,
        };
        await writer.WriteLineAsync("220 sink");
        var to = "";
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("RCPT TO:<", StringComparison.OrdinalIgnoreCase))
                to = line[9..line.IndexOf('>', StringComparison.Ordinal)];
            if (line.StartsWith("DATA", StringComparison.OrdinalIgnoreCase))
            {
                await writer.WriteLineAsync("354 go on");
                var text = new StringBuilder();
                while (await reader.ReadLineAsync() is { } part && part != ".") text.Append(part).Append('\n');
                _mails.Enqueue(new SunkMail(to, Decode(text.ToString())));
            }
            await writer.WriteLineAsync(
                line.StartsWith("QUIT", StringComparison.OrdinalIgnoreCase) ? "221 bye" : "250 ok");
        }
    }

    private static string Decode(string mail)
    {
        var end = mail.IndexOf("\n\n", StringComparison.Ordinal);
        var (head, body) = (mail[..end], mail[(end + 2)..]);
        if (head.Contains("base64", StringComparison.OrdinalIgnoreCase))
            return Encoding.UTF8.GetString(Convert.FromBase64String(body.Replace("\n", "", StringComparison.Ordinal)));

        var joined = body.Replace("=\n", "", StringComparison.Ordinal);
        var bytes = QuotedByte().Replace(joined, match => ((char)Convert.ToByte(match.Groups[1].Value, 16)).ToString());
        return Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(bytes));
    }

    [GeneratedRegex("=([0-9A-F]{2})", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex QuotedByte();

    [GeneratedRegex(@"http\S+\?lien=\S+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
