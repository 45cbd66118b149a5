using Beffroi.Business.Members.Register;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Business.Members.Admissions;

/// <summary>Takes members' requests for an offer, and leads them step by step until it is effective.</summary>
public sealed class AdmissionDesk
{
    private readonly MemberTurns _turns;

    internal AdmissionDesk(MemberTurns turns) => _turns = turns;

    /// <summary>Opens an admission in the state <see cref="AdmissionState.Requested"/>.</summary>
    public async Task<OpeningResult> OpenAsync(
        Caller caller, MemberId member, string offerCode, CancellationToken cancellationToken)
    {
        await using var turn = await _turns.OpenAsync(caller, member, cancellationToken);
        if (turn is null) return new OpeningResult.NotFound();

        var offer = await turn.Db.Offers.SingleOrDefaultAsync(row => row.Code == offerCode, cancellationToken);
        if (offer is null) return new OpeningResult.NotFound();
        if (!offer.IsOpen) return new OpeningResult.OfferClosed();

        var open = await turn.Db.Admissions.SingleOrDefaultAsync(
            row => row.MemberId == member && row.OfferCode == offerCode
                && row.State != AdmissionState.Refused && row.State != AdmissionState.Closed,
            cancellationToken);
        if (open is not null) return new OpeningResult.AlreadyOpen(open.Id);
        if (!await turn.Db.Contacts.AnyAsync(row => row.MemberId == member, cancellationToken))
            return new OpeningResult.ContactMissing();

        var now = _turns.Time.GetUtcNow();
        var admission = new Admission
        {
            Id = AdmissionId.New(),
            MemberId = member,
            OfferCode = offerCode,
            OpenedAt = now,
        };
        turn.Db.Admissions.Add(admission);
        await MoveAsync(turn, caller, admission, AdmissionState.Requested, now, cancellationToken);
        await turn.EndAsync("admission-opened", Detail(admission), cancellationToken);
        return new OpeningResult.Opened(admission.Id);
    }

    /// <summary>Takes a step if the admission's guards let it; otherwise says why not, and nothing is
    /// changed.</summary>
    public async Task<StepResult> TakeStepAsync(
        Caller caller, AdmissionId id, AdmissionStep step, CancellationToken cancellationToken)
    {
        await using var turn = await _turns.OpenAsync(
            caller, db => db.Admissions.Where(row => row.Id == id).Select(row => row.MemberId), cancellationToken);
        if (turn is null) return new StepResult.NotFound();

        // Read only now, behind the lock: another step may just have been taken.
        var admission = await turn.Db.Admissions.SingleAsync(row => row.Id == id, cancellationToken);
        var offer = await turn.Db.Offers.SingleAsync(row => row.Code == admission.OfferCode, cancellationToken);
        var admissionCase = await AdmissionReading.CaseAsync(
            turn.Db, admission, offer, _turns.Time.Today(), cancellationToken);
        var decision = admissionCase.Decide(step);
        if (decision.To is not { } to)
            return new StepResult.NotTaken(decision.Refusal!.Value, decision.Missing, decision.Eligibility);

        var now = _turns.Time.GetUtcNow();
        admission.Take(step, to, now);
        await MoveAsync(turn, caller, admission, to, now, cancellationToken);
        await turn.EndAsync("admission-" + CodeWord.Of(to).Replace('_', '-'), Detail(admission), cancellationToken);
        return new StepResult.Taken(to, decision.Eligibility);
    }

    /// <summary>Admissions that the caller sees, those that have waited longest first.</summary>
    public async Task<AdmissionPage> ListAsync(
        Caller caller, AdmissionQuery query, CancellationToken cancellationToken)
    {
        await using var db = await _turns.ReadAsync(caller, cancellationToken);
        var rows = db.Admissions.AsNoTracking();
        if (query.Member is { } member) rows = rows.Where(row => row.MemberId == member);
        if (query.OfferCode is { } offer) rows = rows.Where(row => row.OfferCode == offer);
        if (query.State is { } state) rows = rows.Where(row => row.State == state);
        var total = await rows.CountAsync(cancellationToken);
        var pageRows = Math.Clamp(query.PageRows, 1, AdmissionQuery.PageRowsMax);
        var page = Math.Clamp(query.Page, 1, total / pageRows + 1);
        var lines =
            from row in rows
            join named in db.Members on row.MemberId equals named.MemberId
            orderby row.ChangedAt, row.Id
            select new AdmissionLine(
                row.Id, row.MemberId, named.Name, row.OfferCode, row.State, row.Level, row.ChangedAt);
        return new AdmissionPage(
            await lines.Skip((page - 1) * pageRows).Take(pageRows).ToListAsync(cancellationToken), total);
    }

