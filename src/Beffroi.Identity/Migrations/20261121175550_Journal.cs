using System;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Beffroi.Identity.Migrations
{
    /// <inheritdoc />
    public partial class Journal : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "journal",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    act = table.Column<string>(type: "text", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: true),
                    vault_id = table.Column<Guid>(type: "uuid", nullable: true),
                    origin = table.Column<string>(type: "text", nullable: true),
                    detail = table.Column<string>(type: "jsonb", nullable: false),
                    version = table.Column<short>(type: "smallint", nullable: false),
                    previous_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("journal_pkey", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "journal_member_id_id_idx",
                schema: "identity",
                table: "journal",
                columns: new[] { "member_id", "id" });

            // The members that a connection was told; unset, it sees none. Compared as text: '*' is no uuid, and
            // PostgreSQL may evaluate either side of an 'or' first.
            migrationBuilder.Sql("""
                create function identity.sees(member uuid) returns boolean language sql stable parallel safe as $$
                  select current_setting('beffroi.members', true) = '*'
                      or member::text = any (string_to_array(current_setting('beffroi.members', true), ','))
                $$;
                """);

            // The end of the chain, for who may append without seeing everybody's entries.
            migrationBuilder.Sql("""
                create function identity.journal_tail() returns table (id bigint, hash bytea)
                language sql stable security definer set search_path = pg_catalog, pg_temp as $$
                  select j.id, j.hash from identity.journal j order by j.id desc limit 1
                $$;
                """);
            migrationBuilder.EnableTenantWall("identity", "members", "identity.sees(id)");
            migrationBuilder.EnableTenantWall("identity", "journal");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "journal",
                schema: "identity");
        }
    }
}
