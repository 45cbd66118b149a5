namespace Beffroi.Agent.Configuration;

/// <summary>The limit of the upload, in the unit in which lines are sold.</summary>
internal static class UploadLimit
{
    // A line of 100 Gbit/s is beyond any office; below 10 kbit/s no upload would ever end.
    private const double MegabitsMin = 0.01;
    private const double MegabitsMax = 100_000;

    /// <summary>For a message: which limits there are.</summary>
    internal static string Range { get; } = FormattableString.Invariant($"from {MegabitsMin} to {MegabitsMax}");

    internal static bool IsValid(double megabits) => megabits is >= MegabitsMin and <= MegabitsMax;

    internal static long? BytesPerSecond(double? megabits) => (long?)(megabits * 1_000_000 / 8);
}
