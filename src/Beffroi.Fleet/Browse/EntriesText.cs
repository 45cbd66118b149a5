using System.Globalization;

namespace Beffroi.Fleet.Browse;

/// <summary>A selection in the journal.</summary>
internal static class EntriesText
{
    private const int NamedMax = 20;

    /// <summary>The numbers of the first entries, and how many more there are.</summary>
    internal static string Of(IReadOnlyList<EntryId> entries)
    {
        var named = string.Join(' ', entries.Take(NamedMax));
        return entries.Count <= NamedMax
            ? named
            : string.Create(CultureInfo.InvariantCulture, $"{named} and {entries.Count - NamedMax} more");
    }
}
