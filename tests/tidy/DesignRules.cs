using System.Text.RegularExpressions;

namespace Beffroi.Tidy;

/// <summary>The portal's design carries nothing that no page uses.</summary>
public sealed partial class DesignRules
{
    private const string Styles = "src/Beffroi.Portal/Design/portal.css";
    private const string Icons = "src/Beffroi.Portal/Design/icons.txt";

    [Fact]
    public void Every_class_of_the_style_sheet_is_on_a_page() =>
        Rule.Holds(UnusedClasses(RepositoryTree.File(Styles).Text, Pages()));

    [Fact]
    public void Every_icon_of_the_list_is_on_a_page() =>
        Rule.Holds(UnusedIcons(RepositoryTree.File(Icons).Text, Pages()));

    [Fact]
    public void A_class_and_an_icon_that_no_page_uses_are_found()
    {
        const string Page = "<p class=\"one @(isBad ? \"two\" : null)\"><Icon Name=\"bell\" /> a third one</p>";

        Assert.Equal(
            ["'.three' is on no page: take it out."],
            UnusedClasses("/* .no */ .one > .two:hover, .three { top: 1.5rem; }", Page).Select(each => each.Advice));
        Assert.Equal(
            ["'third' is on no page: take it out."], UnusedIcons("bell\nthird\n", Page).Select(each => each.Advice));
    }

    private static string Pages() => string.Join('\n', RepositoryTree.Files
        .Where(file => file.Path.StartsWith("src/Beffroi.Portal/", StringComparison.Ordinal)
            && file.HasEnding(".razor", ".cs", ".js"))
        .Select(file => file.Text));

    private static IEnumerable<Finding> UnusedClasses(string styles, string pages) =>
        from name in ClassNames().Matches(Remarks().Replace(styles, "")).Select(match => match.Groups[1].Value)
            .Distinct(StringComparer.Ordinal)
        where !Regex.IsMatch(
            pages, $"class=\"[^>]*(?<![\\w-]){name}(?![\\w-])|\"{name}\"", RegexOptions.None, TimeSpan.FromSeconds(5))
        select new Finding(Styles, 1, $"'.{name}' is on no page: take it out.");

    private static IEnumerable<Finding> UnusedIcons(string icons, string pages) =>
        from name in icons.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        where !pages.Contains($"\"{name}\"", StringComparison.Ordinal)
        select new Finding(Icons, 1, $"'{name}' is on no page: take it out.");

    [GeneratedRegex(@"\.([a-zA-Z][\w-]*)(?=[^{}]*\{)", RegexOptions.None, 5000)]
    private static partial Regex ClassNames();

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline, 5000)]
    private static partial Regex Remarks();
}
