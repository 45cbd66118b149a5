using Beffroi.Business.Members;
using Beffroi.Business.Members.Admissions;
using Beffroi.Business.Members.Documents;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Portal.Members.Sheet;

/// <summary>What is said of a document, as a form sends it.</summary>
public sealed class DocumentFields
{
    public string? Kind { get; set; }
    public string? Title { get; set; }
    public string? AdmissionId { get; set; }
    public string? Number { get; set; }
    public string? Version { get; set; }
    public string? SignedOn { get; set; }
    public string? CtesId { get; set; }
    public string? AcknowledgedOn { get; set; }

    internal static DocumentFields Of(DocumentDraft data) => new()
    {
        Kind = data.Kind.ToString(),
        Title = data.Title,
        AdmissionId = data.AdmissionId?.ToString(),
        Number = FieldText.Of(data.Number),
        Version = data.Version,
        SignedOn = FieldText.Of(data.SignedOn),
        CtesId = data.CtesId,
        AcknowledgedOn = FieldText.Of(data.AcknowledgedOn),
    };

    internal DocumentDraft ToDraft(FieldText reading) => new(
        reading.One<DocumentKind>(nameof(Kind), Kind) ?? DocumentKind.Other, Title ?? "",
        reading.Id(nameof(AdmissionId), AdmissionId) is { } admission ? new AdmissionId(admission) : null,
        reading.Whole(nameof(Number), Number), Version, reading.Day(nameof(SignedOn), SignedOn), CtesId,
        reading.Day(nameof(AcknowledgedOn), AcknowledgedOn));

    /// <summary>A file of a form, whole; none if it is missing or bigger than what is kept.</summary>
    internal static async Task<byte[]?> ReadAsync(
        IFormFile? file, FieldText reading, CancellationToken cancellationToken)
    {
        if (file is null || file.Length is 0 or > MemberDocuments.BytesMax)
        {
            reading.Add("Content", file is { Length: > 0 } ? FieldError.TooLong : FieldError.Missing);
            return null;
        }
        var content = new byte[file.Length];
        await using var stream = file.OpenReadStream();
        await stream.ReadExactlyAsync(content, cancellationToken);
        return content;
    }
}
