namespace Beffroi.Fleet.Presence;

/// <summary>Tells one computer that restarts from two that share an identity.</summary>
internal static class CloneRule
{
    /// <summary>Whether the life that speaks now was followed by another one already. A daemon that was restarted never
    /// speaks again, nor does a disk that was replaced; only a second computer lets both go on.</summary>
    /// <param name="now">The one that speaks; its row as it was before.</param>
    /// <param name="others">Every other life of the device that is remembered.</param>
    /// <returns>The ones that came in between; none when all is well.</returns>
    internal static IReadOnlyList<Installation> FindRivals(Installation now, IEnumerable<Installation> others) =>
        [.. others.Where(other => other.LastSeenAt > now.LastSeenAt)];
}
