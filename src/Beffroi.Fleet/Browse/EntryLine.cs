using Beffroi.Vault.Catalogue;

namespace Beffroi.Fleet.Browse;

/// <summary>An entry as a list shows it.</summary>
/// <param name="Name">Last part of its path, as a person reads it.</param>
/// <param name="IsNameExact">Whether the name is shown as it is; else parts of it are escaped.</param>
/// <param name="Bytes">Length of a file.</param>
/// <param name="LinkTarget">Where a symbolic link leads, as a person reads it.</param>
public sealed record EntryLine(
    EntryId Id, string Name, bool IsNameExact, EntryKind Kind, long Bytes, DateTimeOffset Modified, string? LinkTarget)
{
    private const long NanosecondsPerTick = 100;

    internal static EntryLine Of(long number, Entry entry)
    {
        var name = EntryName.Show(entry.Path.Name.Span, out var isExact);
        var target = entry.Kind == EntryKind.SymbolicLink ? EntryName.Show(entry.LinkTarget.Span, out _) : null;
        return new EntryLine(
            new EntryId(number), name, isExact, entry.Kind, entry.Bytes, TimeOf(entry), target);
    }

    internal static DateTimeOffset TimeOf(Entry entry) =>
        DateTimeOffset.UnixEpoch.AddTicks(entry.ModifiedNs / NanosecondsPerTick);
}
