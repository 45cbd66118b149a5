using System.Text.Json;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Journal;

/// <summary>An entry of the journal as the operator reads it.</summary>
public sealed record JournalLine(
    long Number, DateTimeOffset At, string Actor, string Act, VaultId? Vault,
    IReadOnlyDictionary<string, string> Detail);

/// <summary>What the journal says.</summary>
/// <param name="Lines">The newest entries, newest first.</param>
/// <param name="FirstBroken">Number of the first entry that was changed or taken out; none while all are as they were
/// written.</param>
public sealed record JournalReport(IReadOnlyList<JournalLine> Lines, long? FirstBroken);

/// <summary>Reads the journal of privileged acts, and verifies all of it.</summary>
public sealed class JournalReader
{
    private readonly IDbContextFactory<FleetDb> _contexts;

    internal JournalReader(IDbContextFactory<FleetDb> contexts) => _contexts = contexts;

    /// <summary>The newest entries.</summary>
    /// <param name="countMax">How many.</param>
    /// <param name="act">Only entries of this kind, such as <c>root-keys-refused</c>; all if not given.</param>
    public async Task<JournalReport> ReadAsync(int countMax, string? act, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var rows = await db.Journal.AsNoTracking().Where(row => act == null || row.Act == act)
            .OrderByDescending(row => row.Id).Take(countMax).ToListAsync(cancellationToken);
        return new JournalReport([.. rows.Select(LineOf)], await ActJournal.FindBrokenAsync(db, cancellationToken));
    }

    private static JournalLine LineOf(JournalEntry row)
    {
        using var detail = JsonDocument.Parse(row.Detail);
        return new JournalLine(
            row.Id, row.At, row.Actor, row.Act, row.VaultId,
            detail.RootElement.EnumerateObject().ToDictionary(each => each.Name, each => each.Value.ToString()));
    }
}
