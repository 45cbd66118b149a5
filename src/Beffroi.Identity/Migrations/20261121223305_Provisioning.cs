using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Beffroi.Identity.Migrations
{
    /// <inheritdoc />
    public partial class Provisioning : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "account_targets",
                schema: "identity",
                columns: table => new
                {
                    relying_party_id = table.Column<Guid>(type: "uuid", nullable: false),
                    address = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    sealed_token = table.Column<byte[]>(type: "bytea", nullable: false),
                    disabled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("account_targets_pkey", x => x.relying_party_id);
                    table.ForeignKey(
                        name: "account_targets_relying_party_id_fkey",
                        column: x => x.relying_party_id,
                        principalSchema: "identity",
                        principalTable: "relying_parties",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "provisioned_accounts",
                schema: "identity",
                columns: table => new
                {
                    relying_party_id = table.Column<Guid>(type: "uuid", nullable: false),
                    person_id = table.Column<Guid>(type: "uuid", nullable: false),
                    remote_id = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    sent_digest = table.Column<byte[]>(type: "bytea", nullable: true),
                    refused_digest = table.Column<byte[]>(type: "bytea", nullable: true),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    next_attempt_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_error = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("provisioned_accounts_pkey", x => new { x.relying_party_id, x.person_id });
                    table.ForeignKey(
                        name: "provisioned_accounts_person_id_fkey",
                        column: x => x.person_id,
                        principalSchema: "identity",
                        principalTable: "people",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "provisioned_accounts_relying_party_id_fkey",
                        column: x => x.relying_party_id,
                        principalSchema: "identity",
                        principalTable: "account_targets",
                        principalColumn: "relying_party_id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "provisioned_accounts_person_id_idx",
                schema: "identity",
                table: "provisioned_accounts",
                column: "person_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "provisioned_accounts",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "account_targets",
                schema: "identity");
        }
    }
}
