using System.Runtime.Versioning;
using Beffroi.Agent.State.Sqlite;

namespace Beffroi.Agent.Tests.State;

public sealed class SqliteTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Database => _folder.File("test.sqlite");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Values_come_back_as_they_went_in()
    {
        using var database = SqliteDatabase.Open(Database);
        database.Execute("CREATE TABLE t (n INTEGER, b BLOB, s TEXT, z)");
        var longText = string.Concat(Enumerable.Repeat("délibération ", 100));
        using var insert = database.Prepare("INSERT INTO t VALUES (?, ?, ?, ?)");
        foreach (var number in (long[])[0, -1, long.MinValue, long.MaxValue])
            insert.Bind(1, number).Bind(2, (ReadOnlySpan<byte>)[0, 255, 0]).Bind(3, longText).BindNull(4).Run();

        using var select = database.Prepare("SELECT n, b, s, z FROM t ORDER BY rowid");
        var numbers = new List<long>();
        while (select.Step())
        {
            numbers.Add(select.Int64(0));
            Assert.Equal([0, 255, 0], select.Blob(1).ToArray());
            Assert.Equal(longText, select.Text(2));
            Assert.False(select.IsNull(2));
            Assert.True(select.IsNull(3));
        }
        Assert.Equal([0, -1, long.MinValue, long.MaxValue], numbers);
    }

    [Fact]
    public void An_empty_blob_is_not_null()
    {
        using var database = SqliteDatabase.Open(Database);
        using var select = database.Prepare("SELECT ?");
        Assert.True(select.Bind(1, ReadOnlySpan<byte>.Empty).Step());
        Assert.False(select.IsNull(0));
        Assert.Equal(0, select.Blob(0).Length);
    }

    [Fact]
    public void What_is_not_committed_is_gone()
    {
        using (var database = SqliteDatabase.Open(Database))
        {
            database.Execute("CREATE TABLE t (n)");
            database.Begin();
            database.Execute("INSERT INTO t VALUES (1)");
            database.Commit();
            database.Begin();
            database.Execute("INSERT INTO t VALUES (2)");
        }
        using var again = SqliteDatabase.Open(Database);
        using var count = again.Prepare("SELECT count(*), max(n) FROM t");
        Assert.True(count.Step());
        Assert.Equal((1, 1), (count.Int64(0), count.Int64(1)));
    }

    [Fact]
    public void The_user_version_is_kept()
    {
        using (var database = SqliteDatabase.Open(Database))
        {
            Assert.Equal(0, database.UserVersion);
            database.UserVersion = 17;
        }
        using var again = SqliteDatabase.Open(Database);
        Assert.Equal(17, again.UserVersion);
    }

    [Fact]
    public void Wrong_sql_and_broken_rules_throw_with_the_words_of_sqlite()
    {
        using var database = SqliteDatabase.Open(Database);
        var wrong = Assert.Throws<SqliteException>(() => database.Execute("SELEC 1"));
        Assert.Contains("syntax error", wrong.Message, StringComparison.Ordinal);
        database.Execute("CREATE TABLE t (n PRIMARY KEY)");
        using var insert = database.Prepare("INSERT INTO t VALUES (1)");
        insert.Run();
        var failure = Assert.Throws<SqliteException>(insert.Run);
        Assert.Contains("UNIQUE", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsCorruption);
    }

    [Fact]
    public void A_file_that_is_no_database_is_corruption()
    {
        File.WriteAllText(Database, string.Concat(Enumerable.Repeat("not a database. ", 100)));
        Assert.True(Assert.Throws<SqliteException>(() => SqliteDatabase.Open(Database)).IsCorruption);
    }

    [Fact]
    public void A_closed_statement_is_refused_and_may_be_closed_again()
    {
        using var database = SqliteDatabase.Open(Database);
        var statement = database.Prepare("SELECT 1");
        statement.Dispose();
        statement.Dispose();
        Assert.Throws<ObjectDisposedException>(() => statement.Step());
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public void Nobody_else_may_read_the_file_nor_its_log()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps the rights on the folder.");
        File.WriteAllBytes(Database, []);
        File.SetUnixFileMode(Database, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        using var database = SqliteDatabase.Open(Database);
        database.Execute("CREATE TABLE t (n)");

        var files = Directory.GetFiles(_folder.FullPath);
        Assert.Contains(Database + "-wal", files);
        Assert.All(files, file =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }
}
