using System;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Beffroi.Fleet.Migrations
{
    /// <inheritdoc />
    public partial class ReadingConsents : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "reading_consents",
                schema: "fleet",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    asked_by = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    asked_by_name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    reason = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    hours = table.Column<short>(type: "smallint", nullable: false),
                    answer = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    answered_by = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    answered_by_name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    answered_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("reading_consents_pkey", x => x.id);
                    table.CheckConstraint("reading_consents_answer_check", "answer in ('none', 'granted', 'refused', 'revoked')");
                    table.CheckConstraint("reading_consents_answered_check", "(answer = 'none') = (answered_by is null)");
                    table.CheckConstraint("reading_consents_hours_check", "hours between 1 and 72");
                });

            migrationBuilder.CreateIndex(
                name: "reading_consents_member_id_asked_at_idx",
                schema: "fleet",
                table: "reading_consents",
                columns: new[] { "member_id", "asked_at" });
            migrationBuilder.EnableTenantWall("fleet", "reading_consents");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "reading_consents",
                schema: "fleet");
        }
    }
}
