using System.Data.Common;

namespace Beffroi.Intake.Failures;

/// <summary>Tells a database or a disk that does not answer now from a defect of the server.</summary>
internal static class Outage
{
    // Beside what the driver itself calls transient. A server of PostgreSQL that is stopped, restarted or changed for
    // its twin ends sessions, transactions and statements in these ways; so does an administrator.
    private static readonly HashSet<string> Ends =
    [
        "25006", // read_only_sql_transaction: the twin has not taken over yet
        "25P03", // idle_in_transaction_session_timeout
        "40P01", // deadlock_detected
        "57014", // query_canceled
        "57P01", // admin_shutdown
        "57P02", // crash_shutdown
    ];

    /// <summary>Whether an outage stands anywhere in the chain of causes: the modules' frameworks wrap it once or
    /// more.</summary>
    internal static bool Explains(Exception exception) => exception switch
    {
        DbException { IsTransient: true } or IOException or TimeoutException => true,
        DbException { SqlState: { } state } when Ends.Contains(state) => true,
        AggregateException several => several.InnerExceptions.Any(Explains),
        { InnerException: { } inner } => Explains(inner),
        _ => false,
    };
}
