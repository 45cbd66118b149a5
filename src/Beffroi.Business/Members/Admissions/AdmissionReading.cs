using Beffroi.Business.Members.Offers;
using Beffroi.Business.Members.Register;
using Beffroi.Identity;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Business.Members.Admissions;

/// <summary>Gathers from the tables what the guards of an admission look at.</summary>
internal static class AdmissionReading
{
    internal static async Task<AdmissionCase> CaseAsync(
        BusinessDb db, Admission admission, Offer offer, DateOnly today, CancellationToken cancellationToken) => new()
        {
            State = admission.State,
            Kind = offer.Kind,
            Rules = offer.ReadRules(),
            Pieces = await PiecesAsync(db, admission, today, cancellationToken),
            Facts = await FactsAsync(db, admission.MemberId, cancellationToken),
            HasDiagnosis = await db.Diagnoses.AnyAsync(row => row.AdmissionId == admission.Id, cancellationToken),
            Today = today,
        };

    private static async Task<FiledPieces> PiecesAsync(
        BusinessDb db, Admission admission, DateOnly today, CancellationToken cancellationToken)
    {
        var documents = await db.Documents.AsNoTracking()
            .Where(row => row.AdmissionId == admission.Id && row.WithdrawnAt == null)
            .Select(row => new FiledDocument(row.Kind, row.Number, row.SignedOn, row.CtesId, row.AcknowledgedOn))
            .ToListAsync(cancellationToken);
        var roles = await db.HeldRoles.AsNoTracking().Where(row => row.MemberId == admission.MemberId)
            .ToListAsync(cancellationToken);
        return new FiledPieces(
            documents, roles.Where(role => role.IsHeldOn(today)).Select(role => role.Role).ToHashSet());
    }

    private static async Task<EligibilityFacts> FactsAsync(
        BusinessDb db, MemberId id, CancellationToken cancellationToken)
    {
        var line = await RegisterListing.All(db)
            .SingleAsync(each => each.Member.MemberId == id, cancellationToken);
        var links = await db.Sites.AsNoTracking().Where(row => row.MemberId == id && row.Link != null)
            .Select(row => row.Link!.Value).Distinct().ToListAsync(cancellationToken);
        var epci = line.File?.EpciSiren;
        return new EligibilityFacts
        {
            Population = line.Member.Population,
            Kind = line.File?.Kind,
            Class = line.File?.Class,
            Links = links,
            EpciSiren = epci,
            EpciIsMember = epci is null ? null : await IsMemberEpciAsync(db, epci, cancellationToken),
            Departement = line.File?.Departement,
        };
    }

    private static Task<bool> IsMemberEpciAsync(BusinessDb db, string siren, CancellationToken cancellationToken) =>
        RegisterListing.All(db).AnyAsync(
            line => line.File!.Kind == MemberKind.Epci && line.File.Class == MemberClass.Member
                && line.Member.Siret.StartsWith(siren),
            cancellationToken);
}
