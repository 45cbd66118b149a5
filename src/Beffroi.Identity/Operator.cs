using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Identity;

/// <summary>The syndicate. The first migration inserts one without a name; <c>create-operator</c> names it.</summary>
internal sealed class Operator
{
    public required OperatorId Id { get; init; }
    public string? Name { get; private set; }
    public Siret? Siret { get; private set; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What people call; none for what the server's configuration says. So for the mail address.</summary>
    public string? SupportPhone { get; private set; }

    public string? SupportMail { get; private set; }
    public string? LegalNotice { get; private set; }

    internal OperatorCard ToCard() => new(Name, SupportPhone, SupportMail, LegalNotice);

    internal void Present(OperatorCard card) =>
        (Name, SupportPhone, SupportMail, LegalNotice) =
            (card.Name, card.SupportPhone, card.SupportMail, card.LegalNotice);

    internal void Rename(string name, Siret siret)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        (Name, Siret) = (name, siret);
    }
}

internal sealed class OperatorMap : IEntityTypeConfiguration<Operator>
{
    public void Configure(EntityTypeBuilder<Operator> builder)
    {
        builder.ToTable("operators");
        builder.HasKey(row => row.Id).HasName("operators_pkey");
        builder.Property(row => row.Id).HasColumnName("id");
        builder.Property(row => row.Name).HasColumnName("name").HasMaxLength(Member.NameCharactersMax);
        builder.Property(row => row.Siret).HasColumnName("siret");
        builder.Property(row => row.CreatedAt).HasColumnName("created_at");
        builder.Property(row => row.SupportPhone).HasColumnName("support_phone").HasMaxLength(OperatorCard.PhoneMax);
        builder.Property(row => row.SupportMail).HasColumnName("support_mail").HasMaxLength(OperatorCard.MailMax);
        builder.Property(row => row.LegalNotice).HasColumnName("legal_notice").HasMaxLength(OperatorCard.NoticeMax);
        builder.HasIndex(row => row.Siret).IsUnique().HasDatabaseName("operators_siret_key");
    }
}
