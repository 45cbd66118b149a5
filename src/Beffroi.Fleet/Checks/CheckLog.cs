using System.Globalization;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Checks;

/// <summary>That a check was made.</summary>
/// <param name="ReadData">Whether every stored byte was read.</param>
/// <param name="Damages">How many records, packs and snapshots were not sound.</param>
public sealed record CheckNote(DateTimeOffset At, bool ReadData, bool IsSound, long Damages, long Packs, long Bytes);

/// <summary>Remembers when the vaults were last checked, as entries of the journal: nobody can claim a check that was
/// not made.</summary>
public sealed class CheckLog
{
    private const string Act = "vaults-checked";

    private readonly IDbContextFactory<FleetDb> _contexts;
    private readonly ActJournal _journal;
    private readonly JournalReader _reader;

    internal CheckLog(IDbContextFactory<FleetDb> contexts, ActJournal journal, JournalReader reader) =>
        (_contexts, _journal, _reader) = (contexts, journal, reader);

    /// <summary>Writes down what a check found.</summary>
    public async Task NoteAsync(
        Caller caller, CheckReport report, bool readData, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var damages = report.Damaged.Count + report.Repointed.Count + report.UnusablePacks.Count
            + report.UnusableSnapshots.Count;
        await _journal.AppendAsync(
            db,
            PrivilegedAct.Of(
                caller, Act, null, ("readData", readData ? "true" : "false"), ("damages", Text(damages)),
                ("packs", Text(report.Packs)), ("bytes", Text(report.Bytes))),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The last check; none if there never was one.</summary>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManagePlatform"/>.</exception>
    public async Task<CheckNote?> FindLastAsync(Caller caller, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManagePlatform);
        var lines = await _reader.ReadAsync(caller, new JournalFilter(Act: Act), countMax: 1, cancellationToken);
        if (lines is not [var line]) return null;

        var damages = Number(line, "damages");
        return new CheckNote(
            line.At, line.Detail.GetValueOrDefault("readData") == "true", damages == 0, damages, Number(line, "packs"),
            Number(line, "bytes"));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(JournalLine line, string name) => long.Parse(
        line.Detail.GetValueOrDefault(name, "0"), NumberStyles.None, CultureInfo.InvariantCulture);
}
