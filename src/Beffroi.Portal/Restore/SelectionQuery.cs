using Beffroi.Fleet.Browse;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Portal.Restore;

/// <summary>What somebody ticked, in an address: <c>?e=12&amp;e=40</c>, or <c>?e=top</c> for everything.</summary>
internal static class SelectionQuery
{
    private const string Name = "e";

    internal static IReadOnlyList<EntryId> Read(IQueryCollection query)
    {
        var entries = new List<EntryId>();
        foreach (var text in query[Name])
        {
            if (EntryId.TryParse(text, out var entry)) entries.Add(entry);
        }
        return entries;
    }

    internal static string Write(IEnumerable<EntryId> entries) =>
        string.Join('&', entries.Select(entry => $"{Name}={entry}"));
}
