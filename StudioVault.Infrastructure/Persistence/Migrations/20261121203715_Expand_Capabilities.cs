using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace StudioVault.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Expand_Capabilities : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "held_until",
                schema: "mail",
                table: "messages",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<decimal>(
                name: "goodwill",
                schema: "agreements",
                table: "invoices",
                type: "numeric",
                nullable: false,
                defaultValue: 0m);

            migrationBuilder.AddColumn<decimal>(
                name: "refunded",
                schema: "agreements",
                table: "invoices",
                type: "numeric",
                nullable: false,
                defaultValue: 0m);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "extended_at",
                schema: "agreements",
                table: "deliveries",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateOnly>(
                name: "extended_from",
                schema: "agreements",
                table: "deliveries",
                type: "date",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "extended_from_reason",
                schema: "agreements",
                table: "deliveries",
                type: "character varying(500)",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "online_booking_pause_reason",
                schema: "organization",
                table: "branches",
                type: "character varying(200)",
                maxLength: 200,
                nullable: true);

            migrationBuilder.AddColumn<DateOnly>(
                name: "online_booking_paused_until",
                schema: "organization",
                table: "branches",
                type: "date",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "credit_notes",
                schema: "agreements",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    invoice_id = table.Column<Guid>(type: "uuid", nullable: false),
                    project_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    amount = table.Column<decimal>(type: "numeric", nullable: false),
                    currency = table.Column<string>(type: "character varying(3)", maxLength: 3, nullable: false),
                    reason = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    created_by = table.Column<Guid>(type: "uuid", nullable: true),
                    carried_from = table.Column<Guid>(type: "uuid", nullable: true),
                    voided_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    voided_reason = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_credit_notes", x => new { x.branch_id, x.id });
                    table.CheckConstraint("ck_credit_notes_void", "(state = 'Void') = (voided_at is not null) and (state = 'Void') = (voided_reason is not null) and amount > 0");
                    table.ForeignKey(
                        name: "fk_credit_notes_invoices_branch_id_invoice_id",
                        columns: x => new { x.branch_id, x.invoice_id },
                        principalSchema: "agreements",
                        principalTable: "invoices",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_credit_notes_projects_branch_id_project_id",
                        columns: x => new { x.branch_id, x.project_id },
                        principalSchema: "agreements",
                        principalTable: "projects",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "session_assignments",
                schema: "agreements",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    project_id = table.Column<Guid>(type: "uuid", nullable: false),
                    person_id = table.Column<Guid>(type: "uuid", nullable: false),
                    task = table.Column<string>(type: "text", nullable: false),
                    assigned_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    assigned_by = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_session_assignments", x => new { x.branch_id, x.project_id, x.person_id });
                    table.ForeignKey(
                        name: "fk_session_assignments_projects_branch_id_project_id",
                        columns: x => new { x.branch_id, x.project_id },
                        principalSchema: "agreements",
                        principalTable: "projects",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.AddCheckConstraint(
                name: "ck_invoices_credit",
                schema: "agreements",
                table: "invoices",
                sql: "goodwill >= 0 and goodwill <= amount and refunded >= 0 and refunded <= amount - goodwill and (refunded = 0 or state = 'Paid')");

            migrationBuilder.AddCheckConstraint(
                name: "ck_deliveries_extended",
                schema: "agreements",
                table: "deliveries",
                sql: "(extended_at is null) = (extended_from is null) and (extended_from is null or extended_from >= promised_until)");

            migrationBuilder.AddCheckConstraint(
                name: "ck_branches_booking",
                schema: "organization",
                table: "branches",
                sql: "(online_booking_paused_until is null) = (online_booking_pause_reason is null)");

            migrationBuilder.CreateIndex(
                name: "ix_credit_notes_branch_id_invoice_id",
                schema: "agreements",
                table: "credit_notes",
                columns: new[] { "branch_id", "invoice_id" });

            migrationBuilder.CreateIndex(
                name: "ix_credit_notes_branch_id_number",
                schema: "agreements",
                table: "credit_notes",
                columns: new[] { "branch_id", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_credit_notes_branch_id_project_id",
                schema: "agreements",
                table: "credit_notes",
                columns: new[] { "branch_id", "project_id" });

            migrationBuilder.CreateIndex(
                name: "ix_session_assignments_branch_id_person_id",
                schema: "agreements",
                table: "session_assignments",
                columns: new[] { "branch_id", "person_id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "credit_notes",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "session_assignments",
                schema: "agreements");

            migrationBuilder.DropCheckConstraint(
                name: "ck_invoices_credit",
                schema: "agreements",
                table: "invoices");

            migrationBuilder.DropCheckConstraint(
                name: "ck_deliveries_extended",
                schema: "agreements",
                table: "deliveries");

            migrationBuilder.DropCheckConstraint(
                name: "ck_branches_booking",
                schema: "organization",
                table: "branches");

            migrationBuilder.DropColumn(
                name: "held_until",
                schema: "mail",
                table: "messages");

            migrationBuilder.DropColumn(
                name: "goodwill",
                schema: "agreements",
                table: "invoices");

            migrationBuilder.DropColumn(
                name: "refunded",
                schema: "agreements",
                table: "invoices");

            migrationBuilder.DropColumn(
                name: "extended_at",
                schema: "agreements",
                table: "deliveries");

            migrationBuilder.DropColumn(
                name: "extended_from",
                schema: "agreements",
                table: "deliveries");

            migrationBuilder.DropColumn(
                name: "extended_from_reason",
                schema: "agreements",
                table: "deliveries");

            migrationBuilder.DropColumn(
                name: "online_booking_pause_reason",
                schema: "organization",
                table: "branches");

            migrationBuilder.DropColumn(
                name: "online_booking_paused_until",
                schema: "organization",
                table: "branches");
        }
    }
}
