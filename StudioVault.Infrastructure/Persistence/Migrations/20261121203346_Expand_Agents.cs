using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace StudioVault.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Expand_Agents : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "human_id",
                schema: "organization",
                table: "people",
                type: "uuid",
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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "agent_key_uses",
                schema: "organization");

            migrationBuilder.DropTable(
                name: "delegations",
                schema: "organization");

            migrationBuilder.DropTable(
                name: "agent_keys",
                schema: "organization");

            migrationBuilder.DropTable(
                name: "agents",
                schema: "organization");

            migrationBuilder.DropColumn(
                name: "human_id",
                schema: "organization",
                table: "people");
        }
    }
}
