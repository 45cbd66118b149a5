using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Business.Tests;

public sealed class SchemaTests(TestCluster cluster)
{
    [Fact]
    public async Task Every_change_of_the_model_has_its_migration()
    {
        await using var register = await TestRegister.CreateAsync(cluster);
        var schema = register.Get<IEnumerable<ModuleSchema>>().Single(each => each.Name == "business");
        await using var context = schema.Open();

        Assert.Equal(context.Database.GetMigrations(), schema.Migrations);
        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task Every_table_stands_behind_the_wall()
    {
        await using var register = await TestRegister.CreateAsync(cluster);

        Assert.Equal("schema_migrations", await register.ScalarAsync<string>(
            "select string_agg(relname, ' ') from pg_class "
                + "where relnamespace = 'business'::regnamespace and relkind = 'r' and not relrowsecurity"));
    }
}
