using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace StudioVault.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Expand_Releases : Migration
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
                name: "releases",
                schema: "agreements",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    agreement_id = table.Column<Guid>(type: "uuid", nullable: false),
                    paper_id = table.Column<Guid>(type: "uuid", nullable: false),
                    client_id = table.Column<Guid>(type: "uuid", nullable: false),
                    party_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    content = table.Column<byte[]>(type: "bytea", nullable: false),
                    content_hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    given_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    evidence = table.Column<byte[]>(type: "bytea", nullable: true),
                    evidence_sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    allowed = table.Column<string[]>(type: "text[]", nullable: false),
                    document_sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_releases", x => new { x.branch_id, x.id });
                    table.CheckConstraint("ck_releases_given", "(state = 'Given') = (evidence is not null) and (evidence is null) = (given_at is null) and (evidence is null) = (evidence_sha256 is null)");
                    table.ForeignKey(
                        name: "fk_releases_agreements_branch_id_agreement_id",
                        columns: x => new { x.branch_id, x.agreement_id },
                        principalSchema: "agreements",
                        principalTable: "agreements",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_releases_clients_branch_id_client_id",
                        columns: x => new { x.branch_id, x.client_id },
                        principalSchema: "agreements",
                        principalTable: "clients",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_releases_sealed_papers_branch_id_paper_id",
                        columns: x => new { x.branch_id, x.paper_id },
                        principalSchema: "agreements",
                        principalTable: "sealed_papers",
                        principalColumns: new[] { "branch_id", "paper_id" },
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

            migrationBuilder.CreateTable(
                name: "release_withdrawals",
                schema: "agreements",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    release_id = table.Column<Guid>(type: "uuid", nullable: false),
                    purpose = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    withdrawn_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_release_withdrawals", x => new { x.branch_id, x.release_id, x.purpose });
                    table.ForeignKey(
                        name: "fk_release_withdrawals_releases_branch_id_release_id",
                        columns: x => new { x.branch_id, x.release_id },
                        principalSchema: "agreements",
                        principalTable: "releases",
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

            migrationBuilder.CreateIndex(
                name: "ix_releases_branch_id_agreement_id_number",
                schema: "agreements",
                table: "releases",
                columns: new[] { "branch_id", "agreement_id", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_releases_branch_id_client_id",
                schema: "agreements",
                table: "releases",
                columns: new[] { "branch_id", "client_id" });

            migrationBuilder.CreateIndex(
                name: "ix_releases_branch_id_paper_id",
                schema: "agreements",
                table: "releases",
                columns: new[] { "branch_id", "paper_id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "delivery_files",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "release_withdrawals",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "deliveries",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "releases",
                schema: "agreements");
        }
    }
}
