namespace Beffroi.Identity.Oidc.Keys;

/// <summary>When a key of one algorithm signs, is published, and is followed by the next. Of each algorithm, the times
/// from which its keys sign, in order.</summary>
internal static class KeyCalendar
{
    /// <summary>A new key is published so long before it signs: services keep the list of keys for hours, often a
    /// day.</summary>
    internal static readonly TimeSpan Announced = TimeSpan.FromDays(2);

    internal static readonly TimeSpan Signs = TimeSpan.FromDays(90);

    /// <summary>A key that signs no more is published so long: the last tokens it signed must stay good, and name a
    /// session at sign-out.</summary>
    internal static readonly TimeSpan Remembered = TimeSpan.FromDays(7);

    /// <summary>From when on a new key should sign; none if none is wanted now.</summary>
    internal static DateTimeOffset? NextFrom(IReadOnlyList<DateTimeOffset> signsFrom, DateTimeOffset now)
    {
        if (signsFrom.Count == 0) return now;
        var end = signsFrom[^1] + Signs;
        if (now < end - Announced) return null;
        return end > now + Announced ? end : now + Announced; // Late, where no server ran for months.
    }

    /// <summary>Which of the keys signs now; -1 if none does.</summary>
    internal static int SigningNow(IReadOnlyList<DateTimeOffset> signsFrom, DateTimeOffset now)
    {
        var at = signsFrom.Count - 1;
        while (at >= 0 && signsFrom[at] > now) at--;
        return at;
    }

    /// <summary>Whether a key is in the list that services read.</summary>
    internal static bool IsPublished(IReadOnlyList<DateTimeOffset> signsFrom, int key, DateTimeOffset now) =>
        key == signsFrom.Count - 1 || now < signsFrom[key + 1] + Remembered;
}
