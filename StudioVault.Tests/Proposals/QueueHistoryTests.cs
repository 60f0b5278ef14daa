using Npgsql;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Proposals;

/// <summary>What was decided before, a page at a time.</summary>
public sealed class QueueHistoryTests(PostgresServer server) : ProposalsTest(server)
{
    [Fact]
    public async Task Every_ended_one_stands_on_exactly_one_page_however_many_ended_in_the_same_moment()
    {
        await MultiplyAsync(95);
        await TamperAsync("update proposals.proposals set state = 'Rejected', end_code = 'rejected', changed_at = date_trunc('day', clock_timestamp()) - (row_number % 3) * interval '1 hour' from (select id as of, row_number() over () from proposals.proposals) n where id = n.of");

        var view = await ReadAsync(QueueFilter.Done);
        List<QueueRow> rows = [.. view.Rows];
        var more = view.HasMore;
        while (more)
        {
            var older = await Queue.OlderAsync(Rui, Porto, QueueFilter.Done, new QueueCursor(rows[^1].ChangedAt, rows[^1].Id), Ct);
            Assert.Null(older.Refusal);
            rows.AddRange(older.Value.Rows);
            more = older.Value.HasMore;
        }

        Assert.Equal(ProposalQueries.EndedRows, view.Rows.Count);
        Assert.Equal(96, rows.Select(r => r.Id).Distinct().Count());
        Assert.Equal(96, rows.Count);
        Assert.Equal(rows.OrderByDescending(r => r.ChangedAt).Select(r => r.ChangedAt), rows.Select(r => r.ChangedAt));
    }

    [Fact]
    public async Task Counts_what_people_decided_since_the_midnight_of_the_branch()
    {
        var (first, second, third) = (await ProposeAsync(PortoStaff), await ProposeAsync(PortoStaff, until: "2030-02-28"), await ProposeAsync(PortoStaff, until: "2030-03-31"));
        Assert.Null((await ApproveAsync(Ana, first)).Refusal);
        Assert.Null((await Decide.RejectAsync(Ana, Porto, second.Id, second.Digest, "Not now", null, Ct)).Refusal);
        Assert.Equal(2, (await ReadAsync(QueueFilter.Open)).DecidedToday);

        await TamperAsync($"update proposals.proposals set changed_at = clock_timestamp() - interval '25 hours' where id = '{second.Id}'");
        Assert.Equal(1, (await ReadAsync(QueueFilter.Open)).DecidedToday);

        // Nobody decided on what was withdrawn.
        Assert.Null((await Propose.WithdrawAsync(PortoStaff, Porto, third.Id, "No longer needed", Ct)).Refusal);
        Assert.Equal(1, (await ReadAsync(QueueFilter.Open)).DecidedToday);
    }

    [Fact]
    public async Task What_runs_out_first_stands_first_and_what_human_review_has_stands_last()
    {
        var (late, soon, asked) = (await ProposeAsync(PortoStaff), await ProposeAsync(PortoStaff, until: "2030-02-28"), await ProposeAsync(PortoStaff, until: "2030-03-31"));
        Assert.Null((await Decide.SendToReviewAsync(Ana, Porto, asked.Id, "I am not sure about this", Ct)).Refusal);
        await TamperAsync($"update proposals.proposals set approve_by = clock_timestamp() + case id when '{late.Id}' then interval '3 hours' when '{soon.Id}' then interval '2 hours' else interval '1 hour' end");

        Assert.Equal([soon.Id, late.Id, asked.Id], (await ReadAsync(QueueFilter.Open)).Rows.Select(r => r.Id));
    }

    [Fact]
    public async Task A_page_of_fifty_thousand_is_found_along_the_index()
    {
        await MultiplyAsync(50_000);
        await TamperAsync("update proposals.proposals set state = 'Rejected', end_code = 'rejected', changed_at = clock_timestamp() - random() * interval '300 days'");
        await SqlAsync("analyze proposals.proposals");

        var rows = (await ReadAsync(QueueFilter.Done)).Rows;
        Assert.Equal(ProposalQueries.EndedRows, (await Queue.OlderAsync(Rui, Porto, QueueFilter.Done, new QueueCursor(rows[^1].ChangedAt, rows[^1].Id), Ct)).Value.Rows.Count);

        // The same question as the app asks it, under its own role and row-level security.
        await using var connection = await App.OpenConnectionAsync(Ct);
        await using var explain = new NpgsqlCommand($"""
            select set_config('app.scope', 'branch', false), set_config('app.branch_id', '{Porto}', false);
            explain select * from proposals.proposals where branch_id = '{Porto}' and (changed_at, id) < (clock_timestamp() - interval '100 days', gen_random_uuid())
              and state not in ('Pending', 'Claimed', 'Approved', 'Grace', 'IntentLogged', 'Drafted', 'UnknownOutcome') order by changed_at desc, id desc limit 41
            """, connection);
        var plan = new List<string>();
        await using var reader = await explain.ExecuteReaderAsync(Ct);
        await reader.NextResultAsync(Ct);
        while (await reader.ReadAsync(Ct)) plan.Add(reader.GetString(0));
        Assert.Contains(plan, l => l.Contains("ix_proposals_branch_id_changed_at_id", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, l => l.Contains("Sort", StringComparison.Ordinal));
    }

    private async Task<QueueView> ReadAsync(QueueFilter filter)
    {
        var read = await Queue.QueueAsync(Rui, Porto, filter, Ct);
        Assert.Null(read.Refusal);
        return read.Value;
    }

    /// <summary>Copies of one proposal, past every trigger: as many rows as years of work leave.</summary>
    private async Task MultiplyAsync(int copies)
    {
        await ProposeAsync(PortoStaff);
        await TamperAsync($"""
            create temp table copies as select p.* from proposals.proposals p, generate_series(1, {copies});
            update copies set id = gen_random_uuid();
            insert into proposals.proposals select * from copies;
            drop table copies
            """);
    }
}
