using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Fleet.Migrations
{
    /// <summary>Snapshots say when their run ended; damaged records are found without reading the whole index.</summary>
    [DbContext(typeof(FleetDb))]
    [Migration("20261121044500_DamageAndEnd")]
    internal sealed class DamageAndEnd : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
            alter table fleet.snapshots add column ended_at timestamp with time zone;
            update fleet.snapshots set ended_at = claimed_at;
            alter table fleet.snapshots alter column ended_at set not null;
            create index records_damaged_idx on fleet.records (vault_id) where damaged;
            """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
            drop index fleet.records_damaged_idx;
            alter table fleet.snapshots drop column ended_at;
            """);
    }
}
