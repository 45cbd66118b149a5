using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Beffroi.Portal.Design;

/// <summary>The icons named in <c>icons.txt</c>, drawn inside the page.</summary>
internal static partial class IconSet
{
    private static readonly ConcurrentDictionary<string, string> Shapes = new();

    /// <summary>The icon as SVG.</summary>
    /// <exception cref="InvalidOperationException">icons.txt does not name it.</exception>
    internal static string Markup(string name, string? label)
    {
        var shape = Shapes.GetOrAdd(name, Load);
        var role = label is null
            ? "aria-hidden=\"true\""
            : $"role=\"img\" aria-label=\"{WebUtility.HtmlEncode(label)}\"";
        return $"""<svg class="icon" viewBox="0 0 24 24" width="24" height="24" {role}>{shape}</svg>""";
    }

    private static string Load(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"icon/{name}")
            ?? throw new InvalidOperationException($"There is no icon '{name}': add its name to Design/icons.txt.");
        using var reader = new StreamReader(stream);
        return string.Concat(Paths().Matches(reader.ReadToEnd()).Select(match => match.Value));
    }

    [GeneratedRegex("<(path|circle|rect|line|polyline) [^>]*/>", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Paths();
}
