using Beffroi.Fleet.Browse;
using Beffroi.Fleet.Orders;
using Microsoft.AspNetCore.Components;

namespace Beffroi.Portal.Restore;

/// <summary>A page about what somebody ticked in a version.</summary>
public abstract class ChosenPage : RestorePage
{
    [Inject]
    internal SnapshotBrowser Browser { get; set; } = default!; // Set by the framework before anything else.

    [Inject]
    internal OrderDesk Orders { get; set; } = default!; // Likewise.

    internal IReadOnlyList<EntryId> Entries { get; private set; } = [];

    /// <summary>Present with <see cref="Totals"/>, unless nothing was ticked or the backup was not read.</summary>
    protected SelectionNames? Names { get; private set; }

    /// <summary>How much it is.</summary>
    protected SelectionTotals? Totals { get; private set; }

    /// <summary>Of the site, where restores measured it.</summary>
    protected LineSpeed? Speed { get; private set; }

    /// <summary>For links to other pages about the same.</summary>
    protected string Query => SelectionQuery.Write(Entries);

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        if (!await FindVersionAsync()) return;

        Entries = SelectionQuery.Read(Http.Request.Query);
        if (Entries.Count == 0) return;

        var names = Take(await Browser.NameAsync(Caller, Snapshot.Id, Entries, Leaving));
        if (names is null) return;

        Totals = Take(await Browser.CountAsync(Caller, Snapshot.Id, Entries, Leaving));
        Speed = MeasuredSpeed.Of(await Orders.OfDeviceAsync(Caller, Source!.Id, Leaving)); // Found above.
        Names = names;
    }
}
