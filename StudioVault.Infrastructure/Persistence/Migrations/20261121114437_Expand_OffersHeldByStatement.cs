using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace StudioVault.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Expand_OffersHeldByStatement : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Triggers hold these two from now on (TableRules.HeldByStatement); the model keeps the relations.
            migrationBuilder.Sql("alter table packages.update_offers drop constraint fk_update_offers_branches_branch_id, drop constraint fk_update_offers_template_versions_template_id_version");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""
                alter table packages.update_offers
                  add constraint fk_update_offers_branches_branch_id foreign key (branch_id) references organization.branches (id) on delete restrict,
                  add constraint fk_update_offers_template_versions_template_id_version foreign key (template_id, version) references packages.template_versions (template_id, number) on delete restrict
                """);
        }
    }
}
