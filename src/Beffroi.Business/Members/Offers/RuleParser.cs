using System.Globalization;
using System.Text;
using System.Text.Json;
using Beffroi.Business.Members.Register;

namespace Beffroi.Business.Members.Offers;

/// <summary>Why a text is no set of rules.</summary>
public enum RuleError
{
    /// <summary>Longer than <see cref="RuleParser.BytesMax"/>, or more rules, parts or depth than allowed.</summary>
    TooBig,

    /// <summary>No JSON, or a property twice; the path is the line and column.</summary>
    NotJson,

    /// <summary>An array, object or text stands where another is needed.</summary>
    WrongShape,
    UnknownProperty,
    UnknownReason,
    UnknownFact,

    /// <summary>The fact cannot be compared like that, or no comparison is given, or two.</summary>
    WrongOperator,

    /// <summary>The value has another type than the fact, or is a word that the fact never has.</summary>
    WrongValue,
}

/// <summary>A mistake in a text of rules.</summary>
/// <param name="Path">Where, such as <c>$[0].require.any[1]</c>.</param>
/// <param name="Found">What stands there, shortened.</param>
public sealed record RuleMistake(RuleError Error, string Path, string Found);

/// <summary>Reads rules strictly: whatever is not known is a mistake, so that a typing error never opens an
/// offer.</summary>
/// <remarks>The grammar is in docs/operations/members.md. The bounds are far above any rule of a charter (four
/// comparisons) and keep evaluation trivial.</remarks>
internal sealed class RuleParser
{
    internal const int BytesMax = 16 * 1024;
    private const int RulesMax = 32;
    private const int ConditionsMax = 128;
    private const int DepthMax = 16; // Of the JSON: six nested conditions.
    private const int FoundCharactersMax = 60;

    private static readonly RuleOperator[] Orders =
        [RuleOperator.Below, RuleOperator.AtMost, RuleOperator.Is, RuleOperator.AtLeast, RuleOperator.Above];

    private readonly List<RuleMistake> _mistakes = [];
    private int _conditions;

