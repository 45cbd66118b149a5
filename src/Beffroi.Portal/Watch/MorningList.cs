using Beffroi.Fleet.Watch;
using Beffroi.Identity;

namespace Beffroi.Portal.Watch;

/// <summary>The order of the morning's work, the same on the board and in the mail.</summary>
internal static class MorningList
{
    /// <summary>What is wanted, the members that are worst off first, and theirs together, the worst first.</summary>
    internal static IReadOnlyList<WatchedDevice> Of(
        IEnumerable<WatchedDevice> devices, IReadOnlyDictionary<MemberId, string> names, WatchFilter filter) =>
    [
        .. devices.Where(device => filter.Wants(device, NameOf(device.Member, names)))
            .GroupBy(device => device.Member)
            .OrderByDescending(group => group.Max(device => device.OpenState))
            .ThenByDescending(group => group.Count(device => device.OpenState == WatchState.Action))
            .ThenBy(group => NameOf(group.Key, names), StringComparer.Ordinal)
            .SelectMany(group => group.OrderByDescending(device => device.OpenState)
                .ThenBy(device => device.Name, StringComparer.Ordinal)),
    ];

    /// <summary>The name of a member; nothing of one that was removed meanwhile.</summary>
    internal static string NameOf(MemberId member, IReadOnlyDictionary<MemberId, string> names) =>
        names.GetValueOrDefault(member, "");
}
