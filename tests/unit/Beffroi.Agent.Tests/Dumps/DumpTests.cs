using Beffroi.Agent.Dumps;
using Beffroi.Protocol;
using Beffroi.Vault;

namespace Beffroi.Agent.Tests.Dumps;

public sealed class DumpTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("postgresql", "pg_dump --format=custom --compress=0 --no-password --host=db --port=77 --username=anne "
        + "--dbname=compta")]
    [InlineData("mysql", "mysqldump --single-transaction --routines --events --triggers --skip-dump-date --host=db "
        + "--port=77 --user=anne compta")]
    [InlineData("sqlserver", "sqlcmd -b -S db,77 -U anne -Q BACKUP DATABASE [compta] TO DISK = N'/d/it''s.part' WITH "
        + "INIT, COPY_ONLY, CHECKSUM")]
    [InlineData("firebird", "gbak -backup_database -user anne db/77:/srv/compta.fdb /d/it's.part")]
    public void Each_kind_of_database_has_its_command_line(string kind, string expected)
    {
        var dump = new DumpMessage(
            "compta", kind, 60, "warn", kind == "firebird" ? "/srv/compta.fdb" : "compta", "db", 77, "anne");

        var command = DumpCommand.Of(dump, LocalDump.None, "/d/it's.part", _ => false);

        Assert.Equal(expected, $"{command.Program} {string.Join(' ', command.Arguments)}");
    }

    [Theory]
    [InlineData("postgresql", "--file=/etc/passwd")]
    [InlineData("mysql", "a b")]
    [InlineData("sqlserver", "x] ; drop database y --")]
    [InlineData("firebird", "relative.fdb")]
    [InlineData("firebird", "/srv/$(reboot).fdb")]
    [InlineData("postgresql", null)]
    public void No_word_of_a_plan_becomes_an_option_or_a_statement(string kind, string? database)
    {
        var dump = new DumpMessage("compta", kind, 60, "warn", database);

        var refused = Assert.Throws<VaultException>(() => DumpCommand.Of(dump, LocalDump.None, "/d/x", _ => false));
        Assert.Equal(ErrorCode.DumpFailed, refused.Code);
        var option = new DumpMessage("compta", "mysql", 60, "warn", "compta", Host: "-oProxy");
        Assert.Throws<VaultException>(() => DumpCommand.Of(option, LocalDump.None, "/d/x", _ => false));
    }

    [Fact]
    public async Task What_the_command_writes_is_the_file_and_a_later_failure_leaves_it()
    {
        if (OperatingSystem.IsWindows()) return;
        var good = DumpOf("printf one");
        await good.ExecuteAsync(CancellationToken.None);

        var failure = await FailAsync("printf two; echo \"refused: $SECRET\" >&2; exit 7");
        var silent = await FailAsync("exit 0");
        var missing = await FailAsync(program: "/nowhere/at/all");

        Assert.Equal("one", File.ReadAllText(good.File));
        Assert.Contains("exit code 7: refused: ***", failure.Message, StringComparison.Ordinal);
        Assert.Contains("stays in the backup", failure.Message, StringComparison.Ordinal);
        Assert.Contains("wrote nothing", silent.Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere/at/all", missing.Message, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(good.File));
    }

    [Fact]
    public async Task A_program_that_hangs_is_ended_with_its_children()
    {
        if (OperatingSystem.IsWindows()) return;
        var started = TimeProvider.System.GetTimestamp();

        var failure = await FailAsync("echo begun; sleep 600 & wait", seconds: 1);

        Assert.Contains("longer than the 1 s", failure.Message, StringComparison.Ordinal);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_custom_dump_runs_what_the_device_says_and_not_what_the_plan_says()
    {
        var dump = new DumpMessage("compta", "custom", 60, "warn", Database: "anything");

        var refused = await Assert.ThrowsAsync<VaultException>(
            () => new DumpRun(_folder.FullPath, dump, LocalDump.None).ExecuteAsync(CancellationToken.None));

        Assert.Contains("agent.json", refused.Message, StringComparison.Ordinal);
    }

    private async Task<VaultException> FailAsync(string script = "", int seconds = 60, string? program = null)
    {
        var failure = await Assert.ThrowsAsync<VaultException>(
            () => DumpOf(script, seconds, program).ExecuteAsync(CancellationToken.None));
        Assert.Equal(ErrorCode.DumpFailed, failure.Code);
        return failure;
    }

    private DumpRun DumpOf(string script, int seconds = 60, string? program = null) => new(
        _folder.FullPath, new DumpMessage("compta", "custom", seconds, "warn"),
        new LocalDump(
            [program ?? "/bin/sh", "-c", script], new Dictionary<string, string> { ["SECRET"] = "s3cr3t" }, null));
}
