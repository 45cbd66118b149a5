using System;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Beffroi.Fleet.Migrations
{
    /// <inheritdoc />
    public partial class PlansRunsOrders : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "findings",
                schema: "fleet",
                columns: table => new
                {
                    device_id = table.Column<Guid>(type: "uuid", nullable: false),
                    path = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    is_database = table.Column<bool>(type: "boolean", nullable: false),
                    files = table.Column<long>(type: "bigint", nullable: false),
                    bytes = table.Column<long>(type: "bigint", nullable: false),
                    first_seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    gone_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    acknowledged_actor = table.Column<string>(type: "text", nullable: true),
                    acknowledged_name = table.Column<string>(type: "text", nullable: true),
                    acknowledged_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    note = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("findings_pkey", x => new { x.device_id, x.path });
                    table.ForeignKey(
                        name: "findings_device_id_fkey",
                        column: x => x.device_id,
                        principalSchema: "fleet",
                        principalTable: "devices",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "installations",
                schema: "fleet",
                columns: table => new
                {
                    device_id = table.Column<Guid>(type: "uuid", nullable: false),
                    installation_id = table.Column<Guid>(type: "uuid", nullable: false),
                    start_id = table.Column<Guid>(type: "uuid", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    host_name = table.Column<string>(type: "text", nullable: false),
                    booted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    first_seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("installations_pkey", x => new { x.device_id, x.installation_id, x.start_id });
                    table.ForeignKey(
                        name: "installations_device_id_fkey",
                        column: x => x.device_id,
                        principalSchema: "fleet",
                        principalTable: "devices",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "orders",
                schema: "fleet",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    device_id = table.Column<Guid>(type: "uuid", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    actor_name = table.Column<string>(type: "text", nullable: false),
                    asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    restore = table.Column<string>(type: "jsonb", nullable: true),
                    files = table.Column<long>(type: "bigint", nullable: false),
                    files_total = table.Column<long>(type: "bigint", nullable: false),
                    bytes = table.Column<long>(type: "bigint", nullable: false),
                    bytes_total = table.Column<long>(type: "bigint", nullable: false),
                    problems = table.Column<long>(type: "bigint", nullable: false),
                    progress_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    run_id = table.Column<Guid>(type: "uuid", nullable: true),
                    code = table.Column<string>(type: "text", nullable: true),
                    message = table.Column<string>(type: "text", nullable: true),
                    details = table.Column<string[]>(type: "text[]", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("orders_pkey", x => x.id);
                    table.ForeignKey(
                        name: "orders_device_id_fkey",
                        column: x => x.device_id,
                        principalSchema: "fleet",
                        principalTable: "devices",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "plans",
                schema: "fleet",
                columns: table => new
                {
                    device_id = table.Column<Guid>(type: "uuid", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    content = table.Column<string>(type: "jsonb", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    author_name = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    signed_actor = table.Column<string>(type: "text", nullable: true),
                    signed_name = table.Column<string>(type: "text", nullable: true),
                    signed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("plans_pkey", x => new { x.device_id, x.revision });
                    table.ForeignKey(
                        name: "plans_device_id_fkey",
                        column: x => x.device_id,
                        principalSchema: "fleet",
                        principalTable: "devices",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "presences",
                schema: "fleet",
                columns: table => new
                {
                    device_id = table.Column<Guid>(type: "uuid", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    agent_version = table.Column<string>(type: "text", nullable: false),
                    platform = table.Column<string>(type: "text", nullable: false),
                    system = table.Column<string>(type: "text", nullable: false),
                    host_name = table.Column<string>(type: "text", nullable: false),
                    clock_ahead_seconds = table.Column<double>(type: "double precision", nullable: false),
                    power = table.Column<string>(type: "text", nullable: false),
                    battery_percent = table.Column<int>(type: "integer", nullable: true),
                    network = table.Column<string>(type: "text", nullable: false),
                    plan_revision = table.Column<long>(type: "bigint", nullable: false),
                    plan_known_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    next_run_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    waits_for = table.Column<string>(type: "text", nullable: true),
                    unsent_runs = table.Column<int>(type: "integer", nullable: false),
                    running = table.Column<string>(type: "jsonb", nullable: true),
                    duplicate_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    duplicate_host_names = table.Column<string[]>(type: "text[]", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("presences_pkey", x => x.device_id);
                    table.ForeignKey(
                        name: "presences_device_id_fkey",
                        column: x => x.device_id,
                        principalSchema: "fleet",
                        principalTable: "devices",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "runs",
                schema: "fleet",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    device_id = table.Column<Guid>(type: "uuid", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    trigger = table.Column<string>(type: "text", nullable: false),
                    @class = table.Column<string>(name: "class", type: "text", nullable: true),
                    outcome = table.Column<string>(type: "text", nullable: false),
                    plan_revision = table.Column<long>(type: "bigint", nullable: false),
                    order_id = table.Column<Guid>(type: "uuid", nullable: true),
                    agent_version = table.Column<string>(type: "text", nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    snapshot_id = table.Column<byte[]>(type: "bytea", nullable: true),
                    code = table.Column<string>(type: "text", nullable: true),
                    message = table.Column<string>(type: "text", nullable: true),
                    files = table.Column<long>(type: "bigint", nullable: false),
                    directories = table.Column<long>(type: "bigint", nullable: false),
                    logical_bytes = table.Column<long>(type: "bigint", nullable: false),
                    read_bytes = table.Column<long>(type: "bigint", nullable: false),
                    new_bytes = table.Column<long>(type: "bigint", nullable: false),
                    sent_bytes = table.Column<long>(type: "bigint", nullable: false),
                    unchanged_files = table.Column<long>(type: "bigint", nullable: false),
                    unreadable = table.Column<long>(type: "bigint", nullable: false),
                    log = table.Column<string>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("runs_pkey", x => x.id);
                    table.ForeignKey(
                        name: "runs_device_id_fkey",
                        column: x => x.device_id,
                        principalSchema: "fleet",
                        principalTable: "devices",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "findings_member_id_idx",
                schema: "fleet",
                table: "findings",
                column: "member_id");

            migrationBuilder.CreateIndex(
                name: "installations_device_id_last_seen_at_idx",
                schema: "fleet",
                table: "installations",
                columns: new[] { "device_id", "last_seen_at" });

            migrationBuilder.CreateIndex(
                name: "orders_device_id_asked_at_idx",
                schema: "fleet",
                table: "orders",
                columns: new[] { "device_id", "asked_at" });

            migrationBuilder.CreateIndex(
                name: "orders_member_id_asked_at_idx",
                schema: "fleet",
                table: "orders",
                columns: new[] { "member_id", "asked_at" });

            migrationBuilder.CreateIndex(
                name: "plans_member_id_idx",
                schema: "fleet",
                table: "plans",
                column: "member_id");

            migrationBuilder.CreateIndex(
                name: "presences_member_id_idx",
                schema: "fleet",
                table: "presences",
                column: "member_id");

            migrationBuilder.CreateIndex(
                name: "runs_device_id_started_at_idx",
                schema: "fleet",
                table: "runs",
                columns: new[] { "device_id", "started_at" });

            migrationBuilder.CreateIndex(
                name: "runs_member_id_started_at_idx",
                schema: "fleet",
                table: "runs",
                columns: new[] { "member_id", "started_at" });

            migrationBuilder.CreateIndex(
                name: "runs_started_at_idx",
                schema: "fleet",
                table: "runs",
                column: "started_at");

            migrationBuilder.EnableTenantWall("fleet", "plans");
            migrationBuilder.EnableTenantWall("fleet", "runs");
            migrationBuilder.EnableTenantWall("fleet", "orders");
            migrationBuilder.EnableTenantWall("fleet", "presences");
            migrationBuilder.EnableTenantWall("fleet", "installations");
            migrationBuilder.EnableTenantWall("fleet", "findings");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "findings",
                schema: "fleet");

            migrationBuilder.DropTable(
                name: "installations",
                schema: "fleet");

            migrationBuilder.DropTable(
                name: "orders",
                schema: "fleet");

            migrationBuilder.DropTable(
                name: "plans",
                schema: "fleet");

            migrationBuilder.DropTable(
                name: "presences",
                schema: "fleet");

            migrationBuilder.DropTable(
                name: "runs",
                schema: "fleet");
        }
    }
}
