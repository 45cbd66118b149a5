using System.Security.Cryptography;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Business.Members.Documents;

/// <summary>Deliberations, charters, conventions… of members, kept as files.</summary>
/// <remarks>Bytes first, row afterwards: if the second fails, the store has a file that nobody names, never the list a
/// file that is not there.</remarks>
public sealed class MemberDocuments
{
    /// <summary>Twenty megabytes: a scanned charter of 30 pages has three.</summary>
    public const int BytesMax = 20_000_000;

    private readonly MemberTurns _turns;
    private readonly IDocumentStore _store;

    internal MemberDocuments(MemberTurns turns, IDocumentStore store) => (_turns, _store) = (turns, store);

    /// <summary>Adds a document.</summary>
    /// <param name="fileName">As the person's computer calls it; kept for downloads, without its folder.</param>
    /// <returns>Invalid with the field <c>Content</c> if the file is empty, too big, or of no type that is
    /// kept.</returns>
    public async Task<SaveResult<DocumentId>> AddAsync(
        Caller caller, MemberId member, DocumentDraft draft, string fileName, ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken)
    {
        await using var turn = await _turns.OpenAsync(caller, member, cancellationToken);
        if (turn is null) return new SaveResult<DocumentId>.NotFound();

        var (document, mistakes) = await MakeAsync(turn, caller, draft, fileName, content, cancellationToken);
        if (document is null) return new SaveResult<DocumentId>.Invalid(mistakes);

        await turn.EndAsync("document-added", Detail(document), cancellationToken);
        return new SaveResult<DocumentId>.Saved(document.Id);
    }

    /// <summary>Files a new version of a document: the one before is withdrawn in the same moment, and stays
    /// readable.</summary>
    /// <returns>As <see cref="AddAsync"/>, with the id of the new version.</returns>
    public async Task<SaveResult<DocumentId>> ReplaceAsync(
        Caller caller, DocumentId id, DocumentDraft draft, string fileName, ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken)
    {
        await using var turn = await OpenAsync(caller, id, cancellationToken);
        if (turn is null) return new SaveResult<DocumentId>.NotFound();

        var before = await turn.Db.Documents.SingleAsync(row => row.Id == id, cancellationToken);
        if (before.WithdrawnAt is not null)
            return new SaveResult<DocumentId>.Refused(SaveRefusal.AlreadyWithdrawn);

        var (document, mistakes) = await MakeAsync(turn, caller, draft, fileName, content, cancellationToken);
        if (document is null) return new SaveResult<DocumentId>.Invalid(mistakes);

        before.Withdraw(document.AddedAt);
        await turn.EndAsync(
            "document-replaced", [.. Detail(document), ("before", id.ToString())], cancellationToken);
        return new SaveResult<DocumentId>.Saved(document.Id);
    }

    /// <summary>Replaces what is said of a document, such as the acknowledgement that came later; not its
    /// bytes.</summary>
    public async Task<SaveResult<DocumentId>> ChangeAsync(
        Caller caller, DocumentId id, DocumentDraft draft, CancellationToken cancellationToken)
    {
        await using var turn = await OpenAsync(caller, id, cancellationToken);
        if (turn is null) return new SaveResult<DocumentId>.NotFound();

        var tidied = draft.Tidied();
        var check = await CheckAsync(turn, tidied, cancellationToken);
        if (!check.IsRight) return new SaveResult<DocumentId>.Invalid(check.Mistakes);

        var document = await turn.Db.Documents.SingleAsync(row => row.Id == id, cancellationToken);
        document.Describe(tidied);
        await turn.EndAsync("document-changed", Detail(document), cancellationToken);
        return new SaveResult<DocumentId>.Saved(id);
    }

    /// <summary>Lets a document count for nothing any more. It stays in the list, and its bytes in the store.</summary>
    public async Task<SaveResult<DocumentId>> WithdrawAsync(
        Caller caller, DocumentId id, CancellationToken cancellationToken)
    {
        await using var turn = await OpenAsync(caller, id, cancellationToken);
        if (turn is null) return new SaveResult<DocumentId>.NotFound();

        var document = await turn.Db.Documents.SingleAsync(row => row.Id == id, cancellationToken);
        document.Withdraw(_turns.Time.GetUtcNow());
        await turn.EndAsync("document-withdrawn", Detail(document), cancellationToken);
        return new SaveResult<DocumentId>.Saved(id);
    }

