using System.Globalization;

namespace Beffroi.Business.Members.Offers;

/// <summary>A fact's value, or what a rule compares it with.</summary>
internal abstract record FactValue
{
    internal sealed record Number(long Count) : FactValue
    {
        internal override string ToText() => Count.ToString(CultureInfo.InvariantCulture);
    }

    internal sealed record Words(IReadOnlyList<string> Texts) : FactValue
    {
        internal override string ToText() => string.Join(' ', Texts);
    }

    internal sealed record Flag(bool IsSet) : FactValue
    {
        internal override string ToText() => IsSet ? "true" : "false";
    }

    internal sealed record Day(DateOnly Date) : FactValue
    {
        internal override string ToText() => Date.ToString("O", CultureInfo.InvariantCulture);
    }

    internal abstract string ToText();
}
