using Microsoft.EntityFrameworkCore;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Persistence;

/// <summary>
/// Tables that are not a branch's own, asked by raw SQL of the app's role: what somebody finds who gets a statement of theirs
/// into a branch's page.
/// </summary>
public sealed class IsolationOfSharedTablesTests(PostgresServer server) : VaultTest(server)
{
    private const string NotAllowed = PostgresErrorCodes.InsufficientPrivilege;

    /// <summary>Tables with a branch's id in them that are not <see cref="ITenantOwned"/>, and why not.</summary>
    private static readonly Dictionary<string, string> Exempt = new()
    {
        ["organization.memberships"] = "HQ's rows have no branch; who somebody is has to be known before their branch is",
        ["organization.delegations"] = "whom an agent acts for has to be known before its branch is",
        ["proposals.stops"] = "HQ's stops have no branch and cover every branch",
        ["proposals.exemptions"] = "HQ's exemptions may hold for every branch",
        ["proposals.decoy_switches"] = "the group's switch has no branch",
        ["audit.entries"] = "HQ's entries have no branch; a transaction has to see its own entry",
        ["live.outbox"] = "the group's events have no branch; its column is named by seed 002",
        ["live.presence"] = "HQ's places have no branch",
    };

    [Fact]
    public void Every_table_that_names_a_branch_belongs_to_it_or_says_why_not()
    {
        var named = IsolationMatrix.Model.Tables().Where(t => t.GetProperties().Any(p => p.GetColumnName(IsolationRows.StoreOf(t)) is "branch_id" or "space_id")).ToList();
        Assert.Equal(Exempt.Keys.Order(StringComparer.Ordinal), named.Where(t => !t.IsTenant()).Select(t => t.QualifiedName()).Order(StringComparer.Ordinal));
        Assert.All(named, t => Assert.NotNull(t.Rows()));
        Assert.All(named.Where(t => !t.IsTenant()), t => Assert.NotEqual(RowRule.Everyone, t.Rows()!.Read));
    }

    [Fact]
    public void Every_table_says_who_may_see_it_or_holds_nothing_but_the_sequencers_numbers() => Assert.Equal(
        ["audit.checkpoints", "audit.leaves", "audit.sequencer_state", "live.positions"],
        IsolationMatrix.Model.Tables().Where(t => t.Rows() is null).Select(t => t.QualifiedName()).Order(StringComparer.Ordinal));

    [Fact]
    public void The_key_of_a_table_of_branches_begins_with_the_branch() => Assert.All(IsolationMatrix.Model.Tables().Where(t => t.IsTenant()),
        t => Assert.Equal("branch_id", t.FindPrimaryKey()!.Properties[0].GetColumnName(IsolationRows.StoreOf(t))));

    [Fact]
    public async Task The_database_has_no_table_or_view_that_the_model_does_not_know()
    {
        var known = IsolationMatrix.Model.Tables().Select(t => t.QualifiedName()).Append("public.migrations").ToHashSet();
        var there = (string[])(await SqlAsync("""
            select array_agg(n.nspname || '.' || c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not like 'pg\_%' and n.nspname not in ('information_schema', 'quartz')
            """))!;
        Assert.DoesNotContain(there, t => !known.Contains(t));
    }

