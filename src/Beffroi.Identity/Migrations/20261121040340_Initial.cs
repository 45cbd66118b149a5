using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Beffroi.Identity.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "identity");

            migrationBuilder.CreateTable(
                name: "operators",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    siret = table.Column<string>(type: "character(14)", fixedLength: true, maxLength: 14, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("operators_pkey", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "members",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    operator_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    siret = table.Column<string>(type: "character(14)", fixedLength: true, maxLength: 14, nullable: false),
                    population = table.Column<int>(type: "integer", nullable: true),
                    level = table.Column<short>(type: "smallint", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("members_pkey", x => x.id);
                    table.CheckConstraint("members_level_check", "level between 1 and 3");
                    table.CheckConstraint("members_population_check", "population >= 0");
                    table.ForeignKey(
                        name: "members_operator_id_fkey",
                        column: x => x.operator_id,
                        principalSchema: "identity",
                        principalTable: "operators",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "members_operator_id_idx",
                schema: "identity",
                table: "members",
                column: "operator_id");

            migrationBuilder.CreateIndex(
                name: "members_siret_key",
                schema: "identity",
                table: "members",
                column: "siret",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "operators_siret_key",
                schema: "identity",
                table: "operators",
                column: "siret",
                unique: true);

            // A fresh platform has its one operator at once; create-operator gives it its name.
            migrationBuilder.Sql("insert into identity.operators (id, created_at) values (gen_random_uuid(), now());");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "members",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "operators",
                schema: "identity");
        }
    }
}
