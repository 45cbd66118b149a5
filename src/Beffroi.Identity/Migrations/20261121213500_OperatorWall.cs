using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Identity.Migrations
{
    /// <summary>Everybody reads who the operator is; no member's request changes it.</summary>
    [DbContext(typeof(IdentityDb))]
    [Migration("20261121213500_OperatorWall")]
    internal sealed class OperatorWall : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
            alter table identity.operators enable row level security;
            create policy everybody_reads on identity.operators for select using (true);
            create policy staff_writes on identity.operators using (current_setting('beffroi.members', true) = '*');
            """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
            drop policy staff_writes on identity.operators;
            drop policy everybody_reads on identity.operators;
            alter table identity.operators disable row level security;
            """);
    }
}
