using Beffroi.Business;
using Beffroi.Fleet;
using Beffroi.Identity;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;

Console.Error.WriteLine("This project only serves dotnet-ef; see docs/operations/migrations.md.");
return 2;

/// <summary>Makes contexts at design time; no server listens behind them: none is needed.</summary>
internal sealed class IdentityDbFactory : IDesignTimeDbContextFactory<IdentityDb>
{
    public IdentityDb CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<IdentityDb>();
        options.UseSchema(DesignTime.Database(), IdentityDb.Schema);
        return new IdentityDb(options.Options);
    }
}

internal sealed class BusinessDbFactory : IDesignTimeDbContextFactory<BusinessDb>
{
    public BusinessDb CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<BusinessDb>();
        options.UseSchema(DesignTime.Database(), BusinessDb.Schema);
        return new BusinessDb(options.Options);
    }
}

internal sealed class FleetDbFactory : IDesignTimeDbContextFactory<FleetDb>
{
    public FleetDb CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<FleetDb>();
        options.UseSchema(DesignTime.Database(), FleetDb.Schema);
        return new FleetDb(options.Options);
    }
}

internal static class DesignTime
{
    internal static NpgsqlDataSource Database() => NpgsqlDataSource.Create("Host=localhost");
}
