using System.Text.RegularExpressions;

namespace Beffroi.Identity;

/// <summary>What is wrong with a card.</summary>
public enum CardFault
{
    NameMissing,
    NameTooLong,
    PhoneInvalid,
    MailInvalid,
    NoticeTooLong,
}

/// <summary>How the operator presents itself to people.</summary>
/// <param name="Name">None until somebody names it.</param>
/// <param name="SupportPhone">None for what the server's configuration says; so for the mail address.</param>
/// <param name="LegalNotice">Plain text, paragraphs parted by empty lines; none for no page.</param>
public sealed partial record OperatorCard(string? Name, string? SupportPhone, string? SupportMail, string? LegalNotice)
{
    /// <summary>Characters of a legal notice.</summary>
    public const int NoticeMax = 20_000;

    internal const int PhoneMax = 30;
    internal const int MailMax = 254;

    /// <summary>Of an operator of whom nothing is known.</summary>
    public static OperatorCard Empty { get; } = new(null, null, null, null);

    internal OperatorCard Tidied() =>
        new(Text(Name), Text(SupportPhone), Text(SupportMail), Text(LegalNotice?.ReplaceLineEndings("\n")));

    internal IEnumerable<CardFault> Faults()
    {
        if (Name is null) yield return CardFault.NameMissing;
        else if (Name.Length > Member.NameCharactersMax) yield return CardFault.NameTooLong;
        if (SupportPhone is not null && (SupportPhone.Length > PhoneMax || !Phone().IsMatch(SupportPhone)))
            yield return CardFault.PhoneInvalid;
        if (SupportMail is not null && (SupportMail.Length > MailMax || !Mail().IsMatch(SupportMail)))
            yield return CardFault.MailInvalid;
        if (LegalNotice?.Length > NoticeMax) yield return CardFault.NoticeTooLong;
    }

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    [GeneratedRegex(@"^\+?\d[\d .()/-]{2,}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Phone();

    [GeneratedRegex(@"^[^\s@,;<>""]{1,64}@[^\s@,;<>""]+\.[^\s@,;<>"".]{2,}\z", RegexOptions.None,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mail();
}
