namespace Beffroi.Protocol.Client;

/// <summary>Cancels an exchange in which nothing moves. It runs while a read or a write does, and rests while this side
/// is the one that is slow.</summary>
internal sealed class IdleWatch : IDisposable
{
    private readonly TimeSpan _timeout;
    private readonly CancellationTokenSource _idle;
    private readonly CancellationTokenSource _either;

    internal IdleWatch(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        _timeout = timeout;
        _idle = new CancellationTokenSource(timeout, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_idle.Token, cancellationToken);
        Caller = cancellationToken;
        Token = _either.Token;
    }

    /// <summary>The caller's own wish to stop.</summary>
    internal CancellationToken Caller { get; }

    /// <summary>Either of them.</summary>
    internal CancellationToken Token { get; }

    internal bool HasExpired => _idle.IsCancellationRequested;

    /// <summary>Something moved: starts counting from zero.</summary>
    internal void Progress() => _idle.CancelAfter(_timeout);

    internal void Pause() => _idle.CancelAfter(Timeout.InfiniteTimeSpan);

    /// <summary>Stops watching. The inner source is left to the collector: over HTTP/2 the platform may still be
    /// writing a request that was answered early, and reports progress to it.</summary>
    public void Dispose()
    {
        Pause();
        _either.Dispose();
    }
}
