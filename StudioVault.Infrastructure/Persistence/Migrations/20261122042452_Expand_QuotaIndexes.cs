using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace StudioVault.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Expand_QuotaIndexes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_proposals_branch_id_agent_id_state",
                schema: "proposals",
                table: "proposals");

            migrationBuilder.DropIndex(
                name: "ix_exemption_uses_branch_id_exemption_id",
                schema: "proposals",
                table: "exemption_uses");

            migrationBuilder.CreateIndex(
                name: "ix_proposals_branch_id_agent_id_changed_at",
                schema: "proposals",
                table: "proposals",
                columns: new[] { "branch_id", "agent_id", "changed_at" });

            migrationBuilder.CreateIndex(
                name: "ix_exemption_uses_exemption_id",
                schema: "proposals",
                table: "exemption_uses",
                column: "exemption_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_proposals_branch_id_agent_id_changed_at",
                schema: "proposals",
                table: "proposals");

            migrationBuilder.DropIndex(
                name: "ix_exemption_uses_exemption_id",
                schema: "proposals",
                table: "exemption_uses");

            migrationBuilder.CreateIndex(
                name: "ix_proposals_branch_id_agent_id_state",
                schema: "proposals",
                table: "proposals",
                columns: new[] { "branch_id", "agent_id", "state" });

            migrationBuilder.CreateIndex(
                name: "ix_exemption_uses_branch_id_exemption_id",
                schema: "proposals",
                table: "exemption_uses",
                columns: new[] { "branch_id", "exemption_id" });
        }
    }
}
