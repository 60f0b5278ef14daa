using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Persistence;

/// <summary>What is committed unseen, in one round trip with its rows (ADR 0015): all of it or nothing.</summary>
public sealed class RoundTripTests(PostgresServer server) : VaultTest(server)
{
    private static readonly DateOnly Day = new(2030, 5, 1);

    [Fact]
    public async Task A_change_that_does_not_find_its_row_takes_everything_with_it()
    {
        var made = await AddAsync("first");
        var tries = 0;
        var result = await RunAsync(async context =>
        {
            tries++;
            if (await context.Db.Blackouts.SingleOrDefaultAsync(b => b.Id == made, Ct) is not { } found) return KernelRefusals.NotFound;
            context.Db.Blackouts.Remove(found);
            context.Db.Blackouts.Add(Blackout.Of(Porto, Day, Day, "instead"));
            // Somebody quicker, in a transaction of their own.
            await SqlAsync($"set session_replication_role = replica; delete from organization.blackouts where id = '{made}'; set session_replication_role = origin");
            return Done.It;
        });
        // The second look found what had become of it.
        Assert.Equal(2, tries);
        Assert.Equal("refuse.kernel.not_found", result.Refusal?.Code);
        Assert.Equal(0L, await SqlAsync("select count(*) from organization.blackouts where label = 'instead'"));
        Assert.Equal(0L, await SqlAsync("select count(*) from audit.entries where action = 'blackout.change' and outcome = 'done'"));
    }

    [Fact]
    public async Task An_event_that_cannot_be_written_keeps_the_rows_away()
    {
        await SqlAsync("alter table live.outbox add constraint ck_test check (topic <> 'BROKEN@1.0')");
        var result = await RunAsync(context =>
        {
            context.Db.Blackouts.Add(Blackout.Of(Porto, Day, Day, "lost"));
            context.Announce("BROKEN@1.0", Porto, []);
            return Task.FromResult<Result<Done>>(Done.It);
        });
        Assert.Equal("refuse.audit.unavailable", result.Refusal?.Code);
        Assert.Equal(0L, await SqlAsync("select count(*) from organization.blackouts where label = 'lost'"));
    }

    [Fact]
    public async Task A_row_that_cannot_be_written_takes_its_entry_back()
    {
        await SqlAsync("alter table organization.blackouts add constraint ck_test check (label <> 'impossible')");
        await Assert.ThrowsAsync<DbUpdateException>(() => RunAsync(context =>
        {
            context.Db.Blackouts.Add(Blackout.Of(Porto, Day, Day, "possible"));
            context.Db.Blackouts.Add(Blackout.Of(Porto, Day, Day, "impossible"));
            return Task.FromResult<Result<Done>>(Done.It);
        }));
        Assert.Equal(0L, await SqlAsync("select count(*) from organization.blackouts where label like '%possible'"));
        Assert.Equal(0L, await SqlAsync("select count(*) from audit.entries where action = 'blackout.change'"));
    }

    [Fact]
    public async Task More_rows_than_one_batch_holds_are_committed_together()
    {
        var result = await RunAsync(context =>
        {
            for (var i = 0; i < 2_345; i++) context.Db.Blackouts.Add(Blackout.Of(Porto, Day, Day, $"row {i}"));
            return Task.FromResult<Result<Done>>(Done.It);
        });
        Assert.Null(result.Refusal);
        Assert.Equal(2_345L, await SqlAsync("select count(*) from organization.blackouts where label like 'row %'"));
        Assert.Equal(1L, await SqlAsync("select count(distinct xmin::text) from organization.blackouts where label like 'row %'"));
    }

    [Fact]
    public async Task A_statement_for_the_end_that_finds_no_row_is_a_lost_race()
    {
        var result = await RunAsync(context =>
        {
            context.AtTheEnd(new(RoundTrip.ExactlyOne("update organization.blackouts set label = 'x' where label = 'nobody' returning 1")));
            return Task.FromResult<Result<Done>>(Done.It);
        });
        Assert.Equal("refuse.kernel.stale_write", result.Refusal?.Code);
    }

    [Fact]
    public async Task A_statement_the_server_cancels_is_an_answer()
    {
        var result = await RunAsync(async context =>
        {
            await context.Db.Database.ExecuteSqlAsync($"set local statement_timeout = '200ms'", Ct);
            context.AtTheEnd(new("select pg_sleep(60)"));
            return Done.It;
        });
        Assert.Equal("refuse.storage.unavailable", result.Refusal?.Code);
        Assert.Equal(0L, await SqlAsync("select count(*) from audit.entries where action = 'blackout.change' and outcome = 'done'"));
    }

    private async Task<Guid> AddAsync(string label)
    {
        var row = Blackout.Of(Porto, Day, Day, label);
        Assert.Null((await RunAsync(context =>
        {
            context.Db.Blackouts.Add(row);
            return Task.FromResult<Result<Done>>(Done.It);
        }, "blackout.add")).Refusal);
        return row.Id;
    }

    private Task<Result<Done>> RunAsync(Func<WriteContext, Task<Result<Done>>> work, string action = "blackout.change") =>
        Door.RunAsync<Done>(new Command(action, Ana, TenantScope.Of(Porto), Access.MemberOf(Porto), "branch", Porto.ToString()), (context, _) =>
        {
            context.Audit(new JsonObject { ["label"] = "test" });
            return work(context);
        }, Ct);
}
