using Beffroi.Identity.People;
using Microsoft.AspNetCore.Identity;

namespace Beffroi.Identity.SignIn;

/// <summary>Refuses passwords that are guessed first: common ones with the usual ornaments, the person's own name or
/// address, one character over and over. Length is what else counts; no rule asks for signs (NIST SP 800-63B,
/// §3.1.1.2).</summary>
internal sealed class PasswordRules : IPasswordValidator<Person>
{
    internal const int CharactersMin = 12;
    internal const int CharactersMax = 256;

    internal const string TooShort = nameof(TooShort);
    internal const string TooLong = nameof(TooLong);
    internal const string TooCommon = nameof(TooCommon);
    internal const string LikeTheAccount = nameof(LikeTheAccount);

    // What is left of a common password without its digits and signs. From published lists of leaked passwords,
    // French ones first; "azerty123456!" and "Bonjour2026!!" are these words too.
    private static readonly HashSet<string> CommonStems = new(StringComparer.Ordinal)
    {
        "", "a", "aa", "ab", "abc", "abcd", "abcdef", "abcdefgh", "abcdefghijkl", "admin", "administrateur",
        "administrator", "amour", "azerty", "azertyuiop", "azertyuiopqsdfghjklm", "bienvenue", "bonjour", "bonsoir",
        "camille", "changeme", "chocolat", "chouchou", "commune", "doudou", "dragon", "football", "france", "iloveyou",
        "invite", "jetaime", "julien", "letmein", "loulou", "mairie", "maire", "marseille", "master", "monkey",
        "motdepasse", "motdepass", "nicolas", "orange", "paris", "pass", "passe", "passer", "password", "princesse",
        "qsdfghjklm", "qwerty", "qwertyuiop", "root", "sauvegarde", "secret", "secretaire", "secretariat", "soleil",
        "sunshine", "superman", "test", "thomas", "toulouse", "user", "utilisateur", "vacances", "welcome", "wxcvbn",
    };

    /// <inheritdoc/>
    public Task<IdentityResult> ValidateAsync(UserManager<Person> manager, Person user, string? password)
    {
        var fault = Find(password ?? "", user.Name, user.Email ?? "");
        return Task.FromResult(fault is null
            ? IdentityResult.Success
            : IdentityResult.Failed(new IdentityError { Code = fault, Description = fault }));
    }

    /// <summary>The first rule that the password breaks; none if it is good.</summary>
    internal static string? Find(string password, string name, string email)
    {
        if (password.Length < CharactersMin) return TooShort;
        if (password.Length > CharactersMax) return TooLong;

        var stem = StemOf(password);
        if (password.Distinct().Count() < 5 || IsCommon(stem)) return TooCommon;

        string[] own = [StemOf(name), .. name.Split(' ').Select(StemOf), .. email.Split('@', '.').Select(StemOf)];
        return own.Any(word => word.Length >= 3 && stem.Replace(word, "", StringComparison.Ordinal).Length < 4)
            ? LikeTheAccount
            : null;
    }

    /// <summary>Also a common word twice, or two of them.</summary>
    private static bool IsCommon(string stem) =>
        CommonStems.Contains(stem)
        || Enumerable.Range(1, Math.Max(0, stem.Length - 1))
            .Any(cut => CommonStems.Contains(stem[..cut]) && CommonStems.Contains(stem[cut..]));

    /// <summary>Small letters only, with the digits and signs that stand for letters read as such.</summary>
    private static string StemOf(string text)
    {
        var plain = text.Trim('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '!', '.', '?', '*', '#', '-', '_');
        return string.Concat(plain.ToLowerInvariant().Select(Letter).Where(char.IsAsciiLetterLower));
    }

    private static char Letter(char sign) => sign switch
    {
        '0' => 'o',
        '1' or '!' => 'i',
        '3' or 'é' or 'è' or 'ê' => 'e',
        '4' or '@' or 'à' => 'a',
        '5' or '$' => 's',
        'ç' => 'c',
        _ => sign,
    };
}
