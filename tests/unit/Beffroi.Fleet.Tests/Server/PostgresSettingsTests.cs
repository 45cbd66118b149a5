using System.Text;
using Beffroi.Server.Database;
using Beffroi.Vault;
using Npgsql;

namespace Beffroi.Fleet.Tests.Server;

public sealed class PostgresSettingsTests
{
    [Fact]
    public void The_socket_path_fits_whatever_the_data_folder_is_called()
    {
        for (var length = 1; length < 300; length++)
        {
            var folder = PostgresSettings.SocketFolder("/" + new string('é', length));
            Assert.True(Encoding.UTF8.GetByteCount(folder + "/.s.PGSQL.5432") <= 107, folder);
        }
        Assert.Equal("/srv/run/pg", PostgresSettings.SocketFolder("/srv/run"));
        Assert.NotEqual(
            PostgresSettings.SocketFolder("/" + new string('a', 200)),
            PostgresSettings.SocketFolder("/" + new string('b', 200)));
    }

    [Fact]
    public void The_private_cluster_is_reached_without_kerberos()
    {
        var settings = new NpgsqlConnectionStringBuilder(PostgresSettings.ConnectionString("/srv/run/pg", "beffroi"));
        Assert.Equal(GssEncryptionMode.Disable, settings.GssEncryptionMode);
    }

    [Fact]
    public void Settings_take_the_place_of_a_link_and_leave_alone_what_it_leads_to()
    {
        var cluster = Directory.CreateTempSubdirectory("beffroi-");
        var (precious, link) = (
            Path.Combine(cluster.FullName, "precious"), Path.Combine(cluster.FullName, "pg_hba.conf"));
        File.WriteAllText(precious, "untouched");
        File.CreateSymbolicLink(link, precious);

        PostgresSettings.Write(cluster.FullName, "/srv/run/pg");

        Assert.Equal("untouched", File.ReadAllText(precious));
        Assert.Null(new FileInfo(link).LinkTarget);
        Assert.Equal(4, Directory.GetFiles(cluster.FullName).Length);
        cluster.Delete(recursive: true);
    }

    [Fact]
    public void A_cluster_of_another_release_is_refused_with_what_to_install()
    {
        var cluster = Directory.CreateTempSubdirectory("beffroi-");
        File.WriteAllText(Path.Combine(cluster.FullName, "PG_VERSION"), "11\n");

        var refused = Assert.Throws<VaultException>(() => PostgresPrograms.Find(configured: null, cluster.FullName));

        Assert.Equal(ErrorCode.DatabaseUnavailable, refused.Code);
        Assert.Contains("postgresql-11", refused.Message, StringComparison.Ordinal);
        cluster.Delete(recursive: true);
    }

    [Fact]
    public void An_empty_folder_of_programs_is_refused()
    {
        var refused = Assert.Throws<VaultException>(() => PostgresPrograms.Find("/nonexistent/bin", "/nonexistent/db"));
        Assert.Contains("/nonexistent/bin", refused.Message, StringComparison.Ordinal);
    }
}
