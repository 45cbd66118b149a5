using System.Globalization;
using System.Security.Cryptography;
using Beffroi.Business.Members.Register;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Beffroi.Business.Members.Import;

/// <summary>What to do with a line whose SIRET the register has.</summary>
public enum KnownMembers
{
    /// <summary>It is an error, and nothing is imported.</summary>
    Refuse,

    /// <summary>It is left out, and counted.</summary>
    LeaveOut,
}

/// <summary>What an import found, and whether it was done.</summary>
/// <param name="LineCount">Lines below the header.</param>
/// <param name="NewCount">Members that it adds: has added if <paramref name="IsImported"/>.</param>
/// <param name="LeftOutCount">Lines left out because the register has them.</param>
/// <param name="ErrorCount">All errors, also those beyond the list.</param>
/// <param name="Problems">The first thousand, by line.</param>
/// <param name="ColumnsIgnored">Columns of the file that were not read.</param>
public sealed record ImportReport(
    bool IsImported, ImportEncoding Encoding, int LineCount, int NewCount, int LeftOutCount, int ErrorCount,
    int WarningCount, IReadOnlyList<ImportProblem> Problems, IReadOnlyList<string> ColumnsIgnored);

/// <summary>Fills the register from a file in the shape of "Données de la présence numérique des territoires": all of
/// it, or nothing.</summary>
public sealed class MemberImport
{
    /// <summary>What a file may have.</summary>
    public const int BytesMax = ImportFile.BytesMax;

    private const int FirstLevel = 1; // Until a diagnosis and an admission say otherwise.

    private readonly ScopedContexts<BusinessDb> _contexts;
    private readonly IImportShelf _shelf;
    private readonly ActJournal _journal;
    private readonly TimeProvider _time;

    internal MemberImport(
        ScopedContexts<BusinessDb> contexts, IImportShelf shelf, ActJournal journal, TimeProvider time) =>
        (_contexts, _shelf, _journal, _time) = (contexts, shelf, journal, time);

    /// <summary>Keeps a file for a day, so that who has read its report can say: do it.</summary>
    /// <returns><see langword="null"/>: the file is empty or has more than <see cref="BytesMax"/>.</returns>
    public async Task<ImportId?> ShelveAsync(
        Caller caller, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManageMembers);
        if (content.Length is 0 or > BytesMax) return null;

