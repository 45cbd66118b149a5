using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Business.Members.Offers;

/// <summary>Something that members are admitted to. The operator's, not a member's: everybody may see it.</summary>
internal sealed class Offer
{
    internal const int CodeCharactersMax = 40;

    public required string Code { get; init; }
    public OfferKind Kind { get; private set; }
    public string Name { get; private set; } = "";

    /// <summary>The text as the operator wrote it, which <see cref="RuleParser"/> accepted.</summary>
    public string Rules { get; private set; } = "[]";

    public bool IsOpen { get; private set; }
    public DateTimeOffset ChangedAt { get; private set; }

    internal IReadOnlyList<EligibilityRule> ReadRules()
    {
        var (rules, mistakes) = RuleParser.Parse(Rules);
        return mistakes.Count == 0
            ? rules
            : throw new InvalidOperationException(
                $"The rules of offer '{Code}' cannot be read at {mistakes[0].Path} ({mistakes[0].Error}): they were "
                    + "changed past the portal, or by a newer release. Save the offer again.");
    }

    internal void Write(OfferDraft draft, bool isOpen, DateTimeOffset at) =>
        (Kind, Name, Rules, IsOpen, ChangedAt) = (draft.Kind, draft.Name.Trim(), draft.Rules, isOpen, at);
}

internal sealed class OfferMap : IEntityTypeConfiguration<Offer>
{
    public void Configure(EntityTypeBuilder<Offer> builder)
    {
        builder.ToTable("offers", table => table.HasCheckConstraint(
            "offers_kind_check", $"kind in ({CodeWord.Sql<OfferKind>()})"));
        builder.HasKey(row => row.Code).HasName("offers_pkey");
        builder.Property(row => row.Code).HasColumnName("code").HasMaxLength(Offer.CodeCharactersMax);
        builder.Property(row => row.Kind).HasColumnName("kind").HasCodeWord();
        builder.Property(row => row.Name).HasColumnName("name");
        // Not jsonb, which would give the operator its text back in another order.
        builder.Property(row => row.Rules).HasColumnName("rules").HasColumnType("json");
        builder.Property(row => row.IsOpen).HasColumnName("is_open");
        builder.Property(row => row.ChangedAt).HasColumnName("changed_at");
    }
}