    /// <summary>The rules, or every mistake found: one of the lists is empty.</summary>
    internal static (IReadOnlyList<EligibilityRule> Rules, IReadOnlyList<RuleMistake> Mistakes) Parse(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > BytesMax) return ([], [new RuleMistake(RuleError.TooBig, "$", "")]);
        try
        {
            var options = new JsonDocumentOptions { MaxDepth = DepthMax, AllowDuplicateProperties = false };
            using var document = JsonDocument.Parse(text, options);
            var parser = new RuleParser();
            var rules = parser.ReadRules(document.RootElement);
            return parser._mistakes.Count > 0 ? ([], parser._mistakes) : (rules, []);
        }
        catch (JsonException exception)
        {
            var place = string.Create(
                CultureInfo.InvariantCulture, $"{exception.LineNumber + 1}:{exception.BytePositionInLine + 1}");
            return ([], [new RuleMistake(RuleError.NotJson, place, "")]);
        }
    }

    private List<EligibilityRule> ReadRules(JsonElement root)
    {
        List<EligibilityRule> rules = [];
        if (root.ValueKind != JsonValueKind.Array || root.GetArrayLength() > RulesMax)
        {
            Report(root.ValueKind == JsonValueKind.Array ? RuleError.TooBig : RuleError.WrongShape, "$", root);
            return rules;
        }
        foreach (var (index, element) in root.EnumerateArray().Index())
        {
            if (ReadRule(element, string.Create(CultureInfo.InvariantCulture, $"$[{index}]")) is { } rule)
                rules.Add(rule);
        }
        return rules;
    }

    private EligibilityRule? ReadRule(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return Report<EligibilityRule>(RuleError.WrongShape, path, element);

        ReportUnknown(element, path, "reason", "require");
        var hasReason = TryWord<EligibilityReason>(element, "reason", out var reason);
        if (!hasReason) Report(RuleError.UnknownReason, path + ".reason", element);
        if (!element.TryGetProperty("require", out var require))
            return Report<EligibilityRule>(RuleError.WrongShape, path + ".require", element);

        var condition = ReadCondition(require, path + ".require");
        return hasReason && condition is not null ? new EligibilityRule(reason, condition) : null;
    }

    private RuleCondition? ReadCondition(JsonElement element, string path)
    {
        if (++_conditions > ConditionsMax) return Report<RuleCondition>(RuleError.TooBig, path, element);
        if (element.ValueKind != JsonValueKind.Object)
            return Report<RuleCondition>(RuleError.WrongShape, path, element);

        if (element.TryGetProperty("fact", out _)) return ReadComparison(element, path);
        var members = element.EnumerateObject().ToList();
        if (members.Count != 1) return Report<RuleCondition>(RuleError.WrongShape, path, element);

        var inner = $"{path}.{members[0].Name}";
        switch (members[0].Name)
        {
            case "all":
                return ReadParts(members[0].Value, inner) is { } all ? new RuleCondition.All(all) : null;
            case "any":
                return ReadParts(members[0].Value, inner) is { } any ? new RuleCondition.Any(any) : null;
            case "not":
                return ReadCondition(members[0].Value, inner) is { } part ? new RuleCondition.Not(part) : null;
            default:
                return Report<RuleCondition>(RuleError.UnknownProperty, inner, element);
        }
    }

    /// <summary>The parts of <c>all</c> or <c>any</c>: at least one, since "all of nothing" would be met by
    /// anybody.</summary>
    private List<RuleCondition>? ReadParts(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() == 0)
            return Report<List<RuleCondition>>(RuleError.WrongShape, path, element);

        List<RuleCondition?> parts = [];
        foreach (var (index, part) in element.EnumerateArray().Index())
            parts.Add(ReadCondition(part, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]")));
        return parts.Contains(null) ? null : [.. parts.OfType<RuleCondition>()];
    }

    private RuleCondition.Compare? ReadComparison(JsonElement element, string path)
    {
        if (!TryWord<EligibilityFact>(element, "fact", out var fact))
            return Report<RuleCondition.Compare>(RuleError.UnknownFact, path + ".fact", element);

        var others = element.EnumerateObject().Where(member => member.Name != "fact").ToList();
        if (others.Count != 1 || !CodeWord.TryParse<RuleOperator>(others[0].Name, out var comparison)
            || !Operators(fact).Contains(comparison))
            return Report<RuleCondition.Compare>(RuleError.WrongOperator, path, element);

        return ReadValue(fact, others[0].Value) is { } value
            ? new RuleCondition.Compare(fact, comparison, value)
            : Report<RuleCondition.Compare>(RuleError.WrongValue, $"{path}.{others[0].Name}", others[0].Value);
    }

    private static RuleOperator[] Operators(EligibilityFact fact) => fact switch
    {
        EligibilityFact.Population => Orders,
        EligibilityFact.EpciIsMember => [RuleOperator.Is],
        EligibilityFact.SignedOn => [RuleOperator.From, RuleOperator.Until],
        _ => [RuleOperator.AnyOf, RuleOperator.NoneOf],
    };

    private static FactValue? ReadValue(EligibilityFact fact, JsonElement value) => fact switch
    {
        EligibilityFact.Population => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count)
            && count >= 0
            ? new FactValue.Number(count)
            : null,
        EligibilityFact.EpciIsMember => value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? new FactValue.Flag(value.GetBoolean())
            : null,
        EligibilityFact.SignedOn => DateOnly.TryParseExact(
            TextOf(value), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new FactValue.Day(day)
            : null,
        _ => ReadWords(fact, value),
    };

    private static FactValue.Words? ReadWords(EligibilityFact fact, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0) return null;

        List<string> words = [.. value.EnumerateArray().Select(TextOf).OfType<string>()];
        return words.Count == value.GetArrayLength() && words.All(word => IsWordOf(fact, word))
            ? new FactValue.Words(words)
            : null;
    }

    private static bool IsWordOf(EligibilityFact fact, string word) => fact switch
    {
        EligibilityFact.Kind => CodeWord.TryParse<MemberKind>(word, out _),
        EligibilityFact.Class => CodeWord.TryParse<MemberClass>(word, out _),
        EligibilityFact.Links => CodeWord.TryParse<SiteLink>(word, out _),
        EligibilityFact.EpciSiren => PublicCodes.IsSiren(word),
        EligibilityFact.Departement => PublicCodes.IsDepartement(word),
        _ => false,
    };

    private static string? TextOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    private static bool TryWord<T>(JsonElement element, string name, out T value)
        where T : struct, Enum
    {
        value = default;
        return element.TryGetProperty(name, out var property) && TextOf(property) is { } word
            && CodeWord.TryParse(word, out value);
    }

    private void ReportUnknown(JsonElement element, string path, params string[] known)
    {
        foreach (var member in element.EnumerateObject().Where(member => !known.Contains(member.Name)))
            Report(RuleError.UnknownProperty, $"{path}.{member.Name}", member.Value);
    }

    private T? Report<T>(RuleError error, string path, JsonElement element)
        where T : class
    {
        Report(error, path, element);
        return null;
    }

    private void Report(RuleError error, string path, JsonElement element)
    {
        var found = element.GetRawText();
        _mistakes.Add(new RuleMistake(
            error, path, found.Length <= FoundCharactersMax ? found : found[..FoundCharactersMax] + "…"));
    }
}
