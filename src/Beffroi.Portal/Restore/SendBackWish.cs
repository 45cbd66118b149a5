using Beffroi.Fleet.Orders;

namespace Beffroi.Portal.Restore;

/// <summary>What the form of a restore to a device says.</summary>
public sealed class SendBackWish
{
    /// <summary>Which device; none: the one that had the files.</summary>
    public Guid? Device { get; set; }

    public RestoreTarget Target { get; set; }
    public string? Folder { get; set; }
    public RestoreConflict Conflict { get; set; }
}
