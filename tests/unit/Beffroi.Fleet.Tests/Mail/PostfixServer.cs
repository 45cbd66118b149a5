using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Beffroi.Fleet.Tests.Mail;

/// <summary>A real Postfix on a port of its own, with one mailbox. It has to be installed, and only root can start
/// it.</summary>
internal sealed class PostfixServer : IAsyncDisposable
{
    internal const string Mailbox = "jeanne@arvigny.example";
    internal const string NoMailbox = "personne@arvigny.example";

    private const string Programs = "/usr/sbin";
    private const string Daemons = "/usr/lib/postfix/sbin";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _root = Directory.CreateTempSubdirectory("beffroi-postfix-").FullName;

    private PostfixServer(int port) => Port = port;

    internal int Port { get; }

    /// <summary>Why it cannot run here; none if it can.</summary>
    internal static string? Obstacle =>
        !File.Exists(Path.Combine(Programs, "postfix")) ? "Postfix is not installed."
        : !Environment.IsPrivilegedProcess ? "Only root can start Postfix."
        : null;

    /// <param name="port">A port that was found free before; none for any.</param>
    internal static async Task<PostfixServer> StartAsync(int? port = null)
    {
        var server = new PostfixServer(port ?? FreePort());
        await server.WriteConfigurationAsync();
        await RunAsync(Path.Combine(Programs, "postfix"), "-c", server.Settings, "start");
        return server;
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The mails in the mailbox, once there are as many as expected.</summary>
    internal async Task<IReadOnlyList<string>> WaitForMailsAsync(int count)
    {
        var folder = Path.Combine(_root, "mail", "jeanne", "new");
        var begun = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (TimeProvider.System.GetElapsedTime(begun) < Patience)
        {
            if (Directory.Exists(folder) && Directory.GetFiles(folder) is { } files && files.Length >= count)
                return [.. files.Select(File.ReadAllText)];
            await timer.WaitForNextTickAsync();
        }
        throw new TimeoutException($"Postfix delivered fewer than {count} mails to {folder}.");
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync(Path.Combine(Programs, "postfix"), "-c", Settings, "stop");
        Directory.Delete(_root, recursive: true);
    }

    private string Settings => Path.Combine(_root, "etc");

    private async Task WriteConfigurationAsync()
    {
        await RunAsync("chmod", "755", _root); // Its parts run as another account.
        foreach (var folder in new[] { "etc", "queue", "data", "mail" })
            Directory.CreateDirectory(Path.Combine(_root, folder));
        await RunAsync("chown", "postfix", Path.Combine(_root, "data"), Path.Combine(_root, "mail"));
        var (user, group) = (await RunAsync("id", "-u", "postfix"), await RunAsync("id", "-g", "postfix"));
        await File.WriteAllTextAsync(Path.Combine(Settings, "main.cf"), $$"""
            compatibility_level = 3.6
            queue_directory = {{_root}}/queue
            data_directory = {{_root}}/data
            command_directory = {{Programs}}
            daemon_directory = {{Daemons}}
            mail_owner = postfix
            setgid_group = postdrop
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            myhostname = mail.example
            mydestination =
            mynetworks = 127.0.0.0/8
            maillog_file = /dev/stdout
            virtual_mailbox_domains = arvigny.example
            virtual_mailbox_base = {{_root}}/mail
            virtual_mailbox_maps = inline:{{{Mailbox}}=jeanne/}
            virtual_uid_maps = static:{{user}}
            virtual_gid_maps = static:{{group}}
            virtual_minimum_uid = 1
            local_recipient_maps =
            alias_maps =
            alias_database =
            smtpd_recipient_restrictions = permit_mynetworks, reject_unlisted_recipient, reject
            default_transport = error:no mail leaves this test

            """);
        var services = Path.Combine(Settings, "master.cf");
        await File.WriteAllTextAsync(services, string.Create(CultureInfo.InvariantCulture, $"""
            127.0.0.1:{Port} inet n - n - - smtpd
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            error unix - - n - - error
            virtual unix - n n - - virtual
            anvil unix - - n - 1 anvil
            postlog unix-dgram n - n - 1 postlogd

            """));
    }

    /// <summary>Output goes to files: the mail system outlives the command that starts it, and keeps pipes
    /// open.</summary>
    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var output = Path.GetTempFileName();
        try
        {
            using var process = Process.Start(
                "/bin/sh", ["-c", "\"$@\" >\"$0\" 2>&1", output, program, .. arguments]);
            await process.WaitForExitAsync().WaitAsync(Patience);
            var said = (await File.ReadAllTextAsync(output)).Trim();
            return process.ExitCode == 0 ? said : throw new InvalidOperationException($"{program}: {said}");
        }
        finally
        {
            File.Delete(output);
        }
    }
}
