using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace StudioVault.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Expand_LighterOutbox : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_outbox_idempotency_key",
                schema: "live",
                table: "outbox");

            migrationBuilder.CreateIndex(
                name: "ix_outbox_idempotency_key",
                schema: "live",
                table: "outbox",
                column: "idempotency_key",
                unique: true,
                filter: "idempotency_key is not null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_outbox_idempotency_key",
                schema: "live",
                table: "outbox");

            migrationBuilder.CreateIndex(
                name: "ix_outbox_idempotency_key",
                schema: "live",
                table: "outbox",
                column: "idempotency_key",
                unique: true);
        }
    }
}
