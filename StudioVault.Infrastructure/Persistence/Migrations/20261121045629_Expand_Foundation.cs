using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace StudioVault.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Expand_Foundation : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "organization");

            migrationBuilder.EnsureSchema(
                name: "packages");

            migrationBuilder.EnsureSchema(
                name: "audit");

            migrationBuilder.EnsureSchema(
                name: "live");

            migrationBuilder.EnsureSchema(
                name: "agreements");

            migrationBuilder.CreateTable(
                name: "branches",
                schema: "organization",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    slug = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    city = table.Column<string>(type: "text", nullable: false),
                    country = table.Column<string>(type: "character varying(2)", maxLength: 2, nullable: false),
                    currency = table.Column<string>(type: "character varying(3)", maxLength: 3, nullable: false),
                    time_zone = table.Column<string>(type: "text", nullable: false),
                    ownership = table.Column<string>(type: "text", nullable: false),
                    jurisdiction = table.Column<string>(type: "text", nullable: false),
                    tax_name = table.Column<string>(type: "text", nullable: false),
                    tax_rate_percent = table.Column<decimal>(type: "numeric", nullable: false),
                    contact_email = table.Column<string>(type: "text", nullable: false),
                    updates_paused_until = table.Column<DateOnly>(type: "date", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_branches", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "checkpoints",
                schema: "audit",
                columns: table => new
                {
                    size = table.Column<long>(type: "bigint", nullable: false),
                    root = table.Column<byte[]>(type: "bytea", nullable: false),
                    note = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "clock_timestamp()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_checkpoints", x => x.size);
                    table.CheckConstraint("ck_checkpoints_root", "length(root) = 32");
                });

            migrationBuilder.CreateTable(
                name: "data_protection_keys",
                schema: "organization",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    xml = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_data_protection_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "entries",
                schema: "audit",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "clock_timestamp()"),
                    actor_kind = table.Column<string>(type: "text", nullable: false),
                    actor_id = table.Column<string>(type: "text", nullable: false),
                    root_id = table.Column<string>(type: "text", nullable: false),
                    on_behalf_of = table.Column<string[]>(type: "text[]", nullable: false),
                    branch_id = table.Column<Guid>(type: "uuid", nullable: true),
                    action = table.Column<string>(type: "text", nullable: false),
                    object_type = table.Column<string>(type: "text", nullable: false),
                    object_id = table.Column<string>(type: "text", nullable: false),
                    outcome = table.Column<string>(type: "text", nullable: false),
                    reason_code = table.Column<string>(type: "text", nullable: true),
                    capability = table.Column<string>(type: "text", nullable: true),
                    proposal_id = table.Column<string>(type: "text", nullable: true),
                    approval_state = table.Column<string>(type: "text", nullable: true),
                    policy_version = table.Column<string>(type: "text", nullable: true),
                    payload = table.Column<string>(type: "text", nullable: true),
                    payload_sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    xid = table.Column<ulong>(type: "xid8", nullable: false, defaultValueSql: "pg_current_xact_id()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_entries", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "outbox",
                schema: "live",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    ts = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "clock_timestamp()"),
                    topic = table.Column<string>(type: "text", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    device = table.Column<string>(type: "text", nullable: false),
                    space_id = table.Column<Guid>(type: "uuid", nullable: true),
                    band = table.Column<string>(type: "text", nullable: false, defaultValue: "GREEN"),
                    mls_group = table.Column<string>(type: "text", nullable: true),
                    policy_version = table.Column<string>(type: "text", nullable: false, defaultValue: "0"),
                    qos = table.Column<short>(type: "smallint", nullable: false, defaultValue: (short)1),
                    idempotency_key = table.Column<string>(type: "text", nullable: true),
                    payload_sha256 = table.Column<string>(type: "text", nullable: false),
                    payload = table.Column<string>(type: "text", nullable: false),
                    signature = table.Column<string>(type: "text", nullable: true),
                    xid = table.Column<ulong>(type: "xid8", nullable: false, defaultValueSql: "pg_current_xact_id()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_outbox", x => x.id);
                    table.CheckConstraint("ck_outbox_band", "band in ('GREEN','AMBER','RED','BLACK')");
                    table.CheckConstraint("ck_outbox_mls_group", "band = 'GREEN' or mls_group is not null");
                });

            migrationBuilder.CreateTable(
                name: "people",
                schema: "organization",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    title = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    is_disabled = table.Column<bool>(type: "boolean", nullable: false),
                    is_demo = table.Column<bool>(type: "boolean", nullable: false),
                    user_name = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    normalized_user_name = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    email = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    normalized_email = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    email_confirmed = table.Column<bool>(type: "boolean", nullable: false),
                    password_hash = table.Column<string>(type: "text", nullable: true),
                    security_stamp = table.Column<string>(type: "text", nullable: true),
                    concurrency_stamp = table.Column<string>(type: "text", nullable: true),
                    phone_number = table.Column<string>(type: "text", nullable: true),
                    phone_number_confirmed = table.Column<bool>(type: "boolean", nullable: false),
                    two_factor_enabled = table.Column<bool>(type: "boolean", nullable: false),
                    lockout_end = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    lockout_enabled = table.Column<bool>(type: "boolean", nullable: false),
                    access_failed_count = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_people", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "positions",
                schema: "live",
                columns: table => new
                {
                    position = table.Column<long>(type: "bigint", nullable: false),
                    event_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_positions", x => x.position);
                });

            migrationBuilder.CreateTable(
                name: "presence",
                schema: "live",
                columns: table => new
                {
                    place = table.Column<string>(type: "text", nullable: false),
                    person_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    branch_id = table.Column<Guid>(type: "uuid", nullable: true),
                    seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "clock_timestamp()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_presence", x => new { x.place, x.person_id });
                });

            migrationBuilder.CreateTable(
                name: "sequencer_state",
                schema: "audit",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    size = table.Column<long>(type: "bigint", nullable: false),
                    frontier = table.Column<byte[][]>(type: "bytea[]", nullable: false),
                    position = table.Column<long>(type: "bigint", nullable: false),
                    horizon = table.Column<ulong>(type: "xid8", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sequencer_state", x => x.id);
                    table.CheckConstraint("ck_sequencer_state_one", "id = 1");
                });

            migrationBuilder.CreateTable(
                name: "templates",
                schema: "packages",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    slug = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    latest_version = table.Column<int>(type: "integer", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_templates", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "blackouts",
                schema: "organization",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    starts_on = table.Column<DateOnly>(type: "date", nullable: false),
                    ends_on = table.Column<DateOnly>(type: "date", nullable: false),
                    label = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_blackouts", x => new { x.branch_id, x.id });
                    table.CheckConstraint("ck_blackouts_order", "starts_on <= ends_on");
                    table.ForeignKey(
                        name: "fk_blackouts_branches_branch_id",
                        column: x => x.branch_id,
                        principalSchema: "organization",
                        principalTable: "branches",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "memberships",
                schema: "organization",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    person_id = table.Column<Guid>(type: "uuid", nullable: false),
                    branch_id = table.Column<Guid>(type: "uuid", nullable: true),
                    role = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_memberships", x => x.id);
                    table.CheckConstraint("ck_memberships_hq", "(role = 'HqAdmin') = (branch_id is null)");
                    table.ForeignKey(
                        name: "fk_memberships_branches_branch_id",
                        column: x => x.branch_id,
                        principalSchema: "organization",
                        principalTable: "branches",
                        principalColumn: "id");
                });

            migrationBuilder.CreateTable(
                name: "leaves",
                schema: "audit",
                columns: table => new
                {
                    idx = table.Column<long>(type: "bigint", nullable: false),
                    entry_id = table.Column<Guid>(type: "uuid", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_leaves", x => x.idx);
                    table.CheckConstraint("ck_leaves_hash", "length(hash) = 32 and idx >= 0");
                    table.ForeignKey(
                        name: "fk_leaves_entries_entry_id",
                        column: x => x.entry_id,
                        principalSchema: "audit",
                        principalTable: "entries",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "person_claims",
                schema: "organization",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    claim_type = table.Column<string>(type: "text", nullable: true),
                    claim_value = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_person_claims", x => x.id);
                    table.ForeignKey(
                        name: "fk_person_claims_people_user_id",
                        column: x => x.user_id,
                        principalSchema: "organization",
                        principalTable: "people",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "person_logins",
                schema: "organization",
                columns: table => new
                {
                    login_provider = table.Column<string>(type: "text", nullable: false),
                    provider_key = table.Column<string>(type: "text", nullable: false),
                    provider_display_name = table.Column<string>(type: "text", nullable: true),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_person_logins", x => new { x.login_provider, x.provider_key });
                    table.ForeignKey(
                        name: "fk_person_logins_people_user_id",
                        column: x => x.user_id,
                        principalSchema: "organization",
                        principalTable: "people",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "person_tokens",
                schema: "organization",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    login_provider = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    value = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_person_tokens", x => new { x.user_id, x.login_provider, x.name });
                    table.ForeignKey(
                        name: "fk_person_tokens_people_user_id",
                        column: x => x.user_id,
                        principalSchema: "organization",
                        principalTable: "people",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "branch_packages",
                schema: "packages",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    template_id = table.Column<Guid>(type: "uuid", nullable: false),
                    current_revision = table.Column<int>(type: "integer", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    decided_version = table.Column<int>(type: "integer", nullable: false),
                    is_customised = table.Column<bool>(type: "boolean", nullable: false),
                    pointers = table.Column<string>(type: "jsonb", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_branch_packages", x => new { x.branch_id, x.id });
                    table.ForeignKey(
                        name: "fk_branch_packages_branches_branch_id",
                        column: x => x.branch_id,
                        principalSchema: "organization",
                        principalTable: "branches",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_branch_packages_templates_template_id",
                        column: x => x.template_id,
                        principalSchema: "packages",
                        principalTable: "templates",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "template_drafts",
                schema: "packages",
                columns: table => new
                {
                    template_id = table.Column<Guid>(type: "uuid", nullable: false),
                    content = table.Column<string>(type: "jsonb", nullable: false),
                    summary = table.Column<string>(type: "text", nullable: false),
                    revision = table.Column<int>(type: "integer", nullable: false),
                    saved_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    saved_by = table.Column<Guid>(type: "uuid", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_template_drafts", x => x.template_id);
                    table.ForeignKey(
                        name: "fk_template_drafts_templates_template_id",
                        column: x => x.template_id,
                        principalSchema: "packages",
                        principalTable: "templates",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "template_versions",
                schema: "packages",
                columns: table => new
                {
                    template_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    content = table.Column<string>(type: "jsonb", nullable: false),
                    hash = table.Column<string>(type: "text", nullable: false),
                    summary = table.Column<string>(type: "text", nullable: false),
                    @class = table.Column<string>(name: "class", type: "text", nullable: false),
                    cadence_reason = table.Column<string>(type: "text", nullable: true),
                    published_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    published_by = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_template_versions", x => new { x.template_id, x.number });
                    table.CheckConstraint("ck_template_versions_hash", "length(hash) = 64");
                    table.CheckConstraint("ck_template_versions_number", "number > 0");
                    table.CheckConstraint("ck_template_versions_schema", "content ? 'schema_version'");
                    table.ForeignKey(
                        name: "fk_template_versions_templates_template_id",
                        column: x => x.template_id,
                        principalSchema: "packages",
                        principalTable: "templates",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "package_revisions",
                schema: "packages",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    package_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    content = table.Column<string>(type: "jsonb", nullable: false),
                    hash = table.Column<string>(type: "text", nullable: false),
                    pointers = table.Column<string>(type: "jsonb", nullable: false),
                    origin = table.Column<string>(type: "text", nullable: false),
                    origin_number = table.Column<int>(type: "integer", nullable: true),
                    note = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    created_by = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_package_revisions", x => new { x.branch_id, x.package_id, x.number });
                    table.CheckConstraint("ck_package_revisions_hash", "length(hash) = 64");
                    table.CheckConstraint("ck_package_revisions_schema", "content ? 'schema_version'");
                    table.ForeignKey(
                        name: "fk_package_revisions_branch_packages_branch_id_package_id",
                        columns: x => new { x.branch_id, x.package_id },
                        principalSchema: "packages",
                        principalTable: "branch_packages",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "publish_waves",
                schema: "packages",
                columns: table => new
                {
                    template_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    wave = table.Column<int>(type: "integer", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    branches = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    opened_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    opened_by = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_publish_waves", x => new { x.template_id, x.number, x.wave });
                    table.ForeignKey(
                        name: "fk_publish_waves_template_versions_template_id_number",
                        columns: x => new { x.template_id, x.number },
                        principalSchema: "packages",
                        principalTable: "template_versions",
                        principalColumns: new[] { "template_id", "number" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "template_yanks",
                schema: "packages",
                columns: table => new
                {
                    template_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    yanked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    yanked_by = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_template_yanks", x => new { x.template_id, x.number });
                    table.ForeignKey(
                        name: "fk_template_yanks_template_versions_template_id_number",
                        columns: x => new { x.template_id, x.number },
                        principalSchema: "packages",
                        principalTable: "template_versions",
                        principalColumns: new[] { "template_id", "number" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "update_offers",
                schema: "packages",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    template_id = table.Column<Guid>(type: "uuid", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    is_adoption = table.Column<bool>(type: "boolean", nullable: false),
                    state = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    offered_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    viewed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    closed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    closed_by = table.Column<Guid>(type: "uuid", nullable: true),
                    snoozed_until = table.Column<DateOnly>(type: "date", nullable: true),
                    snoozed_to_next_version = table.Column<bool>(type: "boolean", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: true),
                    review_revert_asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    revert_reviewed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_update_offers", x => new { x.branch_id, x.id });
                    table.ForeignKey(
                        name: "fk_update_offers_branches_branch_id",
                        column: x => x.branch_id,
                        principalSchema: "organization",
                        principalTable: "branches",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_update_offers_template_versions_template_id_version",
                        columns: x => new { x.template_id, x.version },
                        principalSchema: "packages",
                        principalTable: "template_versions",
                        principalColumns: new[] { "template_id", "number" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "projects",
                schema: "agreements",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    client_name = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    event_on = table.Column<DateOnly>(type: "date", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    package_id = table.Column<Guid>(type: "uuid", nullable: false),
                    package_revision = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    created_by = table.Column<Guid>(type: "uuid", nullable: true),
                    booked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_projects", x => new { x.branch_id, x.id });
                    table.ForeignKey(
                        name: "fk_projects_package_revisions_branch_id_package_id_package_rev~",
                        columns: x => new { x.branch_id, x.package_id, x.package_revision },
                        principalSchema: "packages",
                        principalTable: "package_revisions",
                        principalColumns: new[] { "branch_id", "package_id", "number" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "offer_decisions",
                schema: "packages",
                columns: table => new
                {
                    branch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    offer_id = table.Column<Guid>(type: "uuid", nullable: false),
                    verdict = table.Column<string>(type: "text", nullable: false),
                    consent = table.Column<string>(type: "text", nullable: false),
                    signature = table.Column<string>(type: "text", nullable: false),
                    preview_digest = table.Column<string>(type: "text", nullable: true),
                    revision = table.Column<int>(type: "integer", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: true),
                    decided_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    decided_by = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_offer_decisions", x => new { x.branch_id, x.id });
                    table.ForeignKey(
                        name: "fk_offer_decisions_update_offers_branch_id_offer_id",
                        columns: x => new { x.branch_id, x.offer_id },
                        principalSchema: "packages",
                        principalTable: "update_offers",
                        principalColumns: new[] { "branch_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_branch_packages_branch_id_template_id",
                schema: "packages",
                table: "branch_packages",
                columns: new[] { "branch_id", "template_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_branch_packages_template_id",
                schema: "packages",
                table: "branch_packages",
                column: "template_id");

            migrationBuilder.CreateIndex(
                name: "ix_branches_slug",
                schema: "organization",
                table: "branches",
                column: "slug",
                unique: true);

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

            migrationBuilder.CreateIndex(
                name: "ix_entries_xid",
                schema: "audit",
                table: "entries",
                column: "xid");

            migrationBuilder.CreateIndex(
                name: "ix_leaves_entry_id",
                schema: "audit",
                table: "leaves",
                column: "entry_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_memberships_branch_id",
                schema: "organization",
                table: "memberships",
                column: "branch_id");

            migrationBuilder.CreateIndex(
                name: "ix_memberships_person_id_branch_id",
                schema: "organization",
                table: "memberships",
                columns: new[] { "person_id", "branch_id" },
                unique: true)
                .Annotation("Npgsql:NullsDistinct", false);

            migrationBuilder.CreateIndex(
                name: "ix_offer_decisions_branch_id_offer_id",
                schema: "packages",
                table: "offer_decisions",
                columns: new[] { "branch_id", "offer_id" });

            migrationBuilder.CreateIndex(
                name: "ix_outbox_idempotency_key",
                schema: "live",
                table: "outbox",
                column: "idempotency_key",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_outbox_xid",
                schema: "live",
                table: "outbox",
                column: "xid");

            migrationBuilder.CreateIndex(
                name: "email_index",
                schema: "organization",
                table: "people",
                column: "normalized_email");

            migrationBuilder.CreateIndex(
                name: "user_name_index",
                schema: "organization",
                table: "people",
                column: "normalized_user_name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_person_claims_user_id",
                schema: "organization",
                table: "person_claims",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_person_logins_user_id",
                schema: "organization",
                table: "person_logins",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_positions_event_id",
                schema: "live",
                table: "positions",
                column: "event_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_projects_branch_id_package_id_package_revision_state",
                schema: "agreements",
                table: "projects",
                columns: new[] { "branch_id", "package_id", "package_revision", "state" });

            migrationBuilder.CreateIndex(
                name: "ix_templates_slug",
                schema: "packages",
                table: "templates",
                column: "slug",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_one_open_offer",
                schema: "packages",
                table: "update_offers",
                columns: new[] { "branch_id", "template_id" },
                unique: true,
                filter: "state in ('Offered', 'Viewed', 'Snoozed')");

            migrationBuilder.CreateIndex(
                name: "ix_update_offers_template_id_version",
                schema: "packages",
                table: "update_offers",
                columns: new[] { "template_id", "version" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "blackouts",
                schema: "organization");

            migrationBuilder.DropTable(
                name: "checkpoints",
                schema: "audit");

            migrationBuilder.DropTable(
                name: "data_protection_keys",
                schema: "organization");

            migrationBuilder.DropTable(
                name: "leaves",
                schema: "audit");

            migrationBuilder.DropTable(
                name: "memberships",
                schema: "organization");

            migrationBuilder.DropTable(
                name: "offer_decisions",
                schema: "packages");

            migrationBuilder.DropTable(
                name: "outbox",
                schema: "live");

            migrationBuilder.DropTable(
                name: "person_claims",
                schema: "organization");

            migrationBuilder.DropTable(
                name: "person_logins",
                schema: "organization");

            migrationBuilder.DropTable(
                name: "person_tokens",
                schema: "organization");

            migrationBuilder.DropTable(
                name: "positions",
                schema: "live");

            migrationBuilder.DropTable(
                name: "presence",
                schema: "live");

            migrationBuilder.DropTable(
                name: "projects",
                schema: "agreements");

            migrationBuilder.DropTable(
                name: "publish_waves",
                schema: "packages");

            migrationBuilder.DropTable(
                name: "sequencer_state",
                schema: "audit");

            migrationBuilder.DropTable(
                name: "template_drafts",
                schema: "packages");

            migrationBuilder.DropTable(
                name: "template_yanks",
                schema: "packages");

            migrationBuilder.DropTable(
                name: "entries",
                schema: "audit");

            migrationBuilder.DropTable(
                name: "update_offers",
                schema: "packages");

            migrationBuilder.DropTable(
                name: "people",
                schema: "organization");

            migrationBuilder.DropTable(
                name: "package_revisions",
                schema: "packages");

            migrationBuilder.DropTable(
                name: "template_versions",
                schema: "packages");

            migrationBuilder.DropTable(
                name: "branch_packages",
                schema: "packages");

            migrationBuilder.DropTable(
                name: "branches",
                schema: "organization");

            migrationBuilder.DropTable(
                name: "templates",
                schema: "packages");
        }
    }
}