        var id = ImportId.New();
        await _shelf.PutAsync(id, content, cancellationToken);
        return id;
    }

    /// <summary>The report on a file that was kept; <see langword="null"/> if it is not there any more.</summary>
    public async Task<ImportReport?> CheckAsync(
        Caller caller, ImportId id, KnownMembers known, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManageMembers);
        return await _shelf.ReadAsync(id, cancellationToken) is { } content
            ? await CheckAsync(caller, content, known, cancellationToken)
            : null;
    }

    /// <summary>All that is wrong with a file that was kept, where the report has the first thousand; the first two
    /// hundred thousand. <see langword="null"/> if the file is not there any more.</summary>
    public async Task<IReadOnlyList<ImportProblem>?> ListProblemsAsync(
        Caller caller, ImportId id, KnownMembers known, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(MemberAccess.DemandChange(caller), cancellationToken);
        if (await _shelf.ReadAsync(id, cancellationToken) is not { } content) return null;

        var file = ImportFile.Read(content, ProblemList.ListedMax);
        await LeaveOutKnownAsync(db, file, known, cancellationToken);
        return file.Problems.Kept;
    }

    /// <summary>Imports a file that was kept, and forgets it once it is done; <see langword="null"/> if it is not
    /// there any more.</summary>
    public async Task<ImportReport?> ImportAsync(
        Caller caller, ImportId id, KnownMembers known, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManageMembers);
        if (await _shelf.ReadAsync(id, cancellationToken) is not { } content) return null;

        var report = await ImportAsync(caller, content, known, cancellationToken);
        if (report.IsImported) await _shelf.RemoveAsync(id, cancellationToken);
        return report;
    }

    /// <summary>Says what an import of the file would do, and all that is wrong with it. Nothing is changed.</summary>
    public async Task<ImportReport> CheckAsync(
        Caller caller, ReadOnlyMemory<byte> content, KnownMembers known, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(MemberAccess.DemandChange(caller), cancellationToken);
        var file = ImportFile.Read(content.Span);
        var fresh = await LeaveOutKnownAsync(db, file, known, cancellationToken);
        return ReportOf(file, fresh.Count, isImported: false);
    }

    /// <summary>Imports the file in one transaction if nothing is wrong with it; otherwise the report says what, and
    /// nothing is changed.</summary>
    public async Task<ImportReport> ImportAsync(
        Caller caller, ReadOnlyMemory<byte> content, KnownMembers known, CancellationToken cancellationToken)
    {
        var scope = MemberAccess.DemandChange(caller);
        var file = ImportFile.Read(content.Span);
        await using var db = await _contexts.OpenAsync(scope, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var fresh = await LeaveOutKnownAsync(db, file, known, cancellationToken);
        if (file.Problems.ErrorCount > 0) return ReportOf(file, fresh.Count, isImported: false);

        var now = _time.GetUtcNow();
        var added = await MemberRoll.AddAsync(
            db, [.. fresh.Select(line => new NewMember(line.Name, line.Siret, line.Population, FirstLevel))], now,
            cancellationToken);
        // Somebody else may have added one since the look at the register: it is known now.
        var late = fresh.Where(line => !added.ContainsKey(line.Siret)).ToList();
        if (known == KnownMembers.Refuse && late.Count > 0)
        {
            foreach (var line in late) ReportKnown(file, line);
            return ReportOf(file, fresh.Count - late.Count, isImported: false);
        }
        await AddFilesAsync(db, fresh.Where(line => added.ContainsKey(line.Siret)), added, now, cancellationToken);
        await _journal.AppendAsync(db, ActOf(caller, content.Span, added.Count), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return ReportOf(file, added.Count, isImported: true);
    }

    /// <summary>The lines that the register does not have yet.</summary>
    private static async Task<List<RegisterLine>> LeaveOutKnownAsync(
        BusinessDb db, ImportFile file, KnownMembers known, CancellationToken cancellationToken)
    {
        var registered = await db.Members.Select(row => row.Siret).ToListAsync(cancellationToken);
        var sirets = registered.ToHashSet(StringComparer.Ordinal);
        var ofRegister = file.Lines.ToLookup(line => sirets.Contains(line.Siret.Value));
        if (known == KnownMembers.Refuse)
        {
            foreach (var line in ofRegister[true]) ReportKnown(file, line);
        }
        return [.. ofRegister[false]];
    }

    private static void ReportKnown(ImportFile file, RegisterLine line) => file.Problems.AddError(
        ImportReason.AlreadyRegistered, line.Line, line.SiretColumn, FileColumns.Siret, line.Siret.Value);

    /// <summary>Arrays instead of COPY, which row-level security forbids; one statement for all lines.</summary>
    private static async Task AddFilesAsync(
        BusinessDb db, IEnumerable<RegisterLine> fresh, IReadOnlyDictionary<Siret, MemberId> ids, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var lines = fresh.ToList();
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await using var insert = new NpgsqlCommand(
            """
            insert into business.member_files (member_id, kind, commune_code, departement, postal_code, epci_siren,
                epci_name, mail, website, phone, standing, changed_at)
            select new.*, $11, $12
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) as new
            """,
            connection);
        insert.Parameters.AddWithValue(lines.Select(line => ids[line.Siret].Value).ToArray());
        AddTexts(insert, lines, line => CodeWord.Of(line.Kind));
        AddTexts(insert, lines, line => line.CommuneCode);
        AddTexts(insert, lines, line => line.Departement);
        AddTexts(insert, lines, line => line.PostalCode);
        AddTexts(insert, lines, line => line.EpciSiren ?? OwnEpci(line, line.Siret.Value[..9]));
        AddTexts(insert, lines, line => line.EpciName ?? OwnEpci(line, line.Name));
        AddTexts(insert, lines, line => line.Mail);
        AddTexts(insert, lines, line => line.Website);
        AddTexts(insert, lines, line => line.Phone);
        insert.Parameters.AddWithValue(CodeWord.Of(MemberStanding.Known));
        insert.Parameters.AddWithValue(now);
        await insert.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void AddTexts(NpgsqlCommand insert, List<RegisterLine> lines, Func<RegisterLine, string?> column) =>
        insert.Parameters.AddWithValue(lines.Select(column).ToArray());

    /// <summary>An EPCI counts among its own, as <see cref="MemberFile.Describe"/> has it.</summary>
    private static string? OwnEpci(RegisterLine line, string own) => line.Kind == MemberKind.Epci ? own : null;

    private static PrivilegedAct ActOf(Caller caller, ReadOnlySpan<byte> content, int count) => PrivilegedAct.Of(
        caller, "members-imported", null,
        ("count", count.ToString(CultureInfo.InvariantCulture)),
        ("sha256", Convert.ToHexStringLower(SHA256.HashData(content))));

    private static ImportReport ReportOf(ImportFile file, int newCount, bool isImported) => new(
        isImported, file.Encoding, file.LineCount, newCount, file.Lines.Count - newCount, file.Problems.ErrorCount,
        file.Problems.WarningCount, file.Problems.Kept, file.ColumnsIgnored);
}
