using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Backup;

/// <summary>Which files are read although they look unchanged: a thirtieth for each day, so that a time that lies, or a
/// disk that forgets, is not believed for ever.</summary>
/// <remarks>The slices follow the calendar, so nothing needs to be remembered but the day of the last backup; a second
/// backup of a day reads nothing again. The default value takes none.</remarks>
/// <param name="Last">The newest slice of this run.</param>
/// <param name="Count">How many slices, counted back from it.</param>
internal readonly record struct RereadRule(uint Last, uint Count)
{
    private const uint Slices = 30;

    // A computer that was off for weeks must not pay for all of them at once; a weekend is made up for.
    private const uint SlicesPerRunMax = 3;

    /// <summary>The slices of the days since the last backup that completed.</summary>
    internal static RereadRule Since(DateTimeOffset? lastCompleted, DateTimeOffset now)
    {
        if (lastCompleted is not { } last) return default;
        var days = DayOf(now) - DayOf(last); // Below 0 after a clock was set back.
        return new RereadRule((uint)(DayOf(now) % Slices), (uint)Math.Clamp(days, 0, SlicesPerRunMax));
    }

    internal bool IsDue(EntryPath path, long bytes)
    {
        if (Count == 0) return false;
        // Small files are due with their whole folder: they share records with their neighbours, and read together they
        // give the records that are stored already.
        var key = bytes < FileReader.BundledBytesMax ? path.Parent : path;
        var slice = BundleRule.Hash(key.Bytes.Span) % Slices;
        return (Last + Slices - slice) % Slices < Count;
    }

    private static long DayOf(DateTimeOffset time) => time.UtcTicks / TimeSpan.TicksPerDay;
}
