using System.Reflection;
using Beffroi.Identity.Access;

namespace Beffroi.Fleet.Tests.People;

/// <summary>The table of rights that administrators read is the one that the program obeys.</summary>
public sealed class RightsTests
{
    [Fact]
    public void The_documented_table_of_rights_is_the_programs()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("people.md")!; // Built in.
        using var reader = new StreamReader(stream);

        Assert.Contains(Table(), reader.ReadToEnd(), StringComparison.Ordinal);
    }

    private static string Table()
    {
        var roles = Enum.GetValues<Role>();
        string[] rows =
        [
            $"| Permission | {string.Join(" | ", roles)} |",
            string.Concat(Enumerable.Repeat("|---", roles.Length + 1)) + "|",
            .. Enum.GetValues<Permission>().Select(permission =>
                $"| {permission} | "
                + $"{string.Join(" | ", roles.Select(role => Rights.Of(role).Contains(permission) ? "x" : "–"))} |"),
        ];
        return string.Join('\n', rows);
    }
}
