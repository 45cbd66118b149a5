using Beffroi.Vault;
using Beffroi.Vault.Stores;
using Npgsql;

namespace Beffroi.Server.Web;

/// <summary>Answers to a load balancer or a supervisor: is the process alive, and can it serve?</summary>
internal static partial class HealthRoutes
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Never stored: the answer "no such blob" is enough.
    private static readonly BlobName Probe = new("readiness-probe");

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Text("live\n"));
        routes.MapGet("/health/ready", AnswerReadyAsync);
    }

    private static async Task<IResult> AnswerReadyAsync(
        NpgsqlDataSource database, IBlobStore blobs, ILogger<WebApplication> logger,
        CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(
            TryAsync("database", token => QueryAsync(database, token), logger, cancellationToken),
            TryAsync(
                "blob store", token => blobs.GetLengthAsync(Probe, token).AsTask(), logger, cancellationToken));
        string[] failures = [.. answers.OfType<string>()];

        return failures.Length == 0
            ? Results.Text("ready\n")
            : Results.Text(
                $"not ready: {string.Join(", ", failures)}\n", statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>What is wrong with a part; nothing if it answers. Each has its own time: one that hangs must not make
    /// the other look ill.</summary>
    private static async Task<string?> TryAsync(
        string part, Func<CancellationToken, Task> demand, ILogger logger, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Patience);
        try
        {
            // A disk that hangs hears no cancellation; whoever asks shall have an answer nevertheless.
            await demand(bounded.Token).WaitAsync(bounded.Token);
            return null;
        }
        catch (Exception exception) when (exception is NpgsqlException or VaultException or OperationCanceledException)
        {
            LogNotReady(logger, exception, part);
            // The reason stays in the log: this page is open to everyone.
            return exception is VaultException known ? $"{part} ({known.CodeText})" : part;
        }
    }

    [LoggerMessage(1002, LogLevel.Warning, "Not ready: the {Part} does not answer as it should")]
    private static partial void LogNotReady(ILogger logger, Exception exception, string part);

    private static async Task QueryAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select 1");
        await command.ExecuteScalarAsync(cancellationToken);
    }
}
