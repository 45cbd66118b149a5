using System.Text.RegularExpressions;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Business.Members.Offers;

/// <summary>An offer as it stands.</summary>
public sealed record OfferView(OfferDraft Data, bool IsOpen, DateTimeOffset ChangedAt);

/// <summary>What became of an offer that was to be saved.</summary>
public abstract record OfferResult
{
    private OfferResult()
    {
    }

    public sealed record Saved : OfferResult;

    public sealed record Invalid(IReadOnlyList<FieldMistake> Mistakes) : OfferResult;

    /// <summary>The rules cannot be read; all that is wrong with them.</summary>
    public sealed record RulesInvalid(IReadOnlyList<RuleMistake> Mistakes) : OfferResult;

    /// <summary>The offer has admissions, whose guards go by its kind.</summary>
    public sealed record KindInUse : OfferResult;
}

/// <summary>The offers, with their rules as data.</summary>
public sealed partial class OfferCatalogue
{
    private readonly ScopedContexts<BusinessDb> _contexts;
    private readonly ActJournal _journal;
    private readonly TimeProvider _time;

    internal OfferCatalogue(ScopedContexts<BusinessDb> contexts, ActJournal journal, TimeProvider time) =>
        (_contexts, _journal, _time) = (contexts, journal, time);

    /// <summary>All offers by code; they are no secret among those who see the register.</summary>
    public async Task<IReadOnlyList<OfferView>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(MemberAccess.DemandSight(caller), cancellationToken);
        var offers = await db.Offers.AsNoTracking().OrderBy(row => row.Code).ToListAsync(cancellationToken);
        return
        [
            .. offers.Select(offer => new OfferView(
                new OfferDraft(offer.Code, offer.Kind, offer.Name, offer.Rules), offer.IsOpen, offer.ChangedAt)),
        ];
    }

    /// <summary>Adds an offer, or replaces the one of that code. Admissions under way are judged by the new rules from
    /// their next step on.</summary>
    /// <param name="isOpen">Whether new admissions may be opened.</param>
    public async Task<OfferResult> SaveAsync(
        Caller caller, OfferDraft draft, bool isOpen, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManagePlatform);
        var check = new FormCheck().Needs(nameof(draft.Name), draft.Name)
            .Holds(nameof(draft.Code), Code().IsMatch(draft.Code));
        if (!check.IsRight) return new OfferResult.Invalid(check.Mistakes);

        var (_, mistakes) = RuleParser.Parse(draft.Rules);
        if (mistakes.Count > 0) return new OfferResult.RulesInvalid(mistakes);

        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var offer = await db.Offers.SingleOrDefaultAsync(row => row.Code == draft.Code, cancellationToken);
        var changesKind = offer is not null && offer.Kind != draft.Kind;
        if (changesKind && await db.Admissions.AnyAsync(row => row.OfferCode == draft.Code, cancellationToken))
            return new OfferResult.KindInUse();

        offer ??= db.Offers.Add(new Offer { Code = draft.Code }).Entity;
        offer.Write(draft, isOpen, _time.GetUtcNow());
        await _journal.AppendAsync(
            db, PrivilegedAct.Of(caller, "offer-saved", null, ("offer", draft.Code), ("rules", draft.Rules)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new OfferResult.Saved();
    }

    [GeneratedRegex(@"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();
}
