using Beffroi.Identity;
using Beffroi.Protocol;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Drift;

/// <summary>Takes in what devices found outside of their plans (docs/format/protocol.md §7.1).</summary>
internal static class FindingIntake
{
    /// <summary>Brings the findings of a device up to the list that it sent. What it no longer names is gone; the row
    /// stays, so that what comes back keeps its acknowledgement.</summary>
    internal static async Task NoteAsync(
        FleetDb db, DeviceId device, MemberId member, IReadOnlyList<UncoveredMessage> uncovered, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var known = await db.Findings.Where(row => row.DeviceId == device)
            .ToDictionaryAsync(row => row.Path, StringComparer.Ordinal, cancellationToken);
        foreach (var each in uncovered.Take(ProtocolConstants.UncoveredMax).DistinctBy(each => Text(each.Path)))
        {
            if (!known.Remove(Text(each.Path), out var row)) db.Findings.Add(row = New(device, member, each, now));
            (row.IsDatabase, row.Files, row.Bytes) = (IsDatabase(each), each.Files, each.Bytes);
            (row.LastSeenAt, row.GoneAt) = (now, null);
        }
        foreach (var gone in known.Values) gone.GoneAt ??= now;
    }

    private static Finding New(DeviceId device, MemberId member, UncoveredMessage each, DateTimeOffset now) => new()
    {
        DeviceId = device,
        MemberId = member,
        Path = Text(each.Path),
        IsDatabase = IsDatabase(each),
        Files = each.Files,
        Bytes = each.Bytes,
        FirstSeenAt = now,
        LastSeenAt = now,
    };

    private static bool IsDatabase(UncoveredMessage each) => each.Kind == "database";

    private static string Text(string path) => string.Concat(
        path.Take(Finding.PathCharactersMax).Select(character => char.IsControl(character) ? ' ' : character));
}
