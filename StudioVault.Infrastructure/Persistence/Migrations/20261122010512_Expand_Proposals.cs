using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace StudioVault.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Expand_Proposals : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "proposals");

            migrationBuilder.AddColumn<Guid>(
                name: "human_id",
                schema: "organization",
                table: "people",
                type: "uuid",
                nullable: true);

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
                name: "agents",
                schema: "organization",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    slug = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    name = table.Column<string>(type: "character varying(80)", maxLength: 80, nullable: false),
                    purpose = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    owner_id = table.Column<Guid>(type: "uuid", nullable: false),
                    is_disabled = table.Column<bool>(type: "boolean", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_agents", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "capability_cards",
                schema: "proposals",
                columns: table => new
                {
                    capability = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    owner = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    risk_tier = table.Column<string>(type: "text", nullable: false),
                    failure_mode = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    rollback = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    test_coverage = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    band = table.Column<string>(type: "text", nullable: false),
                    rule = table.Column<string>(type: "text", nullable: false),
                    approve_within_seconds = table.Column<int>(type: "integer", nullable: false),
                    valid_for_seconds = table.Column<int>(type: "integer", nullable: false),
                    decide_from = table.Column<TimeOnly>(type: "time without time zone", nullable: true),
                    decide_to = table.Column<TimeOnly>(type: "time without time zone", nullable: true),
                    may_approve_own = table.Column<bool>(type: "boolean", nullable: false),
                    per_agent = table.Column<int>(type: "integer", nullable: false),
                    per_owner = table.Column<int>(type: "integer", nullable: false),
                    per_branch = table.Column<int>(type: "integer", nullable: false),
                    window_seconds = table.Column<int>(type: "integer", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    by = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_capability_cards", x => new { x.capability, x.version });
                });

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
                name: "executor_leases",
                schema: "proposals",
                columns: table => new
                {
                    node = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    fence = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_executor_leases", x => x.node);
                });

            migrationBuilder.CreateTable(
                name: "exemption_uses",
                schema: "proposals",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    proposal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    exemption_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_exemption_uses", x => new { x.branch_id, x.proposal_id });
                });

            migrationBuilder.CreateTable(
                name: "exemptions",
                schema: "proposals",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    capability = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    branch_id = table.Column<Guid>(type: "uuid", nullable: true),
                    agent_id = table.Column<Guid>(type: "uuid", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: false),
                    granted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    granted_by = table.Column<Guid>(type: "uuid", nullable: true),
                    granted_by_name = table.Column<string>(type: "text", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    most_uses = table.Column<int>(type: "integer", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    end_reason = table.Column<string>(type: "text", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_exemptions", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "fresh_sign_ins",
                schema: "proposals",
                columns: table => new
                {
                    ticket_sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    person_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "clock_timestamp()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_fresh_sign_ins", x => x.ticket_sha256);
                });

            migrationBuilder.CreateTable(
                name: "kept_answers",
                schema: "proposals",
                columns: table => new
                {
                    agent_id = table.Column<Guid>(type: "uuid", nullable: false),
                    key = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    request_sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    location = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_kept_answers", x => new { x.agent_id, x.key });
                });

            migrationBuilder.CreateTable(
                name: "proposals",
                schema: "proposals",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    capability = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    area = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    capability_version = table.Column<int>(type: "integer", nullable: false),
                    band = table.Column<string>(type: "text", nullable: false),
                    routes = table.Column<string[]>(type: "text[]", nullable: false),
                    clients = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    project_id = table.Column<Guid>(type: "uuid", nullable: true),
                    key = table.Column<byte[]>(type: "bytea", nullable: false),
                    sealed_text = table.Column<byte[]>(type: "bytea", nullable: false),
                    target_type = table.Column<string>(type: "text", nullable: false),
                    target_id = table.Column<string>(type: "text", nullable: false),
                    target_etag = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    target_href = table.Column<string>(type: "text", nullable: true),
                    chain_json = table.Column<string>(type: "text", nullable: false),
                    humans = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    delegations = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    agent_id = table.Column<Guid>(type: "uuid", nullable: true),
                    epoch = table.Column<long>(type: "bigint", nullable: true),
                    policies = table.Column<string>(type: "text", nullable: false),
                    rule = table.Column<string>(type: "text", nullable: false),
                    digest = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    replaces = table.Column<Guid>(type: "uuid", nullable: true),
                    undoes = table.Column<Guid>(type: "uuid", nullable: true),
                    exemption = table.Column<Guid>(type: "uuid", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    approve_by = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    valid_for_seconds = table.Column<int>(type: "integer", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    round = table.Column<int>(type: "integer", nullable: false),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    claimed_by = table.Column<Guid>(type: "uuid", nullable: true),
                    claimed_by_name = table.Column<string>(type: "text", nullable: true),
                    claimed_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    approved_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    grace_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    execute_by = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    escalated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    review_asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    end_code = table.Column<string>(type: "character varying(80)", maxLength: 80, nullable: true),
                    sealed_end_note = table.Column<byte[]>(type: "bytea", nullable: true),
                    replaced_by = table.Column<Guid>(type: "uuid", nullable: true),
                    undone_by = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_proposals", x => new { x.branch_id, x.id });
                    table.CheckConstraint("ck_proposals_approved", "state not in ('Grace', 'IntentLogged', 'Succeeded') or (approved_at is not null and execute_by is not null)");
                    table.CheckConstraint("ck_proposals_black", "band <> 'Black' or state not in ('Approved', 'Grace', 'IntentLogged', 'Succeeded')");
                    table.CheckConstraint("ck_proposals_decoy", "capability not like 'decoy.%' or (state in ('Pending', 'Claimed', 'Rejected', 'Expired', 'Withdrawn') and agent_id is null and exemption is null and approved_at is null)");
                    table.CheckConstraint("ck_proposals_digest", "length(digest) = 64 and length(target_etag) = 64");
                });

            migrationBuilder.CreateTable(
                name: "quota_counters",
                schema: "proposals",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    bucket = table.Column<string>(type: "character varying(160)", maxLength: 160, nullable: false),
                    window_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    used = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_quota_counters", x => new { x.branch_id, x.bucket, x.window_at });
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

            migrationBuilder.CreateTable(
                name: "stop_drills",
                schema: "proposals",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    stop_ms = table.Column<int>(type: "integer", nullable: false),
                    held = table.Column<bool>(type: "boolean", nullable: false),
                    nodes = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_stop_drills", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "stops",
                schema: "proposals",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    level = table.Column<string>(type: "text", nullable: false),
                    key = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    branch_id = table.Column<Guid>(type: "uuid", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: false),
                    thrown_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    thrown_by = table.Column<Guid>(type: "uuid", nullable: true),
                    thrown_by_name = table.Column<string>(type: "text", nullable: false),
                    lift_asked_by = table.Column<Guid>(type: "uuid", nullable: true),
                    lift_asked_by_name = table.Column<string>(type: "text", nullable: true),
                    lift_asked_human = table.Column<Guid>(type: "uuid", nullable: true),
                    lift_asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    lift_reason = table.Column<string>(type: "text", nullable: true),
                    lifted_by = table.Column<Guid>(type: "uuid", nullable: true),
                    lifted_by_name = table.Column<string>(type: "text", nullable: true),
                    lifted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_stops", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "agent_keys",
                schema: "organization",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    agent_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(80)", maxLength: 80, nullable: false),
                    secret_sha256 = table.Column<byte[]>(type: "bytea", nullable: false),
                    shown = table.Column<string>(type: "character varying(36)", maxLength: 36, nullable: false),
                    capabilities = table.Column<string[]>(type: "text[]", nullable: true),
                    branches = table.Column<Guid[]>(type: "uuid[]", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    created_by = table.Column<Guid>(type: "uuid", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    revoked_by = table.Column<Guid>(type: "uuid", nullable: true),
                    replaced_by = table.Column<Guid>(type: "uuid", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_agent_keys", x => x.id);
                    table.CheckConstraint("ck_agent_keys_hash", "length(secret_sha256) = 32");
                    table.ForeignKey(
                        name: "fk_agent_keys_agents_agent_id",
                        column: x => x.agent_id,
                        principalSchema: "organization",
                        principalTable: "agents",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "delegations",
                schema: "organization",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    from_person_id = table.Column<Guid>(type: "uuid", nullable: true),
                    from_agent_id = table.Column<Guid>(type: "uuid", nullable: true),
                    to_person_id = table.Column<Guid>(type: "uuid", nullable: true),
                    to_agent_id = table.Column<Guid>(type: "uuid", nullable: true),
                    capabilities = table.Column<string[]>(type: "text[]", nullable: true),
                    starts_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    reason = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    parent_id = table.Column<Guid>(type: "uuid", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    created_by = table.Column<Guid>(type: "uuid", nullable: false),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    revoked_by = table.Column<Guid>(type: "uuid", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_delegations", x => new { x.branch_id, x.id });
                    table.CheckConstraint("ck_delegations_ends", "num_nonnulls(from_person_id, from_agent_id) = 1 and num_nonnulls(to_person_id, to_agent_id) = 1");
                    table.CheckConstraint("ck_delegations_root", "parent_id is not null or from_person_id is not null");
                    table.CheckConstraint("ck_delegations_time", "starts_at < expires_at");
                    table.ForeignKey(
                        name: "fk_delegations_agents_from_agent_id",
                        column: x => x.from_agent_id,
                        principalSchema: "organization",
                        principalTable: "agents",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_delegations_agents_to_agent_id",
                        column: x => x.to_agent_id,
                        principalSchema: "organization",
                        principalTable: "agents",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_delegations_branches_branch_id",
                        column: x => x.branch_id,
                        principalSchema: "organization",
                        principalTable: "branches",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_delegations_delegations_branch_id_parent_id",
                        columns: x => new { x.branch_id, x.parent_id },
                        principalSchema: "organization",
                        principalTable: "delegations",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "capabilities",
                schema: "proposals",
                columns: table => new
                {
                    capability = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    is_enabled = table.Column<bool>(type: "boolean", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_capabilities", x => x.capability);
                    table.ForeignKey(
                        name: "fk_capabilities_capability_cards_capability_version",
                        columns: x => new { x.capability, x.version },
                        principalSchema: "proposals",
                        principalTable: "capability_cards",
                        principalColumns: new[] { "capability", "version" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "decisions",
                schema: "proposals",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    proposal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    round = table.Column<int>(type: "integer", nullable: false),
                    verdict = table.Column<string>(type: "text", nullable: false),
                    person_id = table.Column<Guid>(type: "uuid", nullable: false),
                    person_name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    on_behalf_of = table.Column<Guid>(type: "uuid", nullable: true),
                    humans = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    seats = table.Column<string[]>(type: "text[]", nullable: false),
                    digest = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    sealed_reason = table.Column<byte[]>(type: "bytea", nullable: true),
                    took_ms = table.Column<int>(type: "integer", nullable: true),
                    is_fast = table.Column<bool>(type: "boolean", nullable: false),
                    group_id = table.Column<Guid>(type: "uuid", nullable: true),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_decisions", x => new { x.branch_id, x.id });
                    table.ForeignKey(
                        name: "fk_decisions_proposals_branch_id_proposal_id",
                        columns: x => new { x.branch_id, x.proposal_id },
                        principalSchema: "proposals",
                        principalTable: "proposals",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
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

            migrationBuilder.CreateTable(
                name: "executions",
                schema: "proposals",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    proposal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    intent_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    node = table.Column<string>(type: "text", nullable: false),
                    fence = table.Column<long>(type: "bigint", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    sealed_summary = table.Column<byte[]>(type: "bytea", nullable: true),
                    href = table.Column<string>(type: "text", nullable: true),
                    code = table.Column<string>(type: "character varying(80)", maxLength: 80, nullable: true),
                    undo_capability = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: true),
                    sealed_undo_args = table.Column<byte[]>(type: "bytea", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_executions", x => new { x.branch_id, x.proposal_id });
                    table.ForeignKey(
                        name: "fk_executions_proposals_branch_id_proposal_id",
                        columns: x => new { x.branch_id, x.proposal_id },
                        principalSchema: "proposals",
                        principalTable: "proposals",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "agent_key_uses",
                schema: "organization",
                columns: table => new
                {
                    key_id = table.Column<Guid>(type: "uuid", nullable: false),
                    last_used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_agent_key_uses", x => x.key_id);
                    table.ForeignKey(
                        name: "fk_agent_key_uses_agent_keys_key_id",
                        column: x => x.key_id,
                        principalSchema: "organization",
                        principalTable: "agent_keys",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_people_human_id",
                schema: "organization",
                table: "people",
                column: "human_id",
                filter: "human_id is not null");

            migrationBuilder.AddCheckConstraint(
                name: "ck_invoices_credit",
                schema: "agreements",
                table: "invoices",
                sql: "goodwill >= 0 and goodwill <= amount and refunded >= 0 and refunded <= amount - goodwill and (refunded = 0 or state = 'Paid')");

            migrationBuilder.CreateIndex(
                name: "ix_entries_capability_at_id",
                schema: "audit",
                table: "entries",
                columns: new[] { "capability", "at", "id" },
                filter: "capability is not null");

            migrationBuilder.CreateIndex(
                name: "ix_entries_proposal_id_at_id",
                schema: "audit",
                table: "entries",
                columns: new[] { "proposal_id", "at", "id" },
                filter: "proposal_id is not null");

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
                name: "ix_agent_keys_agent_id",
                schema: "organization",
                table: "agent_keys",
                column: "agent_id");

            migrationBuilder.CreateIndex(
                name: "ix_agents_slug",
                schema: "organization",
                table: "agents",
                column: "slug",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_capabilities_capability_version",
                schema: "proposals",
                table: "capabilities",
                columns: new[] { "capability", "version" });

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
                name: "ix_decisions_branch_id_person_id_at",
                schema: "proposals",
                table: "decisions",
                columns: new[] { "branch_id", "person_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_decisions_branch_id_proposal_id",
                schema: "proposals",
                table: "decisions",
                columns: new[] { "branch_id", "proposal_id" });

            migrationBuilder.CreateIndex(
                name: "ux_decisions_one_approval",
                schema: "proposals",
                table: "decisions",
                columns: new[] { "branch_id", "proposal_id", "round", "person_id", "on_behalf_of" },
                unique: true,
                filter: "verdict = 'Approve'")
                .Annotation("Npgsql:NullsDistinct", false);

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

            migrationBuilder.CreateIndex(
                name: "ix_delegations_branch_id_parent_id",
                schema: "organization",
                table: "delegations",
                columns: new[] { "branch_id", "parent_id" });

            migrationBuilder.CreateIndex(
                name: "ix_delegations_branch_id_to_person_id",
                schema: "organization",
                table: "delegations",
                columns: new[] { "branch_id", "to_person_id" });

            migrationBuilder.CreateIndex(
                name: "ix_delegations_from_agent_id",
                schema: "organization",
                table: "delegations",
                column: "from_agent_id");

            migrationBuilder.CreateIndex(
                name: "ix_delegations_to_agent_id",
                schema: "organization",
                table: "delegations",
                column: "to_agent_id");

            migrationBuilder.CreateIndex(
                name: "ix_exemption_uses_branch_id_exemption_id",
                schema: "proposals",
                table: "exemption_uses",
                columns: new[] { "branch_id", "exemption_id" });

            migrationBuilder.CreateIndex(
                name: "ix_kept_answers_at",
                schema: "proposals",
                table: "kept_answers",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_proposals_branch_id_agent_id_state",
                schema: "proposals",
                table: "proposals",
                columns: new[] { "branch_id", "agent_id", "state" });

            migrationBuilder.CreateIndex(
                name: "ix_proposals_branch_id_capability_changed_at",
                schema: "proposals",
                table: "proposals",
                columns: new[] { "branch_id", "capability", "changed_at" });

            migrationBuilder.CreateIndex(
                name: "ix_proposals_branch_id_changed_at_id",
                schema: "proposals",
                table: "proposals",
                columns: new[] { "branch_id", "changed_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_proposals_branch_id_state_approve_by",
                schema: "proposals",
                table: "proposals",
                columns: new[] { "branch_id", "state", "approve_by" });

            migrationBuilder.CreateIndex(
                name: "ix_proposals_grace",
                schema: "proposals",
                table: "proposals",
                column: "grace_until",
                filter: "state = 'Grace'");

            migrationBuilder.CreateIndex(
                name: "ix_proposals_open",
                schema: "proposals",
                table: "proposals",
                column: "state",
                filter: "state in ('Drafted', 'Pending', 'Claimed', 'Approved', 'IntentLogged')");

            migrationBuilder.CreateIndex(
                name: "ix_session_assignments_branch_id_person_id",
                schema: "agreements",
                table: "session_assignments",
                columns: new[] { "branch_id", "person_id" });

            migrationBuilder.CreateIndex(
                name: "ux_stops_in_force",
                schema: "proposals",
                table: "stops",
                columns: new[] { "level", "key" },
                unique: true,
                filter: "lifted_at is null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "agent_key_uses",
                schema: "organization");

            migrationBuilder.DropTable(
                name: "capabilities",
                schema: "proposals");

            migrationBuilder.DropTable(
                name: "credit_notes",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "decisions",
                schema: "proposals");

            migrationBuilder.DropTable(
                name: "decoy_switches",
                schema: "proposals");

            migrationBuilder.DropTable(
                name: "decoys",
                schema: "proposals");

            migrationBuilder.DropTable(
                name: "delegations",
                schema: "organization");

            migrationBuilder.DropTable(
                name: "executions",
                schema: "proposals");

            migrationBuilder.DropTable(
                name: "executor_leases",
                schema: "proposals");

            migrationBuilder.DropTable(
                name: "exemption_uses",
                schema: "proposals");

            migrationBuilder.DropTable(
                name: "exemptions",
                schema: "proposals");

            migrationBuilder.DropTable(
                name: "fresh_sign_ins",
                schema: "proposals");

            migrationBuilder.DropTable(
                name: "kept_answers",
                schema: "proposals");

            migrationBuilder.DropTable(
                name: "quota_counters",
                schema: "proposals");

            migrationBuilder.DropTable(
                name: "session_assignments",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "stop_drills",
                schema: "proposals");

            migrationBuilder.DropTable(
                name: "stops",
                schema: "proposals");

            migrationBuilder.DropTable(
                name: "agent_keys",
                schema: "organization");

            migrationBuilder.DropTable(
                name: "capability_cards",
                schema: "proposals");

            migrationBuilder.DropTable(
                name: "proposals",
                schema: "proposals");

            migrationBuilder.DropTable(
                name: "agents",
                schema: "organization");

            migrationBuilder.DropIndex(
                name: "ix_people_human_id",
                schema: "organization",
                table: "people");

            migrationBuilder.DropCheckConstraint(
                name: "ck_invoices_credit",
                schema: "agreements",
                table: "invoices");

            migrationBuilder.DropIndex(
                name: "ix_entries_capability_at_id",
                schema: "audit",
                table: "entries");

            migrationBuilder.DropIndex(
                name: "ix_entries_proposal_id_at_id",
                schema: "audit",
                table: "entries");

            migrationBuilder.DropCheckConstraint(
                name: "ck_deliveries_extended",
                schema: "agreements",
                table: "deliveries");

            migrationBuilder.DropCheckConstraint(
                name: "ck_branches_booking",
                schema: "organization",
                table: "branches");

            migrationBuilder.DropColumn(
                name: "human_id",
                schema: "organization",
                table: "people");

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
