using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace StudioVault.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    [DbContext(typeof(VaultDb))]
    [Migration("20261122000000_Expand_Queue")]
    public partial class Expand_Queue : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_proposals_branch_id_changed_at_id",
                schema: "proposals",
                table: "proposals",
                columns: new[] { "branch_id", "changed_at", "id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_proposals_branch_id_changed_at_id",
                schema: "proposals",
                table: "proposals");
        }
    }
}
