using System;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Beffroi.Business.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "business");

            migrationBuilder.CreateTable(
                name: "contacts",
                schema: "business",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    function = table.Column<string>(type: "text", nullable: true),
                    mail = table.Column<string>(type: "text", nullable: true),
                    phone = table.Column<string>(type: "text", nullable: true),
                    person_id = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("contacts_pkey", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "member_files",
                schema: "business",
                columns: table => new
                {
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: true),
                    @class = table.Column<string>(name: "class", type: "character varying(40)", maxLength: 40, nullable: true),
                    standing = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    population_year = table.Column<int>(type: "integer", nullable: true),
                    commune_code = table.Column<string>(type: "text", nullable: true),
                    departement = table.Column<string>(type: "text", nullable: true),
                    epci_siren = table.Column<string>(type: "text", nullable: true),
                    epci_name = table.Column<string>(type: "text", nullable: true),
                    street = table.Column<string>(type: "text", nullable: true),
                    postal_code = table.Column<string>(type: "text", nullable: true),
                    city = table.Column<string>(type: "text", nullable: true),
                    mail = table.Column<string>(type: "text", nullable: true),
                    phone = table.Column<string>(type: "text", nullable: true),
                    website = table.Column<string>(type: "text", nullable: true),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("member_files_pkey", x => x.member_id);
                    table.CheckConstraint("member_files_class_check", "class in ('member', 'assimilated', 'non_member')");
                    table.CheckConstraint("member_files_kind_check", "kind in ('commune', 'epci', 'departement', 'public_body', 'syndicate', 'other')");
                    table.CheckConstraint("member_files_standing_check", "standing in ('known', 'joining', 'effective', 'left')");
                });

            migrationBuilder.CreateTable(
                name: "offers",
                schema: "business",
                columns: table => new
                {
                    code = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    kind = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    rules = table.Column<string>(type: "json", nullable: false),
                    is_open = table.Column<bool>(type: "boolean", nullable: false),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("offers_pkey", x => x.code);
                    table.CheckConstraint("offers_kind_check", "kind in ('backup', 'pack', 'bouquet', 'other')");
                });

            migrationBuilder.CreateTable(
                name: "sites",
                schema: "business",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    street = table.Column<string>(type: "text", nullable: true),
                    postal_code = table.Column<string>(type: "text", nullable: true),
                    city = table.Column<string>(type: "text", nullable: true),
                    link = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: true),
                    measured_mbps = table.Column<decimal>(type: "numeric(9,2)", precision: 9, scale: 2, nullable: true),
                    measured_on = table.Column<DateOnly>(type: "date", nullable: true),
                    is_in_gfu = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("sites_pkey", x => x.id);
                    table.CheckConstraint("sites_link_check", "link in ('fibre_opsn', 'ftth', 'gfu', 'adsl', 'mobile')");
                    table.CheckConstraint("sites_measured_mbps_check", "measured_mbps > 0");
                });

            migrationBuilder.CreateTable(
                name: "held_roles",
                schema: "business",
                columns: table => new
                {
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    role = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    held_from = table.Column<DateOnly>(type: "date", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    held_until = table.Column<DateOnly>(type: "date", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("held_roles_pkey", x => new { x.contact_id, x.role, x.held_from });
                    table.CheckConstraint("held_roles_role_check", "role in ('referent', 'functional_administrator', 'executive', 'data_protection_officer', 'accounting', 'provider', 'other')");
                    table.CheckConstraint("held_roles_until_check", "held_until >= held_from");
                    table.ForeignKey(
                        name: "held_roles_contact_id_fkey",
                        column: x => x.contact_id,
                        principalSchema: "business",
                        principalTable: "contacts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "admissions",
                schema: "business",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    offer_code = table.Column<string>(type: "character varying(40)", nullable: false),
                    state = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    level = table.Column<short>(type: "smallint", nullable: true),
                    effective_on = table.Column<DateOnly>(type: "date", nullable: true),
                    motive = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: true),
                    opened_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("admissions_pkey", x => x.id);
                    table.CheckConstraint("admissions_level_check", "level between 1 and 3");
                    table.CheckConstraint("admissions_motive_check", "motive in ('withdrawn', 'ended', 'mistake')");
                    table.CheckConstraint("admissions_state_check", "state in ('requested', 'refused', 'eligible', 'diagnosis', 'proposal', 'awaiting_pieces', 'complete', 'effective', 'closed')");
                    table.ForeignKey(
                        name: "admissions_offer_code_fkey",
                        column: x => x.offer_code,
                        principalSchema: "business",
                        principalTable: "offers",
                        principalColumn: "code",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "inventory_items",
                schema: "business",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    label = table.Column<string>(type: "text", nullable: false),
                    kind = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    site_id = table.Column<Guid>(type: "uuid", nullable: true),
                    operating_system = table.Column<string>(type: "text", nullable: true),
                    device_id = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("inventory_items_pkey", x => x.id);
                    table.CheckConstraint("inventory_items_kind_check", "kind in ('fixed', 'laptop', 'server', 'nas', 'relay')");
                    table.ForeignKey(
                        name: "inventory_items_site_id_fkey",
                        column: x => x.site_id,
                        principalSchema: "business",
                        principalTable: "sites",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "admission_moves",
                schema: "business",
                columns: table => new
                {
                    admission_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    to_state = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("admission_moves_pkey", x => new { x.admission_id, x.number });
                    table.ForeignKey(
                        name: "admission_moves_admission_id_fkey",
                        column: x => x.admission_id,
                        principalSchema: "business",
                        principalTable: "admissions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "diagnoses",
                schema: "business",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    admission_id = table.Column<Guid>(type: "uuid", nullable: true),
                    made_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    fixed_count = table.Column<int>(type: "integer", nullable: false),
                    laptop_count = table.Column<int>(type: "integer", nullable: false),
                    server_count = table.Column<int>(type: "integer", nullable: false),
                    volume_bytes = table.Column<long>(type: "bigint", nullable: false),
                    applications = table.Column<string[]>(type: "text[]", nullable: false),
                    databases = table.Column<string[]>(type: "text[]", nullable: false),
                    existing_services = table.Column<string[]>(type: "text[]", nullable: false),
                    is_complex = table.Column<bool>(type: "boolean", nullable: false),
                    included_gigabytes = table.Column<int[]>(type: "integer[]", nullable: false),
                    extra_gigabyte_price = table.Column<decimal>(type: "numeric(12,2)", precision: 12, scale: 2, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("diagnoses_pkey", x => x.id);
                    table.ForeignKey(
                        name: "diagnoses_admission_id_fkey",
                        column: x => x.admission_id,
                        principalSchema: "business",
                        principalTable: "admissions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "documents",
                schema: "business",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    admission_id = table.Column<Guid>(type: "uuid", nullable: true),
                    kind = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    title = table.Column<string>(type: "text", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: true),
                    version = table.Column<string>(type: "text", nullable: true),
                    signed_on = table.Column<DateOnly>(type: "date", nullable: true),
                    ctes_id = table.Column<string>(type: "text", nullable: true),
                    acknowledged_on = table.Column<DateOnly>(type: "date", nullable: true),
                    file_name = table.Column<string>(type: "text", nullable: false),
                    format = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    bytes = table.Column<int>(type: "integer", nullable: false),
                    sha256 = table.Column<byte[]>(type: "bytea", nullable: false),
                    added_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    added_by = table.Column<string>(type: "text", nullable: false),
                    withdrawn_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("documents_pkey", x => x.id);
                    table.CheckConstraint("documents_format_check", "format in ('pdf', 'png', 'jpeg', 'odt', 'docx')");
                    table.CheckConstraint("documents_kind_check", "kind in ('deliberation', 'charter', 'convention', 'order_letter', 'annex', 'amendment', 'other')");
                    table.ForeignKey(
                        name: "documents_admission_id_fkey",
                        column: x => x.admission_id,
                        principalSchema: "business",
                        principalTable: "admissions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "admissions_offer_code_idx",
                schema: "business",
                table: "admissions",
                column: "offer_code");

            migrationBuilder.CreateIndex(
                name: "admissions_open_key",
                schema: "business",
                table: "admissions",
                columns: new[] { "member_id", "offer_code" },
                unique: true,
                filter: "state not in ('refused', 'closed')");

            migrationBuilder.CreateIndex(
                name: "admissions_state_changed_at_idx",
                schema: "business",
                table: "admissions",
                columns: new[] { "state", "changed_at" });

            migrationBuilder.CreateIndex(
                name: "contacts_member_id_idx",
                schema: "business",
                table: "contacts",
                column: "member_id");

            migrationBuilder.CreateIndex(
                name: "diagnoses_admission_id_idx",
                schema: "business",
                table: "diagnoses",
                column: "admission_id");

            migrationBuilder.CreateIndex(
                name: "diagnoses_member_id_idx",
                schema: "business",
                table: "diagnoses",
                column: "member_id");

            migrationBuilder.CreateIndex(
                name: "documents_admission_id_idx",
                schema: "business",
                table: "documents",
                column: "admission_id");

            migrationBuilder.CreateIndex(
                name: "documents_member_id_idx",
                schema: "business",
                table: "documents",
                column: "member_id");

            migrationBuilder.CreateIndex(
                name: "held_roles_member_id_idx",
                schema: "business",
                table: "held_roles",
                column: "member_id");

            migrationBuilder.CreateIndex(
                name: "inventory_items_device_id_key",
                schema: "business",
                table: "inventory_items",
                columns: new[] { "member_id", "device_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "inventory_items_member_id_idx",
                schema: "business",
                table: "inventory_items",
                column: "member_id");

            migrationBuilder.CreateIndex(
                name: "inventory_items_site_id_idx",
                schema: "business",
                table: "inventory_items",
                column: "site_id");

            migrationBuilder.CreateIndex(
                name: "member_files_epci_siren_idx",
                schema: "business",
                table: "member_files",
                column: "epci_siren");

            migrationBuilder.CreateIndex(
                name: "sites_member_id_idx",
                schema: "business",
                table: "sites",
                column: "member_id");

            // Offers are the operator's: everybody may see them, and only who sees every member writes them.
            migrationBuilder.Sql("alter table business.offers enable row level security;");
            migrationBuilder.Sql("create policy everybody_reads on business.offers for select using (true);");
            migrationBuilder.Sql(
                "create policy staff_writes on business.offers using (current_setting('beffroi.members', true) = '*');");
            migrationBuilder.EnableTenantWall("business", "member_files");
            migrationBuilder.EnableTenantWall("business", "sites");
            migrationBuilder.EnableTenantWall("business", "inventory_items");
            migrationBuilder.EnableTenantWall("business", "contacts");
            migrationBuilder.EnableTenantWall("business", "held_roles");
            migrationBuilder.EnableTenantWall("business", "documents");
            migrationBuilder.EnableTenantWall("business", "admissions");
            migrationBuilder.EnableTenantWall("business", "admission_moves");
            migrationBuilder.EnableTenantWall("business", "diagnoses");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "admission_moves",
                schema: "business");

            migrationBuilder.DropTable(
                name: "diagnoses",
                schema: "business");

            migrationBuilder.DropTable(
                name: "documents",
                schema: "business");

            migrationBuilder.DropTable(
                name: "held_roles",
                schema: "business");

            migrationBuilder.DropTable(
                name: "inventory_items",
                schema: "business");

            migrationBuilder.DropTable(
                name: "member_files",
                schema: "business");

            migrationBuilder.DropTable(
                name: "admissions",
                schema: "business");

            migrationBuilder.DropTable(
                name: "contacts",
                schema: "business");

            migrationBuilder.DropTable(
                name: "sites",
                schema: "business");

            migrationBuilder.DropTable(
                name: "offers",
                schema: "business");
        }
    }
}
