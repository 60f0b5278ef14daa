using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace StudioVault.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Expand_AuditIndexes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_entries_at",
                schema: "audit",
                table: "entries");

            migrationBuilder.DropIndex(
                name: "ix_entries_branch_id_at",
                schema: "audit",
                table: "entries");

            migrationBuilder.DropIndex(
                name: "ix_entries_object_type_object_id",
                schema: "audit",
                table: "entries");

            migrationBuilder.CreateIndex(
                name: "ix_entries_action_at_id",
                schema: "audit",
                table: "entries",
                columns: new[] { "action", "at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_entries_actor_id_at_id",
                schema: "audit",
                table: "entries",
                columns: new[] { "actor_id", "at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_entries_at_id",
                schema: "audit",
                table: "entries",
                columns: new[] { "at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_entries_branch_id_at_id",
                schema: "audit",
                table: "entries",
                columns: new[] { "branch_id", "at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_entries_not_staff",
                schema: "audit",
                table: "entries",
                columns: new[] { "at", "id" },
                filter: "actor_kind <> 'staff'");

            migrationBuilder.CreateIndex(
                name: "ix_entries_object_type_object_id_at_id",
                schema: "audit",
                table: "entries",
                columns: new[] { "object_type", "object_id", "at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_entries_refused",
                schema: "audit",
                table: "entries",
                columns: new[] { "at", "id" },
                filter: "outcome = 'refused'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_entries_action_at_id",
                schema: "audit",
                table: "entries");

            migrationBuilder.DropIndex(
                name: "ix_entries_actor_id_at_id",
                schema: "audit",
                table: "entries");

            migrationBuilder.DropIndex(
                name: "ix_entries_at_id",
                schema: "audit",
                table: "entries");

            migrationBuilder.DropIndex(
                name: "ix_entries_branch_id_at_id",
                schema: "audit",
                table: "entries");

            migrationBuilder.DropIndex(
                name: "ix_entries_not_staff",
                schema: "audit",
                table: "entries");

            migrationBuilder.DropIndex(
                name: "ix_entries_object_type_object_id_at_id",
                schema: "audit",
                table: "entries");

            migrationBuilder.DropIndex(
                name: "ix_entries_refused",
                schema: "audit",
                table: "entries");

            migrationBuilder.CreateIndex(
                name: "ix_entries_at",
                schema: "audit",
                table: "entries",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_entries_branch_id_at",
                schema: "audit",
                table: "entries",
                columns: new[] { "branch_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_entries_object_type_object_id",
                schema: "audit",
                table: "entries",
                columns: new[] { "object_type", "object_id" });
        }
    }
}
