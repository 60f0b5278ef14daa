using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Support;
using StudioVault.Web.Proposals;
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

    [Fact]
    public async Task Is_narrowed_by_capability_by_who_proposed_or_decided_and_by_day_on_every_page()
    {
        var (amber, pause, bias) = (await ProposeAsync(PortoStaff), await ProposeAsync(PortoStaff, "test.pause", "2030-02-28"), await ProposeAsync(Bia, until: "2030-03-31"));
        Assert.Null((await Decide.RejectAsync(Ana, Porto, amber.Id, amber.Digest, "Not now", null, Ct)).Refusal);
        Assert.Null((await Decide.RejectAsync(Rui, Porto, pause.Id, pause.Digest, "Not now", null, Ct)).Refusal);
        Assert.Null((await Decide.RejectAsync(Rui, Porto, bias.Id, bias.Digest, "Not now", null, Ct)).Refusal);
        await TamperAsync($"update proposals.proposals set changed_at = timestamptz '2026-03-29 00:30:00Z' where id = '{pause.Id}'; update proposals.proposals set changed_at = timestamptz '2026-03-29 23:30:00Z' where id = '{amber.Id}'");

        Assert.Equal([pause.Id], await FoundAsync(new QueueHistory { Capability = "test.pause" }));
        Assert.Equal([bias.Id, pause.Id], await FoundAsync(new QueueHistory { Who = Rui.PersonId!.Value.Value }));
        Assert.Equal([bias.Id], await FoundAsync(new QueueHistory { Who = Bia.PersonId!.Value.Value }));
        Assert.Equal([amber.Id, pause.Id], await FoundAsync(new QueueHistory { Who = PortoStaff.PersonId!.Value.Value }));
        Assert.Empty(await FoundAsync(new QueueHistory { Who = Guid.NewGuid() }));
        // Lisbon's day of 29 March 2026 is an hour shorter: it ends at 23:00 UTC, and here somebody decided half an hour later.
        var day = new HistoryAddress(null, null, new DateOnly(2026, 3, 29), new DateOnly(2026, 3, 29));
        Assert.Equal([pause.Id], await FoundAsync(day.ToHistory("Europe/Lisbon")));
        Assert.Equal([bias.Id, amber.Id], await FoundAsync((day with { From = new DateOnly(2026, 3, 30), To = null }).ToHistory("Europe/Lisbon")));

        // Below the first page the conditions hold, too.
        var older = await Queue.OlderAsync(Rui, Porto, QueueFilter.Done, new QueueCursor(TimeProvider.System.GetUtcNow().AddDays(1), bias.Id), Ct, new QueueHistory { Capability = "test.pause" });
        Assert.Equal([pause.Id], older.Value.Rows.Select(r => r.Id));
    }

    [Fact]
    public void An_address_that_cannot_be_read_is_named()
    {
        Assert.Equal(new HistoryAddress("test.amber", null, new DateOnly(2026, 1, 2), null), HistoryAddress.Read(" test.amber ", "", "2026-01-02", null, out var none));
        Assert.Null(none);
        HistoryAddress.Read("x", "nobody", "2026-01-02", null, out var who);
        Assert.Equal("who", who);
        HistoryAddress.Read("x", null, "2026-01-02", "0001-01-01", out var to);
        Assert.Equal("to", to);
    }

    [Fact]
    public async Task A_manager_carries_it_away_line_by_line_and_the_log_says_so_while_staff_are_refused()
    {
        await MultiplyAsync(450);
        await TamperAsync("update proposals.proposals set state = 'Rejected', end_code = 'rejected'");
        var made = await ProposeAsync(PortoStaff, "test.pause", "2030-02-28");
        Assert.Null((await Decide.RejectAsync(Rui, Porto, made.Id, made.Digest, "The “church” is taken", null, Ct)).Refusal);

        Assert.Equal("refuse.kernel.not_allowed", (await Histories.ExportingAsync(Bia, Porto, QueueFilter.Done, QueueHistory.Everything, Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_allowed", (await Histories.WriteAsync(Bia, Porto, "porto", QueueFilter.Done, QueueHistory.Everything, new MemoryStream(), Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_found", (await Histories.ExportingAsync(BerlinManager, Porto, QueueFilter.Done, QueueHistory.Everything, Ct)).Refusal?.Code);
        Assert.Equal(2L, await CountAsync("select count(*) from audit.entries where action = 'proposal.export' and outcome = 'refused'"));

        Assert.Null((await Histories.ExportingAsync(Ana, Porto, QueueFilter.Done, new QueueHistory { Capability = "test.pause" }, Ct)).Refusal);
        Assert.Equal("test.pause", await SqlAsync("select payload::jsonb ->> 'capability' from audit.entries where action = 'proposal.export' and outcome = 'done'"));
        var some = await ExportAsync(new QueueHistory { Capability = "test.pause" });
        Assert.Equal(["manifest", "proposal", "end"], some.Select(l => (string?)l["kind"]));
        Assert.Equal(("test.pause", "Rejected", "Inês"), ((string?)some[1]["capability"], (string?)some[1]["state"], (string?)some[1]["proposer"]));
        var decision = Assert.Single(some[1]["decisions"]!.AsArray())!;
        Assert.Equal(("Reject", "Rui", "The “church” is taken"), ((string?)decision["verdict"], (string?)decision["by"], (string?)decision["reason"]));

        // Three pages of it, each proposal once.
        var all = await ExportAsync(QueueHistory.Everything);
        Assert.Equal(452, all[1..^1].Select(l => (string?)l["id"]).Distinct().Count());
        Assert.Equal((454, 452), (all.Count, (int)all[^1]["proposals"]!));
    }

    private QueueHistories Histories => new(Door, Registry, Texts, Queue);

    private async Task<List<JsonNode>> ExportAsync(QueueHistory history)
    {
        using var file = new MemoryStream();
        Assert.Null((await Histories.WriteAsync(Ana, Porto, "porto", QueueFilter.Done, history, file, Ct)).Refusal);
        return [.. Encoding.UTF8.GetString(file.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)];
    }

    private async Task<IEnumerable<ProposalId>> FoundAsync(QueueHistory history)
    {
        var read = await Queue.QueueAsync(Bia, Porto, QueueFilter.Done, Ct, history: history);
        Assert.Null(read.Refusal);
        return read.Value.Rows.Select(r => r.Id);
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
