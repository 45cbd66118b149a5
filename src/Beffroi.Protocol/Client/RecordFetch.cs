using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Operations;

namespace Beffroi.Protocol.Client;

/// <summary>One request for records that survives broken connections: it asks again for what has not come.</summary>
/// <param name="retry">Patience; it starts anew with each record that comes.</param>
/// <param name="open">Sends the request.</param>
/// <param name="connection">Whose answers are read.</param>
/// <param name="pool">Where buffers come from.</param>
/// <param name="address">Where records are asked for.</param>
/// <param name="ids">Different ids.</param>
internal sealed class RecordFetch(
    RetryPolicy retry, Func<ServerCall, CancellationToken, ValueTask<ServerAnswer>> open, ServerConnection connection,
    BufferPool pool, string address, IEnumerable<RecordId> ids) : IDisposable
{
    private readonly HashSet<RecordId> _outstanding = [.. ids];
    private RecordStream? _stream;

    internal bool IsComplete => _outstanding.Count == 0;

    internal ValueTask<FetchedRecord> ReadAsync(CancellationToken cancellationToken) =>
        retry.RunAsync(AttemptAsync, cancellationToken);

    /// <summary>Ends the answer after its last record.</summary>
    internal async ValueTask EndAsync()
    {
        try
        {
            if (_stream is not null) await _stream.EndAsync().ConfigureAwait(false);
        }
        catch (VaultException exception) when (exception.IsRetryable)
        {
            // Everything has come: a connection that breaks now takes nothing with it.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream?.Dispose();

    private async ValueTask<FetchedRecord> AttemptAsync(CancellationToken cancellationToken)
    {
        try
        {
            _stream ??= await OpenAsync(cancellationToken).ConfigureAwait(false);
            return await _stream.ReadAsync().ConfigureAwait(false);
        }
        catch (VaultException exception) when (exception.IsRetryable)
        {
            _stream?.Dispose();
            _stream = null;
            throw;
        }
    }

    private async ValueTask<RecordStream> OpenAsync(CancellationToken cancellationToken)
    {
        var call = ServerCall.PostBytes(address, RecordIds.Write(_outstanding)) with { IsBulk = true };
        var answer = await open(call, cancellationToken).ConfigureAwait(false);
        try
        {
            answer.Expect(ServerCall.Binary);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
        return new RecordStream(connection, answer, pool, _outstanding);
    }
}
