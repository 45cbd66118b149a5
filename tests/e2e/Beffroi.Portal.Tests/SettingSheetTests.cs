using System.Reflection;
using System.Text.RegularExpressions;
using Beffroi.Identity.Access;
using Beffroi.Server.Configuration;

namespace Beffroi.Portal.Tests;

/// <summary>Who runs the server finds every setting in three places: what is read, what the portal shows, what the
/// documents explain.</summary>
public sealed class SettingSheetTests
{
    [Fact]
    public void The_portal_shows_every_setting_that_the_server_reads()
    {
        var shown = new SettingSheet(new ServerOptions()).List(Caller.System("test")).Select(line => line.Name);

        Assert.Equal(
            Names(typeof(ServerOptions), "").Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_documents_explain_every_setting_and_no_other()
    {
        var table = File.ReadAllLines(Path.Combine(Repository.Root(), "docs", "operations", "server.md"))
            .SkipWhile(line => !line.StartsWith("| Key |", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line.StartsWith('|'));

        Assert.Equal(
            Names(typeof(ServerOptions), "").Order(StringComparer.Ordinal),
            table.SelectMany(line => KeysOf(line.Split('|')[1])).Order(StringComparer.Ordinal));
    }

    /// <summary>The keys of a type of options, with those of its sections.</summary>
    private static IEnumerable<string> Names(Type options, string before) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance).SelectMany(property =>
            property.PropertyType.Namespace == typeof(ServerOptions).Namespace
                ? Names(property.PropertyType, $"{before}{property.Name}:")
                : [before + property.Name]);

    /// <summary>What a cell names: <c>`Smtp:Host`, `:Port`</c> are two keys of one section.</summary>
    private static IEnumerable<string> KeysOf(string cell)
    {
        var section = "";
        foreach (Match match in Regex.Matches(cell, "`([^`]+)`", RegexOptions.None, TimeSpan.FromSeconds(1)))
        {
            var key = match.Groups[1].Value;
            if (key[0] == ':') key = section + key;
            else section = key.Split(':')[0];
            yield return key;
        }
    }
}
