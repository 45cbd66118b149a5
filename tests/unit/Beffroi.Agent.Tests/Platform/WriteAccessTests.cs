using Beffroi.Agent.Platform;
using Beffroi.Agent.Platform.Linux;
using Beffroi.Agent.Platform.Windows;

namespace Beffroi.Agent.Tests.Platform;

/// <summary>Who may have written something, by what the systems say of it. The lists are those of a new Windows 11
/// ('icacls C:\', 'icacls "C:\Program Files"').</summary>
public sealed class WriteAccessTests
{
    private const string System = "S-1-5-18", Admins = "S-1-5-32-544", Users = "S-1-5-32-545",
        AuthenticatedUsers = "S-1-5-11", Everyone = "S-1-1-0", CreatorOwner = "S-1-3-0", OwnerRights = "S-1-3-4",
        Packages = "S-1-15-2-1", Anne = "S-1-5-21-1004336348-1177238915-682003330-1001",
        TrustedInstaller = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";

    private const uint Full = 0x1F01FF, Modify = 0x1301BF, ReadAndExecute = 0x1200A9, MakeFolders = 0x4,
        GenericAll = 0x10000000;

    [Fact]
    public void Program_Files_is_the_administrators_alone()
    {
        var folder = new WindowsAccess(TrustedInstaller,
        [
            new(TrustedInstaller, Full), new(System, Modify), new(System, GenericAll, IsForChildren: true),
            new(Admins, Modify), new(Admins, GenericAll, IsForChildren: true), new(Users, ReadAndExecute),
            new(CreatorOwner, GenericAll, IsForChildren: true), new(Packages, ReadAndExecute),
        ]);

        Assert.Null(Stranger(folder, WindowsAccess.Change));
        Assert.Null(Stranger(folder, WindowsAccess.Replace));
    }

    [Fact]
    public void The_top_of_the_disk_lets_everybody_make_folders_and_replace_none()
    {
        var top = new WindowsAccess(TrustedInstaller,
        [
            new(Admins, Full), new(System, Full), new(Users, ReadAndExecute), new(AuthenticatedUsers, MakeFolders),
            new(AuthenticatedUsers, Modify, IsForChildren: true),
        ]);

        Assert.Null(Stranger(top, WindowsAccess.ReplaceInTop));
        Assert.Null(Stranger(top, WindowsAccess.Replace));
        Assert.Equal(AuthenticatedUsers, Stranger(top, WindowsAccess.Change)); // No place for the program itself.
    }

    [Fact]
    public void A_folder_that_an_administrator_made_in_C_is_everybodys()
    {
        var folder = new WindowsAccess(
            Admins, [new(Admins, Full), new(System, Full), new(AuthenticatedUsers, Modify)]);

        Assert.Equal(AuthenticatedUsers, Stranger(folder, WindowsAccess.Change));
        Assert.Equal(AuthenticatedUsers, Stranger(folder, WindowsAccess.Replace)); // They may rename it.
        Assert.Null(Stranger(folder, WindowsAccess.ReplaceInTop)); // A second disk: nobody renames its top.
    }

    [Fact]
    public void A_folder_of_a_person_is_theirs_administrator_or_not()
    {
        var folder = new WindowsAccess(Anne, [new(System, Full), new(Admins, Full), new(Anne, Full)]);
        var given = folder with { Owner = Admins };

        Assert.Equal(Anne, Stranger(folder, WindowsAccess.Replace));
        Assert.Equal(Anne, Stranger(given, WindowsAccess.Replace));
        Assert.Null(folder.FindStranger([.. WindowsAccess.Administrators, Anne], WindowsAccess.Change));
    }

    [Fact]
    public void Whose_it_is_decides_even_when_the_list_gives_them_nothing()
    {
        WindowsGrant[] closed = [new(System, Full), new(Admins, Full)];

        Assert.Equal(Anne, Stranger(new WindowsAccess(Anne, closed), rights: 0)); // An owner may write the list anew.
        Assert.Equal(Everyone, Stranger(new WindowsAccess(null, closed), rights: 0));
        Assert.Null(Stranger(new WindowsAccess(System, closed), rights: 0));
        Assert.Null(Stranger(new WindowsAccess(Admins, closed), WindowsAccess.Change));
    }

    [Fact]
    public void Without_a_list_everybody_may_do_everything()
    {
        var open = new WindowsAccess(System, Grants: null);

        Assert.Equal(Everyone, Stranger(open, WindowsAccess.Replace));
        Assert.Null(Stranger(open, rights: 0));
        Assert.Null(Stranger(new WindowsAccess(System, []), WindowsAccess.Change)); // An empty one: nobody.
    }

    [Theory]
    [InlineData(0x2u)] // FILE_WRITE_DATA
    [InlineData(0x4u)] // FILE_APPEND_DATA
    [InlineData(0x40u)] // FILE_DELETE_CHILD
    [InlineData(0x10000u)] // DELETE
    [InlineData(0x40000u)] // WRITE_DAC
    [InlineData(0x80000u)] // WRITE_OWNER
    [InlineData(0x10000000u)] // GENERIC_ALL
    [InlineData(0x40000000u)] // GENERIC_WRITE
    public void Each_right_to_change_something_counts(uint right)
    {
        var access = new WindowsAccess(System, [new(System, Full), new(Users, ReadAndExecute), new(Users, right)]);

        Assert.Equal(Users, Stranger(access, WindowsAccess.Change));
    }

    [Fact]
    public void Words_for_the_owner_are_nobody_else()
    {
        var access = new WindowsAccess(Admins, [new(CreatorOwner, Full), new(OwnerRights, Full)]);

        Assert.Null(Stranger(access, WindowsAccess.Change));
    }

    [Theory]
    [InlineData(0u, 0x1C0u, null)] // 0700
    [InlineData(0u, 0x1EDu, null)] // 0755
    [InlineData(1000u, 0x180u, null)]
    [InlineData(0u, 0x1FDu, "may be changed by other accounts (its mode is 775)")]
    [InlineData(1000u, 0x182u, "may be changed by other accounts (its mode is 602)")]
    [InlineData(0u, 0x3FFu, "may be changed by other accounts (its mode is 1777)")]
    [InlineData(1001u, 0x180u, "belongs to anne")]
    [InlineData(1002u, 0x180u, "belongs to account 1002")]
    public void On_Linux_owner_and_mode_decide(uint owner, uint mode, string? fault)
    {
        var status = new FileStatus { UserId = owner, Mode = mode };

        Assert.Equal(fault, LinuxAccess.FaultOf(status, [0, 1000], account => account == 1001 ? "anne" : null));
    }

    private static string? Stranger(WindowsAccess access, uint rights) =>
        access.FindStranger(WindowsAccess.Administrators, rights);
}
