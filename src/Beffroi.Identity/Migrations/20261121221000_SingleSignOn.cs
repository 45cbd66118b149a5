using System;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Beffroi.Identity.Migrations
{
    /// <inheritdoc />
    public partial class SingleSignOn : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "external_providers",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    issuer = table.Column<string>(type: "text", nullable: false),
                    client_id = table.Column<string>(type: "text", nullable: false),
                    sealed_secret = table.Column<byte[]>(type: "bytea", nullable: false),
                    scopes = table.Column<string[]>(type: "text[]", nullable: false),
                    acr_values = table.Column<string>(type: "text", nullable: true),
                    requires_signed_user_info = table.Column<bool>(type: "boolean", nullable: false),
                    creates_accounts = table.Column<bool>(type: "boolean", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    disabled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("external_providers_pkey", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "relying_parties",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    description = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    kind = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    secret_hash = table.Column<byte[]>(type: "bytea", nullable: true),
                    address = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    redirect_uris = table.Column<string[]>(type: "text[]", nullable: false),
                    post_logout_uris = table.Column<string[]>(type: "text[]", nullable: false),
                    scopes = table.Column<string[]>(type: "text[]", nullable: false),
                    requires_pkce = table.Column<bool>(type: "boolean", nullable: false),
                    algorithm = table.Column<string>(type: "character varying(5)", maxLength: 5, nullable: false),
                    may_use_devices = table.Column<bool>(type: "boolean", nullable: false),
                    is_for_all_members = table.Column<bool>(type: "boolean", nullable: false),
                    is_for_staff = table.Column<bool>(type: "boolean", nullable: false),
                    logo = table.Column<byte[]>(type: "bytea", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    disabled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("relying_parties_pkey", x => x.id);
                    table.CheckConstraint("relying_parties_secret_check", "(kind = 'Confidential') = (secret_hash is not null)");
                });

            migrationBuilder.CreateTable(
                name: "signing_keys",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<string>(type: "character varying(43)", maxLength: 43, nullable: false),
                    algorithm = table.Column<string>(type: "character varying(5)", maxLength: 5, nullable: false),
                    @sealed = table.Column<byte[]>(name: "sealed", type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    signs_from = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("signing_keys_pkey", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "external_sessions",
                schema: "identity",
                columns: table => new
                {
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    provider_id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    sealed_token = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("external_sessions_pkey", x => x.session_id);
                    table.ForeignKey(
                        name: "external_sessions_provider_id_fkey",
                        column: x => x.provider_id,
                        principalSchema: "identity",
                        principalTable: "external_providers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "external_sessions_session_id_fkey",
                        column: x => x.session_id,
                        principalSchema: "identity",
                        principalTable: "sessions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "relying_party_members",
                schema: "identity",
                columns: table => new
                {
                    relying_party_id = table.Column<Guid>(type: "uuid", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("relying_party_members_pkey", x => new { x.relying_party_id, x.member_id });
                    table.ForeignKey(
                        name: "relying_party_members_member_id_fkey",
                        column: x => x.member_id,
                        principalSchema: "identity",
                        principalTable: "members",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "relying_party_members_relying_party_id_fkey",
                        column: x => x.relying_party_id,
                        principalSchema: "identity",
                        principalTable: "relying_parties",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "sign_on_grants",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    relying_party_id = table.Column<Guid>(type: "uuid", nullable: false),
                    person_id = table.Column<Guid>(type: "uuid", nullable: false),
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    scopes = table.Column<string[]>(type: "text[]", nullable: false),
                    nonce = table.Column<string>(type: "text", nullable: true),
                    redirect_uri = table.Column<string>(type: "text", nullable: true),
                    challenge = table.Column<string>(type: "character varying(43)", maxLength: 43, nullable: true),
                    authenticated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    methods = table.Column<string>(type: "text", nullable: false),
                    stamp_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    code_hash = table.Column<byte[]>(type: "bytea", nullable: true),
                    code_expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    code_presented_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("sign_on_grants_pkey", x => x.id);
                    table.ForeignKey(
                        name: "sign_on_grants_person_id_fkey",
                        column: x => x.person_id,
                        principalSchema: "identity",
                        principalTable: "people",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "sign_on_grants_relying_party_id_fkey",
                        column: x => x.relying_party_id,
                        principalSchema: "identity",
                        principalTable: "relying_parties",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "sign_on_grants_session_id_fkey",
                        column: x => x.session_id,
                        principalSchema: "identity",
                        principalTable: "sessions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "device_requests",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    relying_party_id = table.Column<Guid>(type: "uuid", nullable: false),
                    device_code_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    user_code = table.Column<string>(type: "character varying(8)", maxLength: 8, nullable: false),
                    scopes = table.Column<string[]>(type: "text[]", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    origin = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    interval_seconds = table.Column<int>(type: "integer", nullable: false),
                    polled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    denied_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    grant_id = table.Column<Guid>(type: "uuid", nullable: true),
                    redeemed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("device_requests_pkey", x => x.id);
                    table.ForeignKey(
                        name: "device_requests_grant_id_fkey",
                        column: x => x.grant_id,
                        principalSchema: "identity",
                        principalTable: "sign_on_grants",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "device_requests_relying_party_id_fkey",
                        column: x => x.relying_party_id,
                        principalSchema: "identity",
                        principalTable: "relying_parties",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "issued_tokens",
                schema: "identity",
                columns: table => new
                {
                    hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    grant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false),
                    scopes = table.Column<string[]>(type: "text[]", nullable: false),
                    issued_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    spent_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("issued_tokens_pkey", x => x.hash);
                    table.ForeignKey(
                        name: "issued_tokens_grant_id_fkey",
                        column: x => x.grant_id,
                        principalSchema: "identity",
                        principalTable: "sign_on_grants",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "device_requests_device_code_hash_key",
                schema: "identity",
                table: "device_requests",
                column: "device_code_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "device_requests_grant_id_idx",
                schema: "identity",
                table: "device_requests",
                column: "grant_id");

            migrationBuilder.CreateIndex(
                name: "device_requests_origin_idx",
                schema: "identity",
                table: "device_requests",
                column: "origin");

            migrationBuilder.CreateIndex(
                name: "device_requests_relying_party_id_idx",
                schema: "identity",
                table: "device_requests",
                column: "relying_party_id");

            migrationBuilder.CreateIndex(
                name: "device_requests_user_code_key",
                schema: "identity",
                table: "device_requests",
                column: "user_code",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "external_sessions_provider_id_idx",
                schema: "identity",
                table: "external_sessions",
                column: "provider_id");

            migrationBuilder.CreateIndex(
                name: "issued_tokens_grant_id_idx",
                schema: "identity",
                table: "issued_tokens",
                column: "grant_id");

            migrationBuilder.CreateIndex(
                name: "relying_party_members_member_id_idx",
                schema: "identity",
                table: "relying_party_members",
                column: "member_id");

            migrationBuilder.CreateIndex(
                name: "sign_on_grants_code_hash_key",
                schema: "identity",
                table: "sign_on_grants",
                column: "code_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "sign_on_grants_expires_at_idx",
                schema: "identity",
                table: "sign_on_grants",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "sign_on_grants_person_id_idx",
                schema: "identity",
                table: "sign_on_grants",
                column: "person_id");

            migrationBuilder.CreateIndex(
                name: "sign_on_grants_relying_party_id_idx",
                schema: "identity",
                table: "sign_on_grants",
                column: "relying_party_id");

            migrationBuilder.CreateIndex(
                name: "sign_on_grants_session_id_idx",
                schema: "identity",
                table: "sign_on_grants",
                column: "session_id");

            migrationBuilder.EnableTenantWall("identity", "relying_party_members");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "device_requests",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "external_sessions",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "issued_tokens",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "relying_party_members",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "signing_keys",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "external_providers",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "sign_on_grants",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "relying_parties",
                schema: "identity");
        }
    }
}
