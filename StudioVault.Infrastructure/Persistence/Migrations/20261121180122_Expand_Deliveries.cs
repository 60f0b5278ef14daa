using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace StudioVault.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Expand_Deliveries : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "deliveries",
                schema: "agreements",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    project_id = table.Column<Guid>(type: "uuid", nullable: false),
                    agreement_id = table.Column<Guid>(type: "uuid", nullable: false),
                    title = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    opened_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    online_days = table.Column<int>(type: "integer", nullable: false),
                    terms_version = table.Column<int>(type: "integer", nullable: false),
                    time_zone = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    promised_until = table.Column<DateOnly>(type: "date", nullable: true),
                    online_until = table.Column<DateOnly>(type: "date", nullable: true),
                    extended_reason = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    revoked_reason = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_deliveries", x => new { x.branch_id, x.id });
                    table.CheckConstraint("ck_deliveries_promise", "(promised_until is null) = (online_until is null) and (promised_until is null or online_until >= promised_until)");
                    table.CheckConstraint("ck_deliveries_revoked", "(revoked_at is null) = (revoked_reason is null)");
                    table.ForeignKey(
                        name: "fk_deliveries_agreements_branch_id_agreement_id",
                        columns: x => new { x.branch_id, x.agreement_id },
                        principalSchema: "agreements",
                        principalTable: "agreements",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_deliveries_projects_branch_id_project_id",
                        columns: x => new { x.branch_id, x.project_id },
                        principalSchema: "agreements",
                        principalTable: "projects",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "delivery_files",
                schema: "agreements",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    delivery_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(181)", maxLength: 181, nullable: false),
                    length = table.Column<long>(type: "bigint", nullable: false),
                    sha256 = table.Column<string>(type: "text", nullable: false),
                    added_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_delivery_files", x => new { x.branch_id, x.delivery_id, x.id });
                    table.CheckConstraint("ck_delivery_files_whole", "length(sha256) = 64 and length > 0");
                    table.ForeignKey(
                        name: "fk_delivery_files_deliveries_branch_id_delivery_id",
                        columns: x => new { x.branch_id, x.delivery_id },
                        principalSchema: "agreements",
                        principalTable: "deliveries",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_deliveries_branch_id_agreement_id",
                schema: "agreements",
                table: "deliveries",
                columns: new[] { "branch_id", "agreement_id" });

            migrationBuilder.CreateIndex(
                name: "ix_deliveries_branch_id_project_id",
                schema: "agreements",
                table: "deliveries",
                columns: new[] { "branch_id", "project_id" });

            migrationBuilder.CreateIndex(
                name: "ix_delivery_files_branch_id_delivery_id_sha256_name",
                schema: "agreements",
                table: "delivery_files",
                columns: new[] { "branch_id", "delivery_id", "sha256", "name" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "delivery_files",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "deliveries",
                schema: "agreements");
        }
    }
}
