using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace StudioVault.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Expand_Agreements : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "documents");

            migrationBuilder.EnsureSchema(
                name: "mail");

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
                name: "agreements",
                schema: "agreements",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    project_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    head = table.Column<int>(type: "integer", nullable: false),
                    head_hash = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_agreements", x => new { x.branch_id, x.id });
                    table.ForeignKey(
                        name: "fk_agreements_projects_branch_id_project_id",
                        columns: x => new { x.branch_id, x.project_id },
                        principalSchema: "agreements",
                        principalTable: "projects",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "clients",
                schema: "agreements",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    email = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    key = table.Column<byte[]>(type: "bytea", nullable: true),
                    hold_reason = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    erased_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_clients", x => new { x.branch_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "fingerprints",
                schema: "documents",
                columns: table => new
                {
                    sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    length = table.Column<long>(type: "bigint", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    pdf_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    number = table.Column<string>(type: "text", nullable: true),
                    version = table.Column<int>(type: "integer", nullable: true),
                    content_hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    sealed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_fingerprints", x => x.sha256);
                    table.CheckConstraint("ck_fingerprints_whole", "length(sha256) = 64 and length > 0");
                });

            migrationBuilder.CreateTable(
                name: "seal_keys",
                schema: "documents",
                columns: table => new
                {
                    fingerprint = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    certificate = table.Column<byte[]>(type: "bytea", nullable: false),
                    private_key = table.Column<byte[]>(type: "bytea", nullable: true),
                    made_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    retired_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_seal_keys", x => x.fingerprint);
                    table.CheckConstraint("ck_seal_keys_life", "(private_key is null) = (retired_at is not null)");
                });

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

            migrationBuilder.CreateTable(
                name: "sealed_papers",
                schema: "agreements",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    paper_id = table.Column<Guid>(type: "uuid", nullable: false),
                    agreement_id = table.Column<Guid>(type: "uuid", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    effective_on = table.Column<DateOnly>(type: "date", nullable: false),
                    content_hash = table.Column<string>(type: "text", nullable: false),
                    content = table.Column<byte[]>(type: "bytea", nullable: false),
                    document_sha256 = table.Column<string>(type: "text", nullable: false),
                    certificate_sha256 = table.Column<string>(type: "text", nullable: false),
                    seal_key = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    sealed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sealed_papers", x => new { x.branch_id, x.paper_id });
                    table.CheckConstraint("ck_sealed_papers_complete", "length(content_hash) = 64 and length(document_sha256) = 64 and length(certificate_sha256) = 64 and length(content) > 0 and document_sha256 <> certificate_sha256");
                    table.ForeignKey(
                        name: "fk_sealed_papers_agreements_branch_id_agreement_id",
                        columns: x => new { x.branch_id, x.agreement_id },
                        principalSchema: "agreements",
                        principalTable: "agreements",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "messages",
                schema: "mail",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    client_id = table.Column<Guid>(type: "uuid", nullable: false),
                    about_id = table.Column<Guid>(type: "uuid", nullable: false),
                    subject = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    letter = table.Column<byte[]>(type: "bytea", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    tries = table.Column<int>(type: "integer", nullable: false),
                    queued_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    problem = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_messages", x => new { x.branch_id, x.id });
                    table.ForeignKey(
                        name: "fk_messages_clients_branch_id_client_id",
                        columns: x => new { x.branch_id, x.client_id },
                        principalSchema: "agreements",
                        principalTable: "clients",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "paper_keys",
                schema: "agreements",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    paper_id = table.Column<Guid>(type: "uuid", nullable: false),
                    client_id = table.Column<Guid>(type: "uuid", nullable: false),
                    wrapped = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_paper_keys", x => new { x.branch_id, x.paper_id, x.client_id });
                    table.ForeignKey(
                        name: "fk_paper_keys_clients_branch_id_client_id",
                        columns: x => new { x.branch_id, x.client_id },
                        principalSchema: "agreements",
                        principalTable: "clients",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "project_clients",
                schema: "agreements",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    project_id = table.Column<Guid>(type: "uuid", nullable: false),
                    client_id = table.Column<Guid>(type: "uuid", nullable: false),
                    party_id = table.Column<string>(type: "text", nullable: false),
                    place = table.Column<int>(type: "integer", nullable: false),
                    role = table.Column<string>(type: "text", nullable: false),
                    is_minor = table.Column<bool>(type: "boolean", nullable: false),
                    signs_for = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_project_clients", x => new { x.branch_id, x.project_id, x.client_id });
                    table.ForeignKey(
                        name: "fk_project_clients_clients_branch_id_client_id",
                        columns: x => new { x.branch_id, x.client_id },
                        principalSchema: "agreements",
                        principalTable: "clients",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_project_clients_projects_branch_id_project_id",
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

            migrationBuilder.CreateTable(
                name: "papers",
                schema: "agreements",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    agreement_id = table.Column<Guid>(type: "uuid", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: true),
                    base_hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    state = table.Column<string>(type: "text", nullable: false),
                    issue = table.Column<int>(type: "integer", nullable: false),
                    content = table.Column<byte[]>(type: "bytea", nullable: false),
                    draft_revision = table.Column<int>(type: "integer", nullable: false),
                    effective_on = table.Column<DateOnly>(type: "date", nullable: false),
                    content_hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    shown_sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    created_by = table.Column<Guid>(type: "uuid", nullable: true),
                    sent_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    waiting_reason = table.Column<string>(type: "text", nullable: true),
                    sealed_id = table.Column<Guid>(type: "uuid", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_papers", x => new { x.branch_id, x.id });
                    table.CheckConstraint("ck_papers_executed", "(state = 'Executed') = (sealed_id is not null) and (sealed_id is null or sealed_id = id)");
                    table.ForeignKey(
                        name: "fk_papers_agreements_branch_id_agreement_id",
                        columns: x => new { x.branch_id, x.agreement_id },
                        principalSchema: "agreements",
                        principalTable: "agreements",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_papers_sealed_papers_branch_id_sealed_id",
                        columns: x => new { x.branch_id, x.sealed_id },
                        principalSchema: "agreements",
                        principalTable: "sealed_papers",
                        principalColumns: new[] { "branch_id", "paper_id" },
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

            migrationBuilder.CreateTable(
                name: "files",
                schema: "documents",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    paper_id = table.Column<Guid>(type: "uuid", nullable: false),
                    sha256 = table.Column<string>(type: "text", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    length = table.Column<long>(type: "bigint", nullable: false),
                    content = table.Column<byte[]>(type: "bytea", nullable: false),
                    made_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_files", x => new { x.branch_id, x.paper_id, x.sha256 });
                    table.CheckConstraint("ck_files_whole", "length(sha256) = 64 and length > 0 and length(content) > length");
                    table.ForeignKey(
                        name: "fk_files_papers_branch_id_paper_id",
                        columns: x => new { x.branch_id, x.paper_id },
                        principalSchema: "agreements",
                        principalTable: "papers",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "signings",
                schema: "agreements",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    paper_id = table.Column<Guid>(type: "uuid", nullable: false),
                    issue = table.Column<int>(type: "integer", nullable: false),
                    party_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    client_id = table.Column<Guid>(type: "uuid", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_on = table.Column<DateOnly>(type: "date", nullable: false),
                    viewed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    signed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    code_hash = table.Column<byte[]>(type: "bytea", nullable: true),
                    code_sent_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    code_tries_left = table.Column<int>(type: "integer", nullable: false),
                    codes_sent = table.Column<int>(type: "integer", nullable: false),
                    code_hour_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_signings", x => new { x.branch_id, x.id });
                    table.ForeignKey(
                        name: "fk_signings_clients_branch_id_client_id",
                        columns: x => new { x.branch_id, x.client_id },
                        principalSchema: "agreements",
                        principalTable: "clients",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_signings_papers_branch_id_paper_id",
                        columns: x => new { x.branch_id, x.paper_id },
                        principalSchema: "agreements",
                        principalTable: "papers",
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

            migrationBuilder.CreateTable(
                name: "signatures",
                schema: "agreements",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    signing_id = table.Column<Guid>(type: "uuid", nullable: false),
                    paper_id = table.Column<Guid>(type: "uuid", nullable: false),
                    issue = table.Column<int>(type: "integer", nullable: false),
                    party_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    content_hash = table.Column<string>(type: "text", nullable: false),
                    shown_sha256 = table.Column<string>(type: "text", nullable: false),
                    disclosure = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    evidence = table.Column<byte[]>(type: "bytea", nullable: false),
                    evidence_sha256 = table.Column<string>(type: "text", nullable: false),
                    signed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_signatures", x => new { x.branch_id, x.signing_id });
                    table.CheckConstraint("ck_signatures_hashes", "length(content_hash) = 64 and length(shown_sha256) = 64 and length(evidence_sha256) = 64");
                    table.ForeignKey(
                        name: "fk_signatures_signings_branch_id_signing_id",
                        columns: x => new { x.branch_id, x.signing_id },
                        principalSchema: "agreements",
                        principalTable: "signings",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_agreements_branch_id_number",
                schema: "agreements",
                table: "agreements",
                columns: new[] { "branch_id", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_agreements_branch_id_project_id",
                schema: "agreements",
                table: "agreements",
                columns: new[] { "branch_id", "project_id" },
                unique: true,
                filter: "state <> 'Void'");

            migrationBuilder.CreateIndex(
                name: "ix_clients_branch_id_email",
                schema: "agreements",
                table: "clients",
                columns: new[] { "branch_id", "email" });

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
                name: "ix_fingerprints_content_hash",
                schema: "documents",
                table: "fingerprints",
                column: "content_hash");

            migrationBuilder.CreateIndex(
                name: "ix_fingerprints_pdf_id",
                schema: "documents",
                table: "fingerprints",
                column: "pdf_id");

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

            migrationBuilder.CreateIndex(
                name: "ix_messages_branch_id_about_id",
                schema: "mail",
                table: "messages",
                columns: new[] { "branch_id", "about_id" });

            migrationBuilder.CreateIndex(
                name: "ix_messages_branch_id_client_id",
                schema: "mail",
                table: "messages",
                columns: new[] { "branch_id", "client_id" });

            migrationBuilder.CreateIndex(
                name: "ix_messages_queued",
                schema: "mail",
                table: "messages",
                column: "due_at",
                filter: "state = 'Queued'");

            migrationBuilder.CreateIndex(
                name: "ix_paper_keys_branch_id_client_id",
                schema: "agreements",
                table: "paper_keys",
                columns: new[] { "branch_id", "client_id" });

            migrationBuilder.CreateIndex(
                name: "ix_papers_branch_id_agreement_id_version",
                schema: "agreements",
                table: "papers",
                columns: new[] { "branch_id", "agreement_id", "version" },
                unique: true,
                filter: "state <> 'Void'");

            migrationBuilder.CreateIndex(
                name: "ix_papers_branch_id_sealed_id",
                schema: "agreements",
                table: "papers",
                columns: new[] { "branch_id", "sealed_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_papers_sealing",
                schema: "agreements",
                table: "papers",
                column: "sent_at",
                filter: "state = 'Sealing'");

            migrationBuilder.CreateIndex(
                name: "ix_project_clients_branch_id_client_id",
                schema: "agreements",
                table: "project_clients",
                columns: new[] { "branch_id", "client_id" });

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

            migrationBuilder.CreateIndex(
                name: "ix_sealed_papers_branch_id_agreement_id_version",
                schema: "agreements",
                table: "sealed_papers",
                columns: new[] { "branch_id", "agreement_id", "version" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_signatures_branch_id_paper_id_issue",
                schema: "agreements",
                table: "signatures",
                columns: new[] { "branch_id", "paper_id", "issue" });

            migrationBuilder.CreateIndex(
                name: "ix_signings_branch_id_client_id",
                schema: "agreements",
                table: "signings",
                columns: new[] { "branch_id", "client_id" });

            migrationBuilder.CreateIndex(
                name: "ix_signings_branch_id_paper_id_issue_party_id",
                schema: "agreements",
                table: "signings",
                columns: new[] { "branch_id", "paper_id", "issue", "party_id" },
                unique: true);

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
                name: "delivery_files",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "files",
                schema: "documents");

            migrationBuilder.DropTable(
                name: "fingerprints",
                schema: "documents");

            migrationBuilder.DropTable(
                name: "invoices",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "messages",
                schema: "mail");

            migrationBuilder.DropTable(
                name: "paper_keys",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "project_clients",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "release_withdrawals",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "seal_keys",
                schema: "documents");

            migrationBuilder.DropTable(
                name: "signatures",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "withdrawals",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "deliveries",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "releases",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "signings",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "clients",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "papers",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "sealed_papers",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "agreements",
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
