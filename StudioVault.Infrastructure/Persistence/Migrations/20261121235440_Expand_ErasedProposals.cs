using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace StudioVault.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Expand_ErasedProposals : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "args",
                schema: "proposals",
                table: "proposals");

            migrationBuilder.DropColumn(
                name: "changes_json",
                schema: "proposals",
                table: "proposals");

            migrationBuilder.DropColumn(
                name: "consequence",
                schema: "proposals",
                table: "proposals");

            migrationBuilder.DropColumn(
                name: "evidence_json",
                schema: "proposals",
                table: "proposals");

            migrationBuilder.DropColumn(
                name: "notes_json",
                schema: "proposals",
                table: "proposals");

            migrationBuilder.DropColumn(
                name: "title",
                schema: "proposals",
                table: "proposals");

            migrationBuilder.DropColumn(
                name: "why",
                schema: "proposals",
                table: "proposals");

            migrationBuilder.DropColumn(
                name: "summary",
                schema: "proposals",
                table: "executions");

            migrationBuilder.DropColumn(
                name: "undo_args",
                schema: "proposals",
                table: "executions");

            migrationBuilder.DropColumn(
                name: "reason",
                schema: "proposals",
                table: "decisions");

            migrationBuilder.AddColumn<Guid[]>(
                name: "clients",
                schema: "proposals",
                table: "proposals",
                type: "uuid[]",
                nullable: false,
                defaultValue: new Guid[0]);

            migrationBuilder.AddColumn<byte[]>(
                name: "key",
                schema: "proposals",
                table: "proposals",
                type: "bytea",
                nullable: false,
                defaultValue: new byte[0]);

            migrationBuilder.AddColumn<Guid>(
                name: "project_id",
                schema: "proposals",
                table: "proposals",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "sealed_end_note",
                schema: "proposals",
                table: "proposals",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "sealed_text",
                schema: "proposals",
                table: "proposals",
                type: "bytea",
                nullable: false,
                defaultValue: new byte[0]);

            migrationBuilder.AddColumn<byte[]>(
                name: "sealed_summary",
                schema: "proposals",
                table: "executions",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "sealed_undo_args",
                schema: "proposals",
                table: "executions",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "sealed_reason",
                schema: "proposals",
                table: "decisions",
                type: "bytea",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "clients",
                schema: "proposals",
                table: "proposals");

            migrationBuilder.DropColumn(
                name: "key",
                schema: "proposals",
                table: "proposals");

            migrationBuilder.DropColumn(
                name: "project_id",
                schema: "proposals",
                table: "proposals");

            migrationBuilder.DropColumn(
                name: "sealed_end_note",
                schema: "proposals",
                table: "proposals");

            migrationBuilder.DropColumn(
                name: "sealed_text",
                schema: "proposals",
                table: "proposals");

            migrationBuilder.DropColumn(
                name: "sealed_summary",
                schema: "proposals",
                table: "executions");

            migrationBuilder.DropColumn(
                name: "sealed_undo_args",
                schema: "proposals",
                table: "executions");

            migrationBuilder.DropColumn(
                name: "sealed_reason",
                schema: "proposals",
                table: "decisions");

            migrationBuilder.AddColumn<string>(
                name: "args",
                schema: "proposals",
                table: "proposals",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "changes_json",
                schema: "proposals",
                table: "proposals",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "consequence",
                schema: "proposals",
                table: "proposals",
                type: "character varying(200)",
                maxLength: 200,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "evidence_json",
                schema: "proposals",
                table: "proposals",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "notes_json",
                schema: "proposals",
                table: "proposals",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "title",
                schema: "proposals",
                table: "proposals",
                type: "character varying(300)",
                maxLength: 300,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "why",
                schema: "proposals",
                table: "proposals",
                type: "character varying(2000)",
                maxLength: 2000,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "summary",
                schema: "proposals",
                table: "executions",
                type: "character varying(500)",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "undo_args",
                schema: "proposals",
                table: "executions",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "reason",
                schema: "proposals",
                table: "decisions",
                type: "character varying(1000)",
                maxLength: 1000,
                nullable: true);
        }
    }
}