    /// <summary>A member's documents, the newest first.</summary>
    public async Task<IReadOnlyList<DocumentView>> ListAsync(
        Caller caller, MemberId member, CancellationToken cancellationToken)
    {
        await using var db = await _turns.ReadAsync(caller, cancellationToken);
        var rows = await db.Documents.AsNoTracking().Where(row => row.MemberId == member)
            .OrderByDescending(row => row.AddedAt).ToListAsync(cancellationToken);
        return
        [
            .. rows.Select(row => new DocumentView(
                row.Id,
                new DocumentDraft(
                    row.Kind, row.Title, row.AdmissionId, row.Number, row.Version, row.SignedOn, row.CtesId,
                    row.AcknowledgedOn),
                row.FileName, row.Format, row.Bytes, row.AddedAt, row.WithdrawnAt)),
        ];
    }

    /// <summary>A document's bytes; <see langword="null"/> if the caller sees no such document.</summary>
    /// <exception cref="InvalidOperationException">The store has lost it.</exception>
    public async Task<DocumentContent?> ReadAsync(Caller caller, DocumentId id, CancellationToken cancellationToken)
    {
        await using var db = await _turns.ReadAsync(caller, cancellationToken);
        var row = await db.Documents.AsNoTracking().SingleOrDefaultAsync(each => each.Id == id, cancellationToken);
        if (row is null) return null;

        var content = await _store.OpenAsync(id, cancellationToken)
            ?? throw new InvalidOperationException(
                $"Document {id} of member {row.MemberId} is listed, but the document store does not have it. Restore "
                    + "the store's folder from the server's own backup, or ask the member for another copy.");
        return new DocumentContent(content, row.FileName, MediaTypeOf(row.Format), row.Bytes);
    }

    private async Task<(MemberDocument? Document, IReadOnlyList<FieldMistake> Mistakes)> MakeAsync(
        MemberTurn turn, Caller caller, DocumentDraft draft, string fileName, ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken)
    {
        var tidied = draft.Tidied();
        var format = content.Length <= BytesMax ? DocumentSniffer.Sniff(content) : null;
        var check = (await CheckAsync(turn, tidied, cancellationToken))
            .Holds("Content", content.Length <= BytesMax, FieldError.TooLong)
            .Holds("Content", content.Length > BytesMax || format is not null);
        if (!check.IsRight || format is not { } kept) return (null, check.Mistakes);

        var document = new MemberDocument
        {
            Id = DocumentId.New(),
            MemberId = turn.File.MemberId,
            FileName = PlainName(fileName, kept),
            Format = kept,
            Bytes = content.Length,
            Sha256 = SHA256.HashData(content.Span),
            AddedAt = _turns.Time.GetUtcNow(),
            AddedBy = caller.Actor,
        };
        document.Describe(tidied);
        await _store.PutAsync(document.Id, content, cancellationToken);
        turn.Db.Documents.Add(document);
        return (document, []);
    }

    private Task<MemberTurn?> OpenAsync(Caller caller, DocumentId id, CancellationToken cancellationToken) =>
        _turns.OpenAsync(
            caller, db => db.Documents.Where(row => row.Id == id).Select(row => row.MemberId), cancellationToken);

    private async Task<FormCheck> CheckAsync(
        MemberTurn turn, DocumentDraft draft, CancellationToken cancellationToken)
    {
        var hasAdmission = draft.AdmissionId is not { } admission || await turn.Db.Admissions.AnyAsync(
            row => row.Id == admission && row.MemberId == turn.File.MemberId, cancellationToken);
        return draft.Check(_turns.Time.Today()).Holds(nameof(draft.AdmissionId), hasAdmission);
    }

    /// <summary>The last part of the name without what a header or a file system minds, and with the ending of what the
    /// bytes are.</summary>
    private static string PlainName(string fileName, DocumentFormat format)
    {
        const int charactersMax = 120;
        var last = fileName[(fileName.LastIndexOfAny(['/', '\\']) + 1)..];
        var stem = Path.GetFileNameWithoutExtension(last);
        var plain = string.Concat(stem.Where(each => !char.IsControl(each) && !"\"<>:|?*;".Contains(each)))
            .Trim('.', ' ');
        if (plain.Length > charactersMax) plain = plain[..charactersMax];
        return (plain.Length == 0 ? "document" : plain) + EndingOf(format);
    }

    private static string EndingOf(DocumentFormat format) => format switch
    {
        DocumentFormat.Jpeg => ".jpg",
        _ => "." + CodeWord.Of(format),
    };

    private static string MediaTypeOf(DocumentFormat format) => format switch
    {
        DocumentFormat.Pdf => "application/pdf",
        DocumentFormat.Png => "image/png",
        DocumentFormat.Jpeg => "image/jpeg",
        DocumentFormat.Odt => "application/vnd.oasis.opendocument.text",
        DocumentFormat.Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    private static (string Name, string Value)[] Detail(MemberDocument document) =>
    [
        ("document", document.Id.ToString()), ("kind", CodeWord.Of(document.Kind)),
        ("sha256", Convert.ToHexStringLower(document.Sha256)),
    ];
}
