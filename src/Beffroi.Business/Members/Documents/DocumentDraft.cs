using Beffroi.Business.Members.Admissions;
using Beffroi.Business.Members.Register;

namespace Beffroi.Business.Members.Documents;

/// <summary>What is said of a document.</summary>
/// <param name="AdmissionId">The admission for which it is filed; only its own documents let an admission go
/// on.</param>
/// <param name="Number">Of an annex or amendment.</param>
/// <param name="Version">Of a charter, as it names itself.</param>
/// <param name="SignedOn">When it was signed; a deliberation, when it was voted.</param>
/// <param name="CtesId">The id that @CTES gave a deliberation, such as
/// <c>082-200061257-20230411-04202306-DE</c>.</param>
/// <param name="AcknowledgedOn">When legality control acknowledged it.</param>
public sealed record DocumentDraft(
    DocumentKind Kind, string Title, AdmissionId? AdmissionId = null, int? Number = null, string? Version = null,
    DateOnly? SignedOn = null, string? CtesId = null, DateOnly? AcknowledgedOn = null)
{
    private const int NumberMax = 999;

    internal DocumentDraft Tidied() => this with
    {
        Title = Title.Trim(),
        Version = FormCheck.Text(Version),
        CtesId = FormCheck.Text(CtesId)?.ToUpperInvariant(),
    };

    internal FormCheck Check(DateOnly today)
    {
        var isDeliberation = Kind == DocumentKind.Deliberation;
        return new FormCheck()
            .Needs(nameof(Title), Title)
            .Within(nameof(Number), Number, 1, NumberMax)
            .Holds(nameof(Number), Kind != DocumentKind.Annex || Number is not null, FieldError.Missing)
            .May(nameof(Version), Version)
            .Within(nameof(SignedOn), SignedOn, new DateOnly(1990, 1, 1), today)
            .May(nameof(CtesId), CtesId, text => isDeliberation && PublicCodes.IsCtesId(text))
            .Holds(nameof(AcknowledgedOn), AcknowledgedOn is null || (isDeliberation && CtesId is not null))
            .Within(nameof(AcknowledgedOn), AcknowledgedOn, SignedOn ?? new DateOnly(1990, 1, 1), today);
    }
}

/// <summary>A document in a list.</summary>
/// <param name="WithdrawnAt">Since when it counts for nothing.</param>
public sealed record DocumentView(
    DocumentId Id, DocumentDraft Data, string FileName, DocumentFormat Format, int Bytes, DateTimeOffset AddedAt,
    DateTimeOffset? WithdrawnAt);

/// <summary>A document's bytes; whoever asked disposes of the stream.</summary>
/// <param name="MediaType">By its bytes, never by its name: safe to send, as an attachment.</param>
public sealed record DocumentContent(Stream Content, string FileName, string MediaType, int Bytes);
