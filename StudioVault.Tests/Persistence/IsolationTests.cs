using Microsoft.EntityFrameworkCore.Metadata;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Persistence;

/// <summary>TEN-2: the isolation matrix over every table of branches, generated from the model.</summary>
public sealed class IsolationTests(PostgresServer server) : VaultTest(server)
{
    private static readonly IReadOnlyList<IEntityType> Tables = [.. IsolationMatrix.Model.Tables().Where(t => t.IsTenant())];

    [Fact]
    public async Task No_row_and_no_write_crosses_from_one_branch_to_another()
    {
        Assert.True(Tables.Count >= 6);
        var crossings = new List<string>();
        foreach (var table in Tables) crossings.AddRange(await CrossingsAsync(table.QualifiedName()));
        Assert.Empty(crossings);
    }

    [Fact]
    public async Task The_matrix_finds_a_way_across_when_there_is_one()
    {
        const string table = "organization.blackouts";
        foreach (var (sabotage, finding, undo) in new[]
                 {
                     ("alter table organization.blackouts disable row level security", "raw SQL reads", ""),
                     ("drop policy blackouts_read on organization.blackouts; create policy blackouts_read on organization.blackouts for select using (true)", "EF without its filters reads", ""),
                     ("create policy open on organization.blackouts for insert with check (true)", "insert", ""),
                     ("create policy open on organization.blackouts for update using (true)", "update without a condition", ""),
                     ("create policy open on organization.blackouts for delete using (true)", "delete without a condition", ""),
                     ("grant truncate on organization.blackouts to studiovault_app", "truncate touched", ""),
                     ("create unique index probe on organization.blackouts (id)", "tells that another branch has such a row", "drop index organization.probe;"),
                 })
        {
            await SqlAsync(sabotage);
            Assert.Contains(await CrossingsAsync(table), c => c.Contains(finding, StringComparison.Ordinal));
            await SqlAsync($"{undo} set role studiovault_owner; {SchemaProtection.Sql(IsolationMatrix.Model, VaultRoles.Default)}; reset role");
        }

        Assert.Empty(await CrossingsAsync(table));
        await SqlAsync("alter table packages.offer_decisions drop constraint fk_offer_decisions_update_offers_branch_id_offer_id");
        Assert.Contains(await CrossingsAsync("packages.offer_decisions"), c => c.Contains("can point by", StringComparison.Ordinal));
    }

    private Task<IReadOnlyList<string>> CrossingsAsync(string table) =>
        new IsolationMatrix(Dbs, Superuser, Berlin, Porto, Ct).CrossingsAsync(Tables.Single(t => t.QualifiedName() == table));
}
