using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Beffroi.Identity.Migrations
{
    /// <inheritdoc />
    public partial class ProvisioningByLdap : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "bind_name",
                schema: "identity",
                table: "account_targets",
                type: "character varying(1000)",
                maxLength: 1000,
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "worked_at",
                schema: "identity",
                table: "account_targets",
                type: "timestamp with time zone",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "bind_name",
                schema: "identity",
                table: "account_targets");

            migrationBuilder.DropColumn(
                name: "worked_at",
                schema: "identity",
                table: "account_targets");
        }
    }
}
