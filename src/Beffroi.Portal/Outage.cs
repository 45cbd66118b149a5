using System.Data.Common;
using System.Net.Sockets;

namespace Beffroi.Portal;

/// <summary>Tells a database that is away for a moment from a fault of the program.</summary>
internal static class Outage
{
    // 57P01 to 57P03: it shuts down, has crashed, or cannot answer yet. 53300: too many connections.
    private static readonly string[] Passing = ["57P01", "57P02", "57P03", "53300"];

    /// <summary>Whether an outage stands anywhere in the chain of causes.</summary>
    internal static bool Explains(Exception exception) => exception switch
    {
        DbException { IsTransient: true } or SocketException or TimeoutException => true,
        DbException { SqlState: { } state } when Passing.Contains(state) => true,
        { InnerException: { } inner } => Explains(inner),
        _ => false,
    };
}
