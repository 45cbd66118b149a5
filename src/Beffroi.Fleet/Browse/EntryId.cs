using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Beffroi.Fleet.Browse;

/// <summary>Names an entry within its snapshot, in addresses and forms: its number, which says nothing of its
/// path.</summary>
public readonly record struct EntryId(long Number)
{
    private const string TopText = "top";

    /// <summary>The top of every snapshot, above all entries.</summary>
    public static EntryId Top { get; } = new(-1);

    /// <summary>Whether it is the top.</summary>
    public bool IsTop => Number < 0;

    /// <summary>Reads an id that <see cref="ToString"/> wrote.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EntryId id)
    {
        id = Top;
        if (text == TopText) return true;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        id = new EntryId(number);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => IsTop ? TopText : Number.ToString(CultureInfo.InvariantCulture);
}
