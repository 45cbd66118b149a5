using System.Globalization;
using Beffroi.Fleet.Browse;
using Beffroi.Portal.Layout;
using Beffroi.Vault;
using Microsoft.AspNetCore.Components;

namespace Beffroi.Portal.Restore;

/// <summary>A page about one version of one device, below <c>/restaurer/{poste}/{version}</c>.</summary>
public abstract class RestorePage : PortalPage
{
    /// <summary>The device.</summary>
    [Parameter]
    public Guid Device { get; set; }

    /// <summary>The version's number among the device's.</summary>
    [Parameter]
    public long Version { get; set; }

    [Inject]
    internal RestoreSources Sources { get; set; } = default!; // Set by the framework before anything else.

    [Inject]
    internal NavigationManager Navigation { get; set; } = default!; // Likewise.

    /// <summary>The device; none if the caller sees no such one.</summary>
    protected RestoreSource? Source { get; private set; }

    /// <summary>The version; present when <see cref="FindVersionAsync"/> said so.</summary>
    protected SnapshotLine Snapshot { get; private set; } = default!;

    /// <summary>Why the backup was not read; none while all is well.</summary>
    protected ReadingOutcome? Refusal { get; private set; }

    /// <summary>Address of the version.</summary>
    protected string Root => string.Create(CultureInfo.InvariantCulture, $"/restaurer/{Device}/{Version}");

    /// <summary>Looks for device and version; where one is not, the answer is the page for what is not there.</summary>
    protected async Task<bool> FindVersionAsync()
    {
        var device = new DeviceId(Device);
        var source = await Sources.FindAsync(Caller, device, Leaving);
        var snapshot = source is null ? null : await Sources.FindSnapshotAsync(Caller, device, Version, Leaving);
        if (snapshot is null)
        {
            Navigation.NotFound();
            return false;
        }
        (Source, Snapshot) = (source, snapshot); // Both at once: a page may be drawn between two awaits.
        return true;
    }

    /// <summary>The value of a reading, or none and why.</summary>
    protected T? Take<T>(Reading<T> reading)
        where T : class
    {
        if (reading.Value is not null) return reading.Value;

        if (reading.Outcome == ReadingOutcome.NotFound) Navigation.NotFound();
        else Refusal = reading.Outcome;
        return null;
    }
}
