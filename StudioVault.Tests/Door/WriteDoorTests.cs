using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Door;

public sealed class WriteDoorTests(PostgresServer server) : VaultTest(server)
{
    [Fact]
    public async Task A_change_its_audit_entry_and_its_event_commit_together()
    {
        var result = await AddBlackoutAsync(Ana, Porto);
        Assert.Null(result.Refusal);
        Assert.Equal(1L, await SqlAsync("select count(*) from organization.blackouts"));
        Assert.Equal("staff|blackout.add|done", await SqlAsync("select actor_kind || '|' || action || '|' || outcome from audit.entries where branch_id = $1", Porto.Value));
        Assert.Equal(1L, await SqlAsync("select count(*) from live.outbox where space_id = $1 and topic = $2", Porto.Value, "TEST_CHANGED@1.0"));
    }

    [Fact]
    public async Task A_refused_command_writes_nothing_but_the_audited_refusal()
    {
        var result = await AddBlackoutAsync(Ana, Porto, refuse: true);
        Assert.Equal(KernelRefusals.ReasonRequired.Code, result.Refusal?.Code);
        Assert.Equal(0L, await SqlAsync("select count(*) from organization.blackouts"));
        Assert.Equal(0L, await SqlAsync("select count(*) from live.outbox where space_id is not null"));
        Assert.Equal(KernelRefusals.ReasonRequired.Code, await SqlAsync("select reason_code from audit.entries where outcome = 'refused'"));
    }

    [Fact]
    public async Task A_stranger_to_the_branch_is_told_that_nothing_is_there() =>
        Assert.Equal(KernelRefusals.NotFound.Code, (await AddBlackoutAsync(BerlinManager, Porto)).Refusal?.Code);

    [Fact]
    public async Task Staff_are_told_which_role_it_takes()
    {
        var refusal = (await AddBlackoutAsync(PortoStaff, Porto)).Refusal;
        Assert.Equal(KernelRefusals.NotAllowed.Code, refusal?.Code);
        Assert.Contains("branch manager", refusal!.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hq_does_not_decide_for_a_branch() =>
        Assert.Equal(KernelRefusals.NotAllowed.Code, (await AddBlackoutAsync(Hq, Porto)).Refusal?.Code);

    [Fact]
    public async Task A_person_who_was_switched_off_is_refused_at_the_very_next_command()
    {
        Assert.Null((await AddBlackoutAsync(Ana, Porto)).Refusal);
        await PastGuardsAsync("update organization.people set is_disabled = true where name = 'Ana'");
        Assert.Equal(KernelRefusals.SignedOut.Code, (await AddBlackoutAsync(Ana, Porto)).Refusal?.Code);
    }

    [Fact]
    public async Task A_changed_security_stamp_ends_every_session()
    {
        await PastGuardsAsync("update organization.people set security_stamp = 'another' where name = 'Ana'");
        Assert.Equal(KernelRefusals.SignedOut.Code, (await AddBlackoutAsync(Ana, Porto)).Refusal?.Code);
    }

    [Fact]
    public async Task Without_a_writable_audit_log_every_write_is_refused_and_reading_goes_on()
    {
        await SqlAsync("revoke insert on audit.entries from studiovault_app");
        var columns = (string)(await SqlAsync("select string_agg(attname, ',') from pg_attribute where attrelid = 'audit.entries'::regclass and attnum > 0"))!;
        await SqlAsync($"revoke insert ({columns}) on audit.entries from studiovault_app");
        Assert.Equal("refuse.audit.unavailable", (await AddBlackoutAsync(Ana, Porto)).Refusal?.Code);
        Assert.Equal(0L, await SqlAsync("select count(*) from organization.blackouts"));
        var read = await Door.ReadAsync<int>(Ana, TenantScope.Of(Porto), Access.MemberOf(Porto), async (db, _, ct) => await db.Blackouts.CountAsync(ct), Ct);
        Assert.Equal(0, read.Value);
    }

    [Fact]
    public async Task PostgreSQL_itself_refuses_a_governed_change_without_an_audit_entry()
    {
        await using var connection = await App.OpenConnectionAsync(Ct);
        await using var scope = new NpgsqlCommand($"select set_config('app.branch_id', '{Porto}', false)", connection);
        await scope.ExecuteNonQueryAsync(Ct);
        await using var raw = new NpgsqlCommand($"insert into organization.blackouts (branch_id, id, starts_on, ends_on, label) values ('{Porto}', gen_random_uuid(), now(), now(), 'x')", connection);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => raw.ExecuteNonQueryAsync(Ct));
        Assert.Equal(SchemaProtection.NoAuditState, refused.SqlState);
    }

    [Fact]
    public async Task The_app_can_neither_backdate_an_entry_nor_lend_it_to_another_transaction()
    {
        await using var connection = await App.OpenConnectionAsync(Ct);
        foreach (var column in new[] { "at", "xid" })
        {
            await using var forged = new NpgsqlCommand($"insert into audit.entries (id, actor_kind, actor_id, root_id, on_behalf_of, action, object_type, object_id, outcome, {column}) " +
                $"values (gen_random_uuid(), 'staff', 'x', 'x', '{{}}', 'x', 'x', 'x', 'done', {(column == "at" ? "now()" : "'1'")})", connection);
            Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => forged.ExecuteNonQueryAsync(Ct))).SqlState);
        }
    }

    [Theory]
    [InlineData("update audit.entries set action = 'x'")]
    [InlineData("delete from audit.entries")]
    [InlineData("truncate audit.entries cascade")]
    [InlineData("update packages.template_versions set summary = 'x'")]
    [InlineData("truncate packages.package_revisions cascade")]
    public async Task Insert_only_holds_for_the_app_and_for_the_owner(string sql)
    {
        await using var app = App.CreateCommand(sql);
        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => app.ExecuteNonQueryAsync(Ct))).SqlState);
        if (!sql.StartsWith("truncate", StringComparison.Ordinal) && !sql.Contains("audit", StringComparison.Ordinal)) return;
        await using var owner = Superuser.CreateCommand(sql);
        Assert.Equal(SchemaProtection.InsertOnlyState, (await Assert.ThrowsAsync<PostgresException>(() => owner.ExecuteNonQueryAsync(Ct))).SqlState);
    }

    private Task<Result<Done>> AddBlackoutAsync(Sender from, BranchId branch, bool refuse = false) => Door.RunAsync<Done>(
        new Command("blackout.add", from, TenantScope.Of(branch), Access.ManagerOf(branch), "branch", branch.ToString()), (context, _) =>
        {
            if (refuse) return Task.FromResult<Result<Done>>(KernelRefusals.ReasonRequired);
            context.Db.Blackouts.Add(Blackout.Of(branch, new DateOnly(2026, 6, 1), new DateOnly(2026, 6, 30), "Season"));
            context.Audit(new JsonObject { ["label"] = "Season" });
            context.Announce("TEST_CHANGED@1.0", branch, new JsonObject { ["label"] = "Season" });
            return Task.FromResult<Result<Done>>(Done.It);
        }, Ct);
}
