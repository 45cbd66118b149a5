using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Identity.Migrations
{
    /// <summary>How the operator presents itself, set while the platform runs.</summary>
    [DbContext(typeof(IdentityDb))]
    [Migration("20261121220500_OperatorCard")]
    internal sealed class OperatorCard : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "legal_notice", schema: "identity", table: "operators", type: "character varying(20000)",
                maxLength: 20000, nullable: true);
            migrationBuilder.AddColumn<string>(
                name: "support_mail", schema: "identity", table: "operators", type: "character varying(254)",
                maxLength: 254, nullable: true);
            migrationBuilder.AddColumn<string>(
                name: "support_phone", schema: "identity", table: "operators", type: "character varying(30)",
                maxLength: 30, nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(name: "legal_notice", schema: "identity", table: "operators");
            migrationBuilder.DropColumn(name: "support_mail", schema: "identity", table: "operators");
            migrationBuilder.DropColumn(name: "support_phone", schema: "identity", table: "operators");
        }
    }
}
