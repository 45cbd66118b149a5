using System;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Beffroi.Fleet.Migrations
{
    /// <inheritdoc />
    public partial class TenantWall : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // The journal is the whole platform's now. Its entries keep their numbers, hashes and version, so the chain holds.
            migrationBuilder.Sql("""
                insert into identity.journal
                    (id, at, actor, act, member_id, vault_id, detail, version, previous_hash, hash)
                select j.id, j.at, j.actor, j.act, v.member_id, j.vault_id, j.detail, 1, j.previous_hash, j.hash
                from fleet.journal j left join fleet.vaults v on v.id = j.vault_id;
                """);
            migrationBuilder.DropTable(
                name: "journal",
                schema: "fleet");
            const string OfOwnVault = "exists (select from fleet.vaults v where v.id = vault_id)"; // Itself behind the wall.
            migrationBuilder.EnableTenantWall("fleet", "vaults");
            migrationBuilder.EnableTenantWall("fleet", "devices", OfOwnVault);
            migrationBuilder.EnableTenantWall("fleet", "snapshots", OfOwnVault);
            migrationBuilder.EnableTenantWall("fleet", "enrolment_tokens", OfOwnVault);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "journal",
                schema: "fleet",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false),
                    act = table.Column<string>(type: "text", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    detail = table.Column<string>(type: "jsonb", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    previous_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    vault_id = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("journal_pkey", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "journal_vault_id_at_idx",
                schema: "fleet",
                table: "journal",
                columns: new[] { "vault_id", "at" });
        }
    }
}
