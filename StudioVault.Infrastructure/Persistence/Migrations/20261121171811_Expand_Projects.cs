using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace StudioVault.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Expand_Projects : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "day_is_open",
                schema: "agreements",
                table: "projects",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "delivered_at",
                schema: "agreements",
                table: "projects",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "ended_at",
                schema: "agreements",
                table: "projects",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "rules",
                schema: "agreements",
                table: "projects",
                type: "jsonb",
                nullable: true);

            // Projects from before get the rules they have always been pinned to. The protection of the table stands back for this
            // one statement of the same transaction.
            migrationBuilder.Sql("""
                alter table agreements.projects no force row level security;
                alter table agreements.projects disable trigger user;
                select set_config('app.scope', 'hq', true);
                update agreements.projects p set rules = jsonb_build_object(
                  'schema_version', '1.0.0',
                  'package', jsonb_build_object(
                    'asOf', to_char(p.created_at at time zone b.time_zone, 'YYYY-MM-DD'),
                    'template', t.slug,
                    'templateVersion', (r.pointers #>> '{default,synced_from}')::int,
                    'packageRevision', p.package_revision,
                    'packageHash', r.hash),
                  'policies', '[]'::jsonb,
                  'flags', '{}'::jsonb)
                from organization.branches b, packages.branch_packages k, packages.templates t, packages.package_revisions r
                where b.id = p.branch_id and k.branch_id = p.branch_id and k.id = p.package_id and t.id = k.template_id
                  and r.branch_id = p.branch_id and r.package_id = p.package_id and r.number = p.package_revision;
                select set_config('app.scope', '', true);
                alter table agreements.projects enable trigger user;
                alter table agreements.projects force row level security;
                alter table agreements.projects alter column rules set not null;
                """);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "shot_at",
                schema: "agreements",
                table: "projects",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "starts_at",
                schema: "agreements",
                table: "projects",
                type: "character varying(5)",
                maxLength: 5,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "venue",
                schema: "agreements",
                table: "projects",
                type: "character varying(200)",
                maxLength: 200,
                nullable: false,
                defaultValue: "");

            migrationBuilder.CreateTable(
                name: "invoices",
                schema: "agreements",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    project_id = table.Column<Guid>(type: "uuid", nullable: false),
                    agreement_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    payment_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    title = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    amount = table.Column<decimal>(type: "numeric", nullable: false),
                    currency = table.Column<string>(type: "character varying(3)", maxLength: 3, nullable: false),
                    due_on = table.Column<DateOnly>(type: "date", nullable: true),
                    state = table.Column<string>(type: "text", nullable: false),
                    paid_on = table.Column<DateOnly>(type: "date", nullable: true),
                    method = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_invoices", x => new { x.branch_id, x.id });
                    table.CheckConstraint("ck_invoices_paid", "(state = 'Paid') = (paid_on is not null) and (state = 'Paid') = (method is not null) and amount > 0");
                    table.ForeignKey(
                        name: "fk_invoices_agreements_branch_id_agreement_id",
                        columns: x => new { x.branch_id, x.agreement_id },
                        principalSchema: "agreements",
                        principalTable: "agreements",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_invoices_projects_branch_id_project_id",
                        columns: x => new { x.branch_id, x.project_id },
                        principalSchema: "agreements",
                        principalTable: "projects",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_invoices_branch_id_agreement_id",
                schema: "agreements",
                table: "invoices",
                columns: new[] { "branch_id", "agreement_id" });

            migrationBuilder.CreateIndex(
                name: "ix_invoices_branch_id_number",
                schema: "agreements",
                table: "invoices",
                columns: new[] { "branch_id", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_invoices_branch_id_project_id",
                schema: "agreements",
                table: "invoices",
                columns: new[] { "branch_id", "project_id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "invoices",
                schema: "agreements");

            migrationBuilder.DropColumn(
                name: "day_is_open",
                schema: "agreements",
                table: "projects");

            migrationBuilder.DropColumn(
                name: "delivered_at",
                schema: "agreements",
                table: "projects");

            migrationBuilder.DropColumn(
                name: "ended_at",
                schema: "agreements",
                table: "projects");

            migrationBuilder.DropColumn(
                name: "rules",
                schema: "agreements",
                table: "projects");

            migrationBuilder.DropColumn(
                name: "shot_at",
                schema: "agreements",
                table: "projects");

            migrationBuilder.DropColumn(
                name: "starts_at",
                schema: "agreements",
                table: "projects");

            migrationBuilder.DropColumn(
                name: "venue",
                schema: "agreements",
                table: "projects");
        }
    }
}
