using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace StudioVault.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Expand_Hq : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "decoy_switches",
                schema: "proposals",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    branch_id = table.Column<Guid>(type: "uuid", nullable: true),
                    is_on = table.Column<bool>(type: "boolean", nullable: false),
                    reason = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    by = table.Column<Guid>(type: "uuid", nullable: true),
                    by_name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_decoy_switches", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "decoys",
                schema: "proposals",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    proposal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    imitates = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    text_id = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    flaw = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    shown_agent = table.Column<Guid>(type: "uuid", nullable: false),
                    shown_agent_name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    shown_for = table.Column<Guid>(type: "uuid", nullable: false),
                    shown_for_name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    shown_humans = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    entry_id = table.Column<Guid>(type: "uuid", nullable: false),
                    planted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_decoys", x => new { x.branch_id, x.proposal_id });
                    table.ForeignKey(
                        name: "fk_decoys_proposals_branch_id_proposal_id",
                        columns: x => new { x.branch_id, x.proposal_id },
                        principalSchema: "proposals",
                        principalTable: "proposals",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.AddCheckConstraint(
                name: "ck_proposals_decoy",
                schema: "proposals",
                table: "proposals",
                sql: "capability not like 'decoy.%' or (state in ('Pending', 'Claimed', 'Rejected', 'Expired', 'Withdrawn') and agent_id is null and exemption is null and approved_at is null)");

            migrationBuilder.CreateIndex(
                name: "ix_decoy_switches_branch_id_at",
                schema: "proposals",
                table: "decoy_switches",
                columns: new[] { "branch_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_decoys_branch_id_planted_at",
                schema: "proposals",
                table: "decoys",
                columns: new[] { "branch_id", "planted_at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "decoy_switches",
                schema: "proposals");

            migrationBuilder.DropTable(
                name: "decoys",
                schema: "proposals");

            migrationBuilder.DropCheckConstraint(
                name: "ck_proposals_decoy",
                schema: "proposals",
                table: "proposals");
        }
    }
}
