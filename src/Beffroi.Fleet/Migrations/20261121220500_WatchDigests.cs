using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Fleet.Migrations
{
    /// <summary>On which days the morning's mail left; never mapped, and so hidden from people's requests.</summary>
    [DbContext(typeof(FleetDb))]
    [Migration("20261121220500_WatchDigests")]
    internal sealed class WatchDigests : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            "create table fleet.watch_digests (day date primary key, sent_at timestamp with time zone not null);");

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            migrationBuilder.Sql("drop table fleet.watch_digests;");
    }
}
