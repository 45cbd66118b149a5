using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Beffroi.Agent.Daemon;

/// <summary>Tells systemd how the daemon is (sd_notify). Does nothing where nobody listens.</summary>
/// <param name="address">NOTIFY_SOCKET: a path, or a name that begins with <c>@</c>.</param>
/// <param name="watchdogMicroseconds">WATCHDOG_USEC.</param>
internal sealed class ServiceNotice(string? address, string? watchdogMicroseconds)
{
    /// <summary>As the environment of this process says.</summary>
    internal static ServiceNotice OfProcess() => new(
        Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), Environment.GetEnvironmentVariable("WATCHDOG_USEC"));

    /// <summary>How often a sign of life is wanted at least: twice as often as systemd would lose patience.</summary>
    internal TimeSpan? SignOfLifeEvery { get; } =
        long.TryParse(watchdogMicroseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds / 2.0) : null;

    internal void Ready() => Send("READY=1");

    internal void Stopping() => Send("STOPPING=1");

    internal void Alive() => Send("WATCHDOG=1");

    /// <summary>A line for 'systemctl status'.</summary>
    internal void Status(string line) => Send($"STATUS={line.ReplaceLineEndings(" ")}");

    private void Send(string message)
    {
        if (string.IsNullOrEmpty(address)) return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            var name = address[0] == '@' ? '\0' + address[1..] : address; // Linux's abstract names.
            socket.SendTo(Encoding.UTF8.GetBytes(message), new UnixDomainSocketEndPoint(name));
        }
        catch (SocketException)
        {
            // Who does not listen does not need to know; the watchdog, if there is one, will say so by itself.
        }
    }
}
