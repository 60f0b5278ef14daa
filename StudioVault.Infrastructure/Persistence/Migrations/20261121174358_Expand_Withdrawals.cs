using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace StudioVault.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Expand_Withdrawals : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "withdrawals",
                schema: "agreements",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    agreement_id = table.Column<Guid>(type: "uuid", nullable: false),
                    paper_id = table.Column<Guid>(type: "uuid", nullable: false),
                    client_id = table.Column<Guid>(type: "uuid", nullable: false),
                    party_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    content_hash = table.Column<string>(type: "text", nullable: false),
                    evidence = table.Column<byte[]>(type: "bytea", nullable: false),
                    evidence_sha256 = table.Column<string>(type: "text", nullable: false),
                    concluded_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    open_until = table.Column<DateOnly>(type: "date", nullable: false),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_withdrawals", x => new { x.branch_id, x.agreement_id });
                    table.CheckConstraint("ck_withdrawals_whole", "length(content_hash) = 64 and length(evidence_sha256) = 64 and length(evidence) > 0");
                    table.ForeignKey(
                        name: "fk_withdrawals_agreements_branch_id_agreement_id",
                        columns: x => new { x.branch_id, x.agreement_id },
                        principalSchema: "agreements",
                        principalTable: "agreements",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_withdrawals_clients_branch_id_client_id",
                        columns: x => new { x.branch_id, x.client_id },
                        principalSchema: "agreements",
                        principalTable: "clients",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_withdrawals_sealed_papers_branch_id_paper_id",
                        columns: x => new { x.branch_id, x.paper_id },
                        principalSchema: "agreements",
                        principalTable: "sealed_papers",
                        principalColumns: new[] { "branch_id", "paper_id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_withdrawals_branch_id_client_id",
                schema: "agreements",
                table: "withdrawals",
                columns: new[] { "branch_id", "client_id" });

            migrationBuilder.CreateIndex(
                name: "ix_withdrawals_branch_id_paper_id",
                schema: "agreements",
                table: "withdrawals",
                columns: new[] { "branch_id", "paper_id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "withdrawals",
                schema: "agreements");
        }
    }
}
