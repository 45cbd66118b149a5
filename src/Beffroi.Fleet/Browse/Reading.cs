namespace Beffroi.Fleet.Browse;

/// <summary>How somebody's wish to read a backup ended.</summary>
public enum ReadingOutcome
{
    /// <summary>It was read.</summary>
    Done,

    /// <summary>There is no such device, snapshot or entry among those that the caller may see.</summary>
    NotFound,

    /// <summary>The caller works for the operator or as a provider, and has no consent of the member that holds
    /// now.</summary>
    ConsentNeeded,

    /// <summary>The snapshot is not sealed to the key service: only the member's recovery kit opens it.</summary>
    KitOnly,

    /// <summary>The part of the backup that was asked for is damaged.</summary>
    Damaged,
}

/// <summary>What was read, or why not.</summary>
/// <param name="Value">Present when <see cref="ReadingOutcome.Done"/>.</param>
public sealed record Reading<T>(ReadingOutcome Outcome, T? Value)
    where T : class
{
    internal static Reading<T> Of(T value) => new(ReadingOutcome.Done, value);

    internal static Reading<T> Refused(ReadingOutcome outcome) => new(outcome, null);

    /// <summary>The value, or not found when there is none.</summary>
    internal static Reading<T> OrNotFound(T? value) => value is null ? Refused(ReadingOutcome.NotFound) : Of(value);
}