    /// <summary>An admission with its next missing piece; <see langword="null"/> if the caller sees none of that
    /// id.</summary>
    public async Task<AdmissionView?> FindAsync(Caller caller, AdmissionId id, CancellationToken cancellationToken)
    {
        await using var db = await _turns.ReadAsync(caller, cancellationToken);
        var row = await db.Admissions.AsNoTracking().SingleOrDefaultAsync(each => each.Id == id, cancellationToken);
        if (row is null) return null;

        var offer = await db.Offers.AsNoTracking().SingleAsync(each => each.Code == row.OfferCode, cancellationToken);
        var admissionCase = await AdmissionReading.CaseAsync(db, row, offer, _turns.Time.Today(), cancellationToken);
        var moves = await db.Moves.AsNoTracking().Where(each => each.AdmissionId == id).OrderBy(each => each.Number)
            .Select(each => new AdmissionMoveView(each.To, each.At, each.Actor)).ToListAsync(cancellationToken);
        var name = await db.Members.Where(each => each.MemberId == row.MemberId).Select(each => each.Name)
            .SingleAsync(cancellationToken);
        return new AdmissionView(
            row.Id, row.MemberId, name, offer.Code, offer.Name, offer.Kind, row.State, row.Level, row.EffectiveOn,
            row.Motive, row.OpenedAt, row.ChangedAt, admissionCase.MissingPieces(), admissionCase.AskRules(), moves);
    }

    private static async Task MoveAsync(
        MemberTurn turn, Caller caller, Admission admission, AdmissionState to, DateTimeOffset at,
        CancellationToken cancellationToken)
    {
        turn.Db.Moves.Add(new AdmissionMove
        {
            AdmissionId = admission.Id,
            Number = 1 + await turn.Db.Moves.CountAsync(row => row.AdmissionId == admission.Id, cancellationToken),
            MemberId = admission.MemberId,
            To = to,
            At = at,
            Actor = caller.Actor,
        });
        await turn.Db.SaveChangesAsync(cancellationToken);
        if (to == AdmissionState.Effective && admission.Level is { } level)
            await MemberRoll.SetLevelAsync(turn.Db, admission.MemberId, level, cancellationToken);
        turn.File.Stand(await StandingAsync(turn, cancellationToken));
    }

    /// <summary>Where the member stands by all its admissions.</summary>
    private static async Task<MemberStanding> StandingAsync(MemberTurn turn, CancellationToken cancellationToken)
    {
        var states = await turn.Db.Admissions.Where(row => row.MemberId == turn.File.MemberId)
            .Select(row => new { row.State, row.Motive }).ToListAsync(cancellationToken);
        if (states.Exists(row => row.State == AdmissionState.Effective)) return MemberStanding.Effective;
        if (states.Exists(row => row.State is not (AdmissionState.Refused or AdmissionState.Closed)))
            return MemberStanding.Joining;
        return states.Exists(row => row.Motive == ClosingMotive.Ended) ? MemberStanding.Left : MemberStanding.Known;
    }

    private static IEnumerable<(string Name, string Value)> Detail(Admission admission)
    {
        yield return ("admission", admission.Id.ToString());
        yield return ("offer", admission.OfferCode);
        if (admission.Level is { } level)
            yield return ("level", level.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (admission.EffectiveOn is { } on)
            yield return ("effectiveOn", on.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        if (admission.Motive is { } motive) yield return ("motive", CodeWord.Of(motive));
    }
}
