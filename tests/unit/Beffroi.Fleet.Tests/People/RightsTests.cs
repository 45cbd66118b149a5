using System.Reflection;
using Beffroi.Identity;
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

    [Fact]
    public void A_provider_stays_an_outsider_until_a_role_of_the_members_may_read_its_backups()
    {
        var member = MemberId.New();
        Caller With(params Role[] roles) =>
            Caller.Of(PersonId.New(), "Ida", null, [.. roles.Select(role => new RoleGrant(role, member))]);

        Assert.True(With(Role.Provider).IsOutsider(member));
        Assert.True(With(Role.Provider, Role.Agent).IsOutsider(member));
        Assert.False(With(Role.Provider, Role.Referent).IsOutsider(member));
        Assert.True(With(Role.Referent).IsOutsider(MemberId.New()));
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
