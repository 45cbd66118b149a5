using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Beffroi.Fleet.Migrations
{
    /// <inheritdoc />
    public partial class EnrolmentPages : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "device_name",
                schema: "fleet",
                table: "enrolment_tokens",
                type: "character varying(200)",
                maxLength: 200,
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "id",
                schema: "fleet",
                table: "enrolment_tokens",
                type: "uuid",
                nullable: false,
                defaultValueSql: "gen_random_uuid()");

            migrationBuilder.AddColumn<string>(
                name: "issued_by",
                schema: "fleet",
                table: "enrolment_tokens",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "revoked_at",
                schema: "fleet",
                table: "enrolment_tokens",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "text_wrapped",
                schema: "fleet",
                table: "enrolment_tokens",
                type: "bytea",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "enrolment_tokens_id_key",
                schema: "fleet",
                table: "enrolment_tokens",
                column: "id",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "enrolment_tokens_id_key",
                schema: "fleet",
                table: "enrolment_tokens");

            migrationBuilder.DropColumn(
                name: "device_name",
                schema: "fleet",
                table: "enrolment_tokens");

            migrationBuilder.DropColumn(
                name: "id",
                schema: "fleet",
                table: "enrolment_tokens");

            migrationBuilder.DropColumn(
                name: "issued_by",
                schema: "fleet",
                table: "enrolment_tokens");

            migrationBuilder.DropColumn(
                name: "revoked_at",
                schema: "fleet",
                table: "enrolment_tokens");

            migrationBuilder.DropColumn(
                name: "text_wrapped",
                schema: "fleet",
                table: "enrolment_tokens");
        }
    }
}
