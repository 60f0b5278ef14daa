using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace StudioVault.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Expand_People : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "confirm_failed_count",
                schema: "organization",
                table: "people",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "link_asked_at",
                schema: "organization",
                table: "people",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "link_asked_by",
                schema: "organization",
                table: "people",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "link_asked_human",
                schema: "organization",
                table: "people",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "link_reason",
                schema: "organization",
                table: "people",
                type: "character varying(400)",
                maxLength: 400,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "password_link_sha256",
                schema: "organization",
                table: "people",
                type: "character varying(64)",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "password_link_until",
                schema: "organization",
                table: "people",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "ended_sessions",
                schema: "organization",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    person_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "clock_timestamp()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ended_sessions", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_people_password_link_sha256",
                schema: "organization",
                table: "people",
                column: "password_link_sha256",
                unique: true,
                filter: "password_link_sha256 is not null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ended_sessions",
                schema: "organization");

            migrationBuilder.DropIndex(
                name: "ix_people_password_link_sha256",
                schema: "organization",
                table: "people");

            migrationBuilder.DropColumn(
                name: "confirm_failed_count",
                schema: "organization",
                table: "people");

            migrationBuilder.DropColumn(
                name: "link_asked_at",
                schema: "organization",
                table: "people");

            migrationBuilder.DropColumn(
                name: "link_asked_by",
                schema: "organization",
                table: "people");

            migrationBuilder.DropColumn(
                name: "link_asked_human",
                schema: "organization",
                table: "people");

            migrationBuilder.DropColumn(
                name: "link_reason",
                schema: "organization",
                table: "people");

            migrationBuilder.DropColumn(
                name: "password_link_sha256",
                schema: "organization",
                table: "people");

            migrationBuilder.DropColumn(
                name: "password_link_until",
                schema: "organization",
                table: "people");
        }
    }
}