    [Theory]
    [InlineData("insert into proposals.fresh_sign_ins (ticket_sha256, person_id, at) values ('x', gen_random_uuid(), '2099-01-01')")]
    [InlineData("insert into organization.ended_sessions (id, person_id, at) values (gen_random_uuid(), gen_random_uuid(), '2099-01-01')")]
    public async Task When_something_was_noted_is_the_databases_word_also_where_it_is_forgotten_later(string sql)
    {
        await using var forged = App.CreateCommand(sql);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => forged.ExecuteNonQueryAsync(Ct));
        // By the grant, and not by a rule about rows, which has the same code.
        Assert.Equal((NotAllowed, true), (refused.SqlState, refused.MessageText.StartsWith("permission denied", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("password_hash = 'x'", false)]
    [InlineData("security_stamp = 'x'", false)]
    [InlineData("password_link_sha256 = 'x'", false)]
    [InlineData("link_asked_by = id", false)]
    [InlineData("email = 'eve@evil.example'", false)]
    [InlineData("human_id = id", false)]
    [InlineData("access_failed_count = 1, lockout_end = null, confirm_failed_count = 1", true)]
    public async Task Nothing_of_an_account_changes_without_an_entry_but_the_counts_of_wrong_tries(string change, bool may)
    {
        await using var connection = await App.OpenConnectionAsync(Ct);
        await using var command = new NpgsqlCommand($"update organization.people set {change} where name = 'Ana'", connection);
        var error = await Record.ExceptionAsync(() => command.ExecuteNonQueryAsync(Ct));
        Assert.Equal(may ? null : SchemaProtection.NoAuditState, (error as PostgresException)?.SqlState);
    }

    [Fact]
    public async Task A_branch_sees_its_own_people_and_HQ_and_nobody_else()
    {
        Assert.Equal(["Ana", "Helena", "Inês", "Rui"], await TextsAsync(TenantScope.Of(Porto), "select name from organization.people order by name"));
        Assert.Equal(0L, await ScalarAsync(TenantScope.Of(Porto), "select count(*) from organization.people where email like 'jonas%' or password_hash is not null"));
        Assert.Equal(5L, await ScalarAsync(TenantScope.Hq, "select count(*) from organization.people"));
        Assert.Equal(0L, await ScalarAsync(TenantScope.Of(Porto), $"select count(*) from organization.memberships where branch_id = '{Berlin}'"));
    }

    [Fact]
    public async Task A_branch_cannot_give_itself_rights_or_write_what_is_HQs()
    {
        await CreateAsync("packages.templates", Porto);
        foreach (var sql in new[]
                 {
                     "insert into organization.memberships (id, person_id, branch_id, role) select gen_random_uuid(), id, null, 'HqAdmin' from organization.people where name = 'Inês'",
                     "insert into organization.people (id, name, title, is_disabled, is_demo, email_confirmed, phone_number_confirmed, two_factor_enabled, lockout_enabled, access_failed_count) values (gen_random_uuid(), 'Eve', '', false, true, true, false, false, false, 0)",
                     "insert into packages.templates (id, slug, name, latest_version) values (gen_random_uuid(), 'forged', 'Forged', 0)",
                     "insert into organization.branches (id, slug, name, city, country, currency, time_zone, ownership, jurisdiction, tax_name, tax_rate_percent, contact_email) select gen_random_uuid(), 'x', name, city, country, currency, time_zone, ownership, jurisdiction, tax_name, 0, '' from organization.branches limit 1",
                     "insert into organization.data_protection_keys (id, name, xml) values (gen_random_uuid(), 'k', '<key/>')",
                     "insert into organization.person_claims (user_id, claim_type, claim_value) select id, 'x', 'x' from organization.people where name = 'Ana'",
                 })
            Assert.Equal((sql, NotAllowed), (sql, await StateAsync(TenantScope.Of(Porto), sql)));
        foreach (var sql in new[]
                 {
                     "update organization.memberships set role = 'BranchManager' where role = 'Staff'",
                     "delete from organization.memberships",
                     "update organization.people set email = 'eve@evil.example', password_hash = 'x'",
                     "delete from organization.people",
                     "update packages.templates set name = 'Forged'",
                     "delete from packages.templates",
                     "delete from organization.branches",
                 })
            Assert.Equal((sql, 0), (sql, await AffectedAsync(TenantScope.Of(Porto), sql)));
    }

    [Fact]
    public async Task Without_a_scope_nobody_gets_rights_and_nothing_of_HQ_changes()
    {
        await CreateAsync("packages.templates", Porto);
        foreach (var sql in new[] { "update organization.memberships set role = 'BranchManager' where role = 'Staff'", "delete from organization.memberships", "update packages.templates set name = 'Forged'", "delete from packages.templates" })
            Assert.Equal((sql, 0), (sql, await AffectedAsync(TenantScope.None, sql)));
    }

    [Fact]
    public async Task A_branch_changes_its_own_studio_alone_and_nobody_deletes_one()
    {
        Assert.Equal(1, await AffectedAsync(TenantScope.Of(Porto), "update organization.branches set updates_paused_until = '2026-07-01'"));
        Assert.Equal(0, await AffectedAsync(TenantScope.None, "update organization.branches set updates_paused_until = '2026-07-01'"));
        Assert.Equal(0, await AffectedAsync(TenantScope.Hq, "delete from organization.branches"));
    }

    [Fact]
    public async Task Only_HQ_reads_what_is_not_published_yet()
    {
        await CreateAsync("packages.template_drafts", Porto);
        await CreateAsync("packages.publish_waves", Porto);
        foreach (var table in new[] { "packages.template_drafts", "packages.publish_waves" })
        {
            Assert.Equal(0L, await ScalarAsync(TenantScope.Of(Porto), $"select count(*) from {table}"));
            Assert.Equal(0L, await ScalarAsync(TenantScope.None, $"select count(*) from {table}"));
            Assert.Equal(1L, await ScalarAsync(TenantScope.Hq, $"select count(*) from {table}"));
        }
    }

    [Fact]
    public async Task A_branch_hears_its_own_events_and_the_groups()
    {
        await CreateAsync("live.outbox", Porto);
        await CreateAsync("live.outbox", Berlin);
        await SqlAsync("insert into live.outbox (id, topic, actor, device, payload_sha256, payload) values (gen_random_uuid(), 'GROUP@1.0', 'x', 'x', 'x', '{}')");
        Assert.Equal(2L, await ScalarAsync(TenantScope.Of(Porto), $"select count(*) filter (where space_id = '{Porto}' or space_id is null) from live.outbox"));
        Assert.Equal(2L, await ScalarAsync(TenantScope.Of(Porto), "select count(*) from live.outbox"));
        Assert.Equal(1L, await ScalarAsync(TenantScope.None, "select count(*) from live.outbox"));
        Assert.Equal(3L, await ScalarAsync(TenantScope.Hq, "select count(*) from live.outbox"));
        var forged = $"insert into live.outbox (id, topic, actor, device, space_id, payload_sha256, payload) values (gen_random_uuid(), 'X@1.0', 'x', 'x', '{Berlin}', 'x', '{{}}')";
        Assert.Equal(NotAllowed, await StateAsync(TenantScope.Of(Porto), forged));
        Assert.Equal(NotAllowed, await StateAsync(TenantScope.None, forged));
    }

    [Fact]
    public async Task A_branch_knows_who_looks_at_its_own_things_alone()
    {
        await CreateAsync("live.presence", Porto);
        await CreateAsync("live.presence", Berlin);
        Assert.Equal(1L, await ScalarAsync(TenantScope.Of(Porto), "select count(*) from live.presence"));
        Assert.Equal(0L, await ScalarAsync(TenantScope.None, "select count(*) from live.presence"));
        Assert.Equal(0, await AffectedAsync(TenantScope.Of(Porto), $"delete from live.presence where branch_id = '{Berlin}'"));
        Assert.Equal(0, await AffectedAsync(TenantScope.None, "delete from live.presence"));
    }

    [Fact]
    public async Task A_branch_reads_and_writes_audit_entries_of_its_own_alone()
    {
        await CreateAsync("audit.entries", Porto);
        await CreateAsync("audit.entries", Berlin);
        var mine = "select count(*) from audit.entries where xid <> pg_current_xact_id()";
        Assert.Equal(1L, await ScalarAsync(TenantScope.Of(Porto), mine));
        Assert.Equal(0L, await ScalarAsync(TenantScope.None, mine));
        Assert.Equal(0L, await ScalarAsync(TenantScope.Of(Porto), "select count(*) from audit.entries where branch_id is null and xid <> pg_current_xact_id()"));
        var forged = $"insert into audit.entries (id, actor_kind, actor_id, root_id, on_behalf_of, branch_id, action, object_type, object_id, outcome) values (gen_random_uuid(), 'staff', 'x', 'x', '{{}}', '{Berlin}', 'x', 'x', 'x', 'done')";
        Assert.Equal(NotAllowed, await StateAsync(TenantScope.Of(Porto), forged));
        Assert.Equal(NotAllowed, await StateAsync(TenantScope.None, forged));
    }

    [Fact]
    public async Task The_key_ring_is_out_of_reach_of_every_page()
    {
        await CreateAsync("organization.data_protection_keys", Porto);
        Assert.Equal(1L, await ScalarAsync(TenantScope.None, "select count(*) from organization.data_protection_keys"));
        Assert.Equal(0L, await ScalarAsync(TenantScope.Of(Porto), "select count(*) from organization.data_protection_keys"));
        Assert.Equal(0L, await ScalarAsync(TenantScope.Hq, "select count(*) from organization.data_protection_keys"));
    }

    [Fact]
    public async Task A_scope_ends_with_the_lease_of_its_connection()
    {
        await using (var connection = await Dbs.OpenConnectionAsync(TenantScope.Hq, Ct))
        {
            await using var scope = new NpgsqlCommand("select current_setting('app.scope')", connection);
            Assert.Equal("hq", await scope.ExecuteScalarAsync(Ct));
        }

        for (var lease = 0; lease < 5; lease++)
        {
            await using var left = App.CreateCommand("select coalesce(current_setting('app.scope', true), '') || coalesce(current_setting('app.branch_id', true), '')");
            Assert.Equal("", await left.ExecuteScalarAsync(Ct));
        }
    }

    private Task<GeneratedRow> CreateAsync(string table, BranchId branch) =>
        new IsolationRows(Superuser, Ct).CreateAsync(IsolationMatrix.Model.Tables().Single(t => t.QualifiedName() == table), branch);

    private async Task<T> InScopeAsync<T>(TenantScope scope, string sql, Func<NpgsqlCommand, Task<T>> run)
    {
        await using var connection = await Dbs.OpenConnectionAsync(scope, Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await using (var entry = new NpgsqlCommand(IsolationRows.AuditEntry, connection)) await entry.ExecuteNonQueryAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return await run(command);
    }

    private Task<object?> ScalarAsync(TenantScope scope, string sql) => InScopeAsync(scope, sql, c => c.ExecuteScalarAsync(Ct));

    private Task<int> AffectedAsync(TenantScope scope, string sql) => InScopeAsync(scope, sql, c => c.ExecuteNonQueryAsync(Ct));

    private Task<string?> StateAsync(TenantScope scope, string sql) => InScopeAsync(scope, sql, async c =>
        (string?)(await Assert.ThrowsAsync<PostgresException>(() => c.ExecuteNonQueryAsync(Ct))).SqlState);

    private Task<List<string>> TextsAsync(TenantScope scope, string sql) => InScopeAsync(scope, sql, async c =>
    {
        var texts = new List<string>();
        await using var reader = await c.ExecuteReaderAsync(Ct);
        while (await reader.ReadAsync(Ct)) texts.Add(reader.GetString(0));
        return texts;
    });
}
