using System.Diagnostics.CodeAnalysis;

namespace Beffroi.Identity;

/// <summary>The 14 digits by which the State names an establishment: 9 of the company (SIREN), 5 of the
/// place.</summary>
/// <remarks>Checked by its Luhn key. La Poste (SIREN 356 000 000) ran out of keys: for its offices the plain sum of
/// the digits is a multiple of five instead.</remarks>
public readonly record struct Siret
{
    private const int Digits = 14;
    private const string LaPosteSiren = "356000000";

    private readonly string? _digits;

    private Siret(string digits) => _digits = digits;

    /// <summary>The 14 digits without spaces.</summary>
    public string Value => _digits ?? throw new InvalidOperationException("A SIRET was never set.");

    /// <summary>Reads a SIRET; spaces between the digits are allowed, as people write them.</summary>
    /// <exception cref="FormatException">Not 14 digits, or the key is wrong.</exception>
    public static Siret Parse(string text) => TryParse(text, out var siret)
        ? siret
        : throw new FormatException(
            $"'{text}' is not a SIRET: it takes 14 digits whose check key is right. Compare it with the INSEE notice.");

    /// <summary>Reads a SIRET if <paramref name="text"/> is one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Siret siret)
    {
        siret = default;
        var digits = (text ?? "").Replace(" ", "", StringComparison.Ordinal);
        if (digits.Length != Digits || !digits.All(char.IsAsciiDigit) || !HasValidKey(digits)) return false;

        siret = new Siret(digits);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static bool HasValidKey(string digits)
    {
        if (digits.All(digit => digit == '0')) return false; // Its key fits, but nobody has it.
        if (LuhnSum(digits) % 10 == 0) return true;

        return digits.StartsWith(LaPosteSiren, StringComparison.Ordinal) && digits.Sum(digit => digit - '0') % 5 == 0;
    }

    private static int LuhnSum(string digits)
    {
        var sum = 0;
        for (var index = 0; index < digits.Length; index++)
        {
            var digit = digits[index] - '0';
            if (index % 2 == 0) digit *= 2; // 14 digits: every second one from the right is the first from the left.
            sum += digit > 9 ? digit - 9 : digit;
        }
        return sum;
    }
}
