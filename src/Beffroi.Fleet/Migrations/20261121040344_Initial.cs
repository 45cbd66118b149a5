using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Beffroi.Fleet.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "fleet");

            migrationBuilder.CreateTable(
                name: "journal",
                schema: "fleet",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    act = table.Column<string>(type: "text", nullable: false),
                    vault_id = table.Column<Guid>(type: "uuid", nullable: true),
                    detail = table.Column<string>(type: "jsonb", nullable: false),
                    previous_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("journal_pkey", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "vaults",
                schema: "fleet",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    mode = table.Column<string>(type: "text", nullable: false),
                    recovery_public_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    service_public_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    service_private_key_wrapped = table.Column<byte[]>(type: "bytea", nullable: false),
                    group_secret_id = table.Column<Guid>(type: "uuid", nullable: false),
                    group_secret_wrapped = table.Column<byte[]>(type: "bytea", nullable: false),
                    quota_bytes = table.Column<long>(type: "bigint", nullable: false),
                    used_bytes = table.Column<long>(type: "bigint", nullable: false),
                    log_height = table.Column<long>(type: "bigint", nullable: false),
                    log_head = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("vaults_pkey", x => x.id);
                    table.CheckConstraint("vaults_bytes_check", "quota_bytes >= 0 and used_bytes >= 0");
                    table.CheckConstraint("vaults_mode_check", "mode in ('managed', 'zero_knowledge')");
                    table.CheckConstraint("vaults_recovery_public_key_check", "octet_length(recovery_public_key) = 65");
                    table.CheckConstraint("vaults_service_public_key_check", "octet_length(service_public_key) = 65");
                });

            migrationBuilder.CreateTable(
                name: "devices",
                schema: "fleet",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    vault_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    platform = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    agent_version = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    sign_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    hpke_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    machine_secret_ordinal = table.Column<short>(type: "smallint", nullable: false),
                    enrolled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_sequence = table.Column<long>(type: "bigint", nullable: false),
                    last_commit_id = table.Column<byte[]>(type: "bytea", nullable: true),
                    last_snapshot_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("devices_pkey", x => x.id);
                    table.CheckConstraint("devices_hpke_key_check", "octet_length(hpke_key) = 65");
                    table.CheckConstraint("devices_kind_check", "kind in ('fixed', 'laptop', 'server')");
                    table.CheckConstraint("devices_sign_key_check", "octet_length(sign_key) = 65");
                    table.ForeignKey(
                        name: "devices_vault_id_fkey",
                        column: x => x.vault_id,
                        principalSchema: "fleet",
                        principalTable: "vaults",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "packs",
                schema: "fleet",
                columns: table => new
                {
                    ordinal = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    pack_id = table.Column<byte[]>(type: "bytea", nullable: false),
                    vault_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<short>(type: "smallint", nullable: false),
                    bytes = table.Column<int>(type: "integer", nullable: false),
                    record_count = table.Column<int>(type: "integer", nullable: false),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    quarantined_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("packs_pkey", x => x.ordinal);
                    table.ForeignKey(
                        name: "packs_vault_id_fkey",
                        column: x => x.vault_id,
                        principalSchema: "fleet",
                        principalTable: "vaults",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "secrets",
                schema: "fleet",
                columns: table => new
                {
                    vault_id = table.Column<Guid>(type: "uuid", nullable: false),
                    ordinal = table.Column<short>(type: "smallint", nullable: false),
                    secret_id = table.Column<Guid>(type: "uuid", nullable: false),
                    device_id = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("secrets_pkey", x => new { x.vault_id, x.ordinal });
                    table.ForeignKey(
                        name: "secrets_vault_id_fkey",
                        column: x => x.vault_id,
                        principalSchema: "fleet",
                        principalTable: "vaults",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "enrolment_tokens",
                schema: "fleet",
                columns: table => new
                {
                    token_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    vault_id = table.Column<Guid>(type: "uuid", nullable: false),
                    device_kind = table.Column<string>(type: "text", nullable: false),
                    replaces_device_id = table.Column<Guid>(type: "uuid", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    used_by_device_id = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("enrolment_tokens_pkey", x => x.token_hash);
                    table.ForeignKey(
                        name: "enrolment_tokens_replaces_device_id_fkey",
                        column: x => x.replaces_device_id,
                        principalSchema: "fleet",
                        principalTable: "devices",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "enrolment_tokens_vault_id_fkey",
                        column: x => x.vault_id,
                        principalSchema: "fleet",
                        principalTable: "vaults",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "snapshots",
                schema: "fleet",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "bytea", nullable: false),
                    vault_id = table.Column<Guid>(type: "uuid", nullable: false),
                    device_id = table.Column<Guid>(type: "uuid", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    claimed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    root_id = table.Column<byte[]>(type: "bytea", nullable: false),
                    files = table.Column<long>(type: "bigint", nullable: false),
                    directories = table.Column<long>(type: "bigint", nullable: false),
                    logical_bytes = table.Column<long>(type: "bigint", nullable: false),
                    stored_bytes = table.Column<long>(type: "bigint", nullable: false),
                    warnings = table.Column<long>(type: "bigint", nullable: false),
                    object_name = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("snapshots_pkey", x => x.id);
                    table.ForeignKey(
                        name: "snapshots_device_id_fkey",
                        column: x => x.device_id,
                        principalSchema: "fleet",
                        principalTable: "devices",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "snapshots_vault_id_fkey",
                        column: x => x.vault_id,
                        principalSchema: "fleet",
                        principalTable: "vaults",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "devices_vault_id_idx",
                schema: "fleet",
                table: "devices",
                column: "vault_id");

            migrationBuilder.CreateIndex(
                name: "enrolment_tokens_replaces_device_id_idx",
                schema: "fleet",
                table: "enrolment_tokens",
                column: "replaces_device_id");

            migrationBuilder.CreateIndex(
                name: "enrolment_tokens_vault_id_idx",
                schema: "fleet",
                table: "enrolment_tokens",
                column: "vault_id");

            migrationBuilder.CreateIndex(
                name: "journal_vault_id_at_idx",
                schema: "fleet",
                table: "journal",
                columns: new[] { "vault_id", "at" });

            migrationBuilder.CreateIndex(
                name: "packs_vault_id_pack_id_key",
                schema: "fleet",
                table: "packs",
                columns: new[] { "vault_id", "pack_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "secrets_secret_id_key",
                schema: "fleet",
                table: "secrets",
                columns: new[] { "vault_id", "secret_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "snapshots_device_id_sequence_key",
                schema: "fleet",
                table: "snapshots",
                columns: new[] { "device_id", "sequence" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "snapshots_vault_id_received_at_idx",
                schema: "fleet",
                table: "snapshots",
                columns: new[] { "vault_id", "received_at" });

            migrationBuilder.CreateIndex(
                name: "vaults_member_id_key",
                schema: "fleet",
                table: "vaults",
                column: "member_id",
                unique: true);

            // EF Core does not know partitioned tables. Records are read and filled by Npgsql alone.
            migrationBuilder.Sql("""
                create table fleet.records (
                    vault_id uuid not null,
                    id bytea not null,
                    pack_ordinal bigint not null,
                    "offset" integer not null,
                    length integer not null,
                    type smallint not null,
                    secret_ordinal smallint not null,
                    damaged boolean not null default false,
                    constraint records_pkey primary key (vault_id, id)
                ) partition by list (vault_id);
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("drop table fleet.records;");

            migrationBuilder.DropTable(
                name: "enrolment_tokens",
                schema: "fleet");

            migrationBuilder.DropTable(
                name: "journal",
                schema: "fleet");

            migrationBuilder.DropTable(
                name: "packs",
                schema: "fleet");

            migrationBuilder.DropTable(
                name: "secrets",
                schema: "fleet");

            migrationBuilder.DropTable(
                name: "snapshots",
                schema: "fleet");

            migrationBuilder.DropTable(
                name: "devices",
                schema: "fleet");

            migrationBuilder.DropTable(
                name: "vaults",
                schema: "fleet");
        }
    }
}
