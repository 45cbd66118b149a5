namespace Beffroi.Vault.Stores;

/// <summary>How often, and how soon, <see cref="RetryingBlobStore"/> tries again.</summary>
/// <remarks>The defaults spread six attempts over about 12 seconds: longer than a store's node takes to be replaced
/// behind its load balancer, shorter than the time after which an HTTP client of ours gives its own call up.</remarks>
public sealed record RetryLimits
{
    /// <summary>Attempts in all, the first one included.</summary>
    public int AttemptsMax { get; init; } = 6;

    /// <summary>Upper bound of the wait before the second attempt; it doubles with each further one.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Upper bound of any wait.</summary>
    public TimeSpan DelayMax { get; init; } = TimeSpan.FromSeconds(8);
}
