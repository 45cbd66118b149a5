using System.Globalization;
using Beffroi.Business.Members.Admissions;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Business.Members.Diagnoses;

/// <summary>A diagnosis with the advice that was given on its day.</summary>
public sealed record DiagnosisView(
    DiagnosisId Id, AdmissionId? AdmissionId, DateTimeOffset MadeAt, string Actor, DiagnosisForm Form,
    LevelAdvice Advice);

/// <summary>What members have and need, and the level that follows.</summary>
public sealed class DiagnosisRecord
{
    private const long VolumeBytesMax = 1_000_000_000_000_000; // A petabyte: more is a slip of the pen.

    private readonly MemberTurns _turns;
    private readonly LevelTerms _terms;

    internal DiagnosisRecord(MemberTurns turns, LevelTerms terms) => (_turns, _terms) = (turns, terms);

    /// <summary>The advice for a form that is being filled in; nothing is kept.</summary>
    public LevelAdvice Advise(DiagnosisForm form) => LevelAdvice.For(form, _terms);

    /// <summary>Keeps a diagnosis, for an admission or for a member that only asks.</summary>
    public async Task<SaveResult<DiagnosisId>> RecordAsync(
        Caller caller, MemberId member, AdmissionId? admission, DiagnosisForm form,
        CancellationToken cancellationToken)
    {
        await using var turn = await _turns.OpenAsync(caller, member, cancellationToken);
        if (turn is null) return new SaveResult<DiagnosisId>.NotFound();

        var check = Check(form);
        if (!check.IsRight) return new SaveResult<DiagnosisId>.Invalid(check.Mistakes);
        if (admission is { } id)
        {
            var found = await turn.Db.Admissions.AsNoTracking().SingleOrDefaultAsync(
                row => row.Id == id && row.MemberId == member, cancellationToken);
            if (found is null) return new SaveResult<DiagnosisId>.NotFound();
            if (found.State is not (AdmissionState.Diagnosis or AdmissionState.Proposal))
                return new SaveResult<DiagnosisId>.Refused(SaveRefusal.WrongState);
        }
        var diagnosis = RowOf(form, member, admission, caller);
        turn.Db.Diagnoses.Add(diagnosis);
        var level = Advise(form).Level.ToString(CultureInfo.InvariantCulture);
        await turn.EndAsync(
            "diagnosis-made", [("diagnosis", diagnosis.Id.Value.ToString()), ("level", level)], cancellationToken);
        return new SaveResult<DiagnosisId>.Saved(diagnosis.Id);
    }

    /// <summary>A member's diagnoses, the newest first.</summary>
    public async Task<IReadOnlyList<DiagnosisView>> ListAsync(
        Caller caller, MemberId member, CancellationToken cancellationToken)
    {
        await using var db = await _turns.ReadAsync(caller, cancellationToken);
        var rows = await db.Diagnoses.AsNoTracking().Where(row => row.MemberId == member)
            .OrderByDescending(row => row.MadeAt).ToListAsync(cancellationToken);
        return
        [
            .. rows.Select(row => new DiagnosisView(
                row.Id, row.AdmissionId, row.MadeAt, row.Actor, row.ToForm(),
                LevelAdvice.For(row.ToForm(), new LevelTerms(row.IncludedGigabytes, row.ExtraGigabytePrice)))),
        ];
    }

    private Diagnosis RowOf(DiagnosisForm form, MemberId member, AdmissionId? admission, Caller caller) => new()
    {
        Id = DiagnosisId.New(),
        MemberId = member,
        AdmissionId = admission,
        MadeAt = _turns.Time.GetUtcNow(),
        Actor = caller.Actor,
        FixedCount = form.FixedCount,
        LaptopCount = form.LaptopCount,
        ServerCount = form.ServerCount,
        VolumeBytes = form.VolumeBytes,
        Applications = [.. form.Applications.Select(text => text.Trim())],
        Databases = [.. form.Databases.Select(text => text.Trim())],
        ExistingServices = [.. form.ExistingServices.Select(text => text.Trim())],
        IsComplex = form.IsComplex,
        IncludedGigabytes = [.. _terms.IncludedGigabytes],
        ExtraGigabytePrice = _terms.ExtraGigabytePrice,
    };

    private static FormCheck Check(DiagnosisForm form) => CheckList(
        CheckList(
            CheckList(
                new FormCheck()
                    .Within<int>(nameof(form.FixedCount), form.FixedCount, 0, DiagnosisForm.DevicesMax)
                    .Within<int>(nameof(form.LaptopCount), form.LaptopCount, 0, DiagnosisForm.DevicesMax)
                    .Within<int>(nameof(form.ServerCount), form.ServerCount, 0, DiagnosisForm.DevicesMax)
                    .Holds(
                        nameof(form.FixedCount), (form.FixedCount, form.LaptopCount, form.ServerCount) != (0, 0, 0),
                        FieldError.Missing)
                    .Within<long>(nameof(form.VolumeBytes), form.VolumeBytes, 0, VolumeBytesMax),
                nameof(form.Applications), form.Applications),
            nameof(form.Databases), form.Databases),
        nameof(form.ExistingServices), form.ExistingServices);

    private static FormCheck CheckList(FormCheck check, string field, IReadOnlyList<string> entries)
    {
        check.Holds(field, entries.Count <= DiagnosisForm.ListEntriesMax, FieldError.TooLong);
        foreach (var entry in entries.Take(DiagnosisForm.ListEntriesMax)) check.Needs(field, entry);
        return check;
    }
}
