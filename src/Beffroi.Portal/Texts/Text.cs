using System.Globalization;
using System.Reflection;

namespace Beffroi.Portal.Texts;

/// <summary>The languages of the portal.</summary>
public enum Language
{
    French,
    English,
}

/// <summary>The texts of a request in its language. The key of a text is the French sentence itself, as with gettext: a
/// page reads as people see it, and a missing translation shows French instead of a name.</summary>
public sealed class Text(Language language)
{
    private static readonly Lazy<IReadOnlyDictionary<string, string>> English = new(() => Load("en.po"));

    /// <summary>The language of this request.</summary>
    public Language Language { get; } = language;

    /// <summary>For <c>lang</c> attributes.</summary>
    public string Code => Language == Language.French ? "fr" : "en";

    /// <summary>A text as it is.</summary>
    public string this[string french] =>
        Language == Language.English && English.Value.TryGetValue(french, out var text) ? text : french;

    /// <summary>A text with <c>{0}</c> and so on filled in.</summary>
    public string this[string french, params object?[] values] =>
        string.Format(CultureInfo.InvariantCulture, this[french], values);

    /// <summary>One of two texts by a number, which is <c>{0}</c> in both. French counts zero as one.</summary>
    public string Count(long number, string one, string many) =>
        this[(Language == Language.French ? Math.Abs(number) < 2 : number == 1) ? one : many, number];

    /// <summary>All translations, for the test that compares them with what the pages say.</summary>
    internal static IReadOnlyDictionary<string, string> Translations => English.Value;

    private static Dictionary<string, string> Load(string name)
    {
        var assembly = Assembly.GetExecutingAssembly();
        using var stream = assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The portal was built without its translations '{name}'.");
        using var reader = new StreamReader(stream);
        return PoFile.Read(reader);
    }
}
