using Beffroi.Fleet.Watch;

namespace Beffroi.Portal.Watch;

/// <summary>Which devices of the board are wanted; the address has it, so that a page can be kept or sent.</summary>
/// <param name="Least">Only devices at least this badly off.</param>
/// <param name="Find">A part of a device's or member's name.</param>
/// <param name="WithAcknowledged">Whether what may wait is shown with the rest.</param>
internal sealed record WatchFilter(WatchState Least, string Find, bool WithAcknowledged)
{
    internal static WatchFilter Of(string? state, string? find, bool withAcknowledged) => new(
        state switch { "tous" => WatchState.Good, "traiter" => WatchState.Action, _ => WatchState.Attention },
        find?.Trim() ?? "", withAcknowledged);

    internal bool Wants(WatchedDevice device, string member) =>
        (WithAcknowledged ? device.State : device.OpenState) >= Least
        && (Find.Length == 0
            || device.Name.Contains(Find, StringComparison.OrdinalIgnoreCase)
            || member.Contains(Find, StringComparison.OrdinalIgnoreCase));
}
