using Beffroi.Fleet.Orders;

namespace Beffroi.Portal.Restore;

/// <summary>What the form of a restore to a device says.</summary>
public sealed class SendBackWish
{
    public RestoreTarget Target { get; set; }
    public string? Folder { get; set; }
    public RestoreConflict Conflict { get; set; }
}
