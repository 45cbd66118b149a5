using System.Text.RegularExpressions;

namespace Beffroi.Business.Members.Register;

/// <summary>The codes by which the State names bodies and places. The SIRET is in Beffroi.Identity.</summary>
internal static partial class PublicCodes
{
    /// <summary>Nine digits with a right Luhn key.</summary>
    internal static bool IsSiren(string text)
    {
        if (text.Length != 9 || !text.All(char.IsAsciiDigit) || text.All(digit => digit == '0')) return false;

        var sum = 0;
        for (var index = 0; index < text.Length; index++)
        {
            var digit = text[index] - '0';
            if (index % 2 == 1) digit *= 2; // Nine digits: the second from the right has an odd index.
            sum += digit > 9 ? digit - 9 : digit;
        }
        return sum % 10 == 0;
    }

    /// <summary>A commune of INSEE: five digits, 2A or 2B in Corsica, 97x or 98x overseas.</summary>
    internal static bool IsCommune(string text) => Commune().IsMatch(text);

    /// <summary>Two digits, 2A, 2B, or three digits overseas.</summary>
    internal static bool IsDepartement(string text) => Departement().IsMatch(text);

    /// <summary>The département of a commune.</summary>
    internal static string DepartementOf(string commune) =>
        commune.StartsWith('9') && commune[1] is '7' or '8' ? commune[..3] : commune[..2];

    internal static bool IsPostalCode(string text) => text.Length == 5 && text.All(char.IsAsciiDigit);

    /// <summary>An address that mail can be sent to, as far as its shape tells.</summary>
    internal static bool IsMail(string text) => text.Length <= 254 && Mail().IsMatch(text);

    /// <summary>A telephone number: at least eight digits, with what people write between them.</summary>
    internal static bool IsPhone(string text) =>
        text.Length <= 30 && Phone().IsMatch(text) && text.Count(char.IsAsciiDigit) >= 8;

    /// <summary>The address of a site, with or without its scheme.</summary>
    internal static bool IsWebsite(string text) =>
        text.Length <= 300 && !text.Any(char.IsWhiteSpace)
        && Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text,
            UriKind.Absolute, out var address)
        && address.Scheme is "http" or "https" && address.Host.Contains('.', StringComparison.Ordinal);

    /// <summary>The id that @CTES gives a transmitted act, such as
    /// <c>082-200061257-20230411-04202306-DE</c>: département, SIREN, day, number, nature.</summary>
    internal static bool IsCtesId(string text) => CtesId().IsMatch(text) && IsSiren(text.Substring(4, 9));

    [GeneratedRegex(@"^(?:[0-8]\d|9[0-8]|2[AB])\d{3}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Commune();

    [GeneratedRegex(@"^(?:0[1-9]|(?!20)[1-8]\d|9[0-5]|2[AB]|9[78]\d)\z", RegexOptions.None,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Departement();

    [GeneratedRegex(@"^[^\s@,;<>""]{1,64}@[^\s@,;<>""]+\.[^\s@,;<>"".]{2,}\z", RegexOptions.None,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mail();

    [GeneratedRegex(@"^\+?[\d .()/-]+\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Phone();

    [GeneratedRegex(@"^[0-9AB]{3}-\d{9}-\d{8}-[A-Z0-9_]{1,15}-[A-Z]{2}\z", RegexOptions.None,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex CtesId();
}
