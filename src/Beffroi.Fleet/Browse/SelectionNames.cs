using System.Diagnostics.CodeAnalysis;
using System.Text;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Fleet.Browse;

/// <summary>What a selection is called.</summary>
/// <param name="Shown">The outermost paths as a person reads them; empty when everything is selected.</param>
/// <param name="Orderable">The same as an order to a device writes them, empty for everything; none when a name among
/// them cannot be written so, and only its folder or a download brings it back.</param>
public sealed record SelectionNames(IReadOnlyList<string> Shown, IReadOnlyList<string>? Orderable)
{
    internal static SelectionNames Of(Selection selection)
    {
        if (selection.Tops.Any(top => top.IsEmpty)) return new SelectionNames([], []);

        var orderable = new List<string>(selection.Tops.Count);
        foreach (var top in selection.Tops)
        {
            if (TryWrite(top, out var path)) orderable.Add(path);
        }
        return new SelectionNames(
            [.. selection.Tops.Select(EntryName.ShowPath)],
            orderable.Count == selection.Tops.Count ? orderable : null);
    }

    // Text is what an order carries. A name that is no UTF-8, or has control characters, would come back another one.
    private static bool TryWrite(EntryPath path, [NotNullWhen(true)] out string? text)
    {
        text = null;
        var names = path.Bytes.Span;
        foreach (var part in names.Split((byte)0))
        {
            EntryName.Show(names[part], out var isExact);
            if (!isExact) return false;
        }
        text = "/" + Encoding.UTF8.GetString(names).Replace('\0', '/');
        return true;
    }
}
