using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Organization;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Faults;

/// <summary>
/// F13 and APP-5: the clock of a web process is wrong by two days, or set back while it runs. What decides anything is the database's
/// clock: nothing is decided differently, and the audit keeps the database's time.
/// </summary>
public sealed class ClockFaultTests(PostgresServer server) : WebNodeTest(server)
{
    private readonly ShortFolder _clock = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _clock.Dispose();
        GC.SuppressFinalize(this);
    }

    [Trait(Fault.Category, Fault.Suite)]
    [Fact]
    public async Task F13_A_web_process_two_days_ahead_decides_nothing_differently_nor_when_its_clock_is_put_right()
    {
        var node = await DecidesAsAnyAsync("+2d");
        SetOff("+0");
        await GoesOnAsync(node);
    }

    [Trait(Fault.Category, Fault.Long)]
    [Fact]
    public Task F13_A_web_process_two_days_behind_decides_nothing_differently() => DecidesAsAnyAsync("-2d");

    [Trait(Fault.Category, Fault.Long)]
    [Fact]
    public async Task F13_A_clock_set_back_an_hour_while_the_process_works_stops_neither_decisions_nor_jobs()
    {
        var node = await StartOffAsync("+0");
        // What the jobs stored as due is of the time before.
        await Eventually.True(async () => await CountAsync("select count(*) from quartz.qrtz_execution_history where job_name = 'proposals.sweep'") > 0, "the jobs have begun", 90);
        SetOff("-1h");
        await GoesOnAsync(node);
    }

    private async Task<WebNode> DecidesAsAnyAsync(string offset)
    {
        var since = await NowAsync();
        // Each with an end in an hour, and its like whose end was an hour ago.
        var (_, keyOver) = await NewAgentAsync("key-over", null);
        await TamperAsync($"update organization.agent_keys set expires_at = clock_timestamp() + interval '1 hour' where id = '{Key.Id.Value}'; update organization.agent_keys set expires_at = clock_timestamp() - interval '1 hour' where id = '{keyOver.Id.Value}'");
        var (powerless, powerlessKey) = await NewAgentAsync("power-over", null);
        await TamperAsync($"update organization.delegations set starts_at = starts_at - interval '1 day', expires_at = clock_timestamp() + case when to_agent_id = '{powerless.Value}' then interval '-1 hour' else interval '1 hour' end");
        var (exempt, exemptKey) = await NewAgentAsync("exempt", null);
        var (unexempt, unexemptKey) = await NewAgentAsync("exemption-over", null);
        foreach (var agent in new[] { exempt, unexempt }) Assert.Null((await Exemptions.GrantAsync(Hq, "test.note", Porto, agent, "Busy season", 1, 10, Ct)).Refusal);
        await TamperAsync($"update proposals.exemptions set expires_at = clock_timestamp() + case when agent_id = '{unexempt.Value}' then interval '-1 hour' else interval '1 hour' end");
        var (open, over) = (await ProposeNoteAsync(PortoStaff, "open"), await ProposeNoteAsync(PortoStaff, "over"));
        await TamperAsync($"update proposals.proposals set approve_by = clock_timestamp() + case when id = '{over.Id.Value}' then interval '-1 hour' else interval '1 hour' end");
        var (graced, due) = (await ProposeNoteAsync(PortoStaff, "in its time to undo"), await ProposeNoteAsync(PortoStaff, "its time to undo is over"));
        foreach (var made in new[] { graced, due }) Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        await TamperAsync($"update proposals.proposals set grace_until = clock_timestamp() + case when id = '{due.Id.Value}' then interval '-1 second' else interval '1 hour' end, execute_by = clock_timestamp() + interval '2 hours' where state = 'Grace'");

        var node = await StartOffAsync(offset);
        Assert.Equal((200, 401), (await MeAsync(node, Key), await MeAsync(node, keyOver)));
        Assert.Equal((202, 403), (await SubmitAsync(node, Key, "in power"), await SubmitAsync(node, powerlessKey, "out of power")));
        Assert.Equal((202, 202), (await SubmitAsync(node, exemptKey, "exempt"), await SubmitAsync(node, unexemptKey, "no more exempt")));
        Assert.Equal(("Grace", "Pending"), (await SqlAsync("select state from proposals.proposals where agent_id = $1", exempt.Value), await SqlAsync("select state from proposals.proposals where agent_id = $1", unexempt.Value)));
        await EndsAsAsync(due, ProposalState.Succeeded);
        Assert.Equal(ProposalState.Grace, await StateAsync(graced.Id));

        // The jobs run by the database's time too, and end what is over there and nothing else.
        await EndsAsAsync(over, ProposalState.Expired);
        Assert.Equal(ProposalState.Pending, await StateAsync(open.Id));
        Assert.Equal(1, await CountAsync("select count(*) from proposals.executor_leases where until between clock_timestamp() and clock_timestamp() + interval '30 seconds'"));
        Assert.Equal(0, await CountAsync("select count(*) from proposals.quota_counters where window_at not between $1 - interval '1 day' and clock_timestamp()", since));
        await AssertAuditKeepsTimeAsync(since);
        Assert.Null((await ApproveAsync(Ana, open)).Refusal);
        return node;
    }

    /// <summary>Right after its clock went back: it takes orders, carries out, runs its jobs and keeps its lease.</summary>
    private async Task GoesOnAsync(WebNode node)
    {
        var since = await NowAsync();
        var until = await SqlAsync("select until from proposals.executor_leases");
        Assert.Equal(202, await SubmitAsync(node, Key, "after the clock went back"));
        var due = await DueAsync("carried out after");
        await EndsAsAsync(due, ProposalState.Succeeded);
        var over = await ProposeNoteAsync(PortoStaff, "over afterwards");
        await TamperAsync($"update proposals.proposals set approve_by = clock_timestamp() - interval '1 minute' where id = '{over.Id.Value}'");
        await EndsAsAsync(over, ProposalState.Expired);
        await Eventually.True(async () => await CountAsync("select count(*) from proposals.executor_leases where until > $1", until!) == 1, "the lease is renewed", 60);
        await AssertAuditKeepsTimeAsync(since);
    }

    private async Task AssertAuditKeepsTimeAsync(DateTime since)
    {
        await Eventually.True(async () => await CountAsync("select count(*) from audit.entries e where not exists (select from audit.leaves l where l.entry_id = e.id)") == 0, "every entry has its number");
        Assert.Equal(0, await CountAsync("select count(*) from audit.entries where at not between $1 - interval '10 minutes' and clock_timestamp()", since));
        // What this test did one after the other stands in the log one after the other.
        Assert.Equal(0, await CountAsync("""
            select count(*) from (select e.at, lag(e.at) over (order by l.idx) as before from audit.leaves l join audit.entries e on e.id = l.entry_id where e.action in ('proposal.submit', 'proposal.approve')) x
            where at < before
            """));
    }

    private async Task<DateTime> NowAsync() => (DateTime)(await SqlAsync("select clock_timestamp()"))!;

    private static async Task<int> MeAsync(WebNode node, NewAgentKey key)
    {
        using var http = Client(node.Address, key.Token);
        using var answer = await http.GetAsync("/v1/me", Ct);
        return (int)answer.StatusCode;
    }

    private static async Task<int> SubmitAsync(WebNode node, NewAgentKey key, string note)
    {
        using var http = Client(node.Address, key.Token);
        using var answer = await http.SendAsync(ApiHost.Post(NoteBody(note), $"order-{note.Replace(' ', '-')}"), Ct);
        return (int)answer.StatusCode;
    }

    private void SetOff(string offset)
    {
        // Replaced at once: half a line would be another time.
        File.WriteAllText(_clock["next"], offset + "\n");
        File.Move(_clock["next"], _clock["offset"], overwrite: true);
    }

    private async Task<WebNode> StartOffAsync(string offset)
    {
        var library = new[] { "/usr/lib", "/usr/lib64" }.Where(Directory.Exists).SelectMany(f => Directory.EnumerateDirectories(f, "faketime", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2, IgnoreInaccessible = true }))
            .Select(f => Path.Combine(f, "libfaketimeMT.so.1")).FirstOrDefault(File.Exists);
        if (library is null) Assert.Skip("A clock of its own for one process takes libfaketime (Debian: apt-get install faketime).");
        SetOff(offset);
        var node = await StartNodeAsync(("LD_PRELOAD", library), ("FAKETIME_TIMESTAMP_FILE", _clock["offset"]), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"), ("FAKETIME_NO_CACHE", "1"));
        // That it took effect is part of the test: the log line's date is the process's own.
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(node.Address, "/health/live"), Ct);
        var off = answer.Headers.Date!.Value - new DateTimeOffset(await NowAsync());
        Assert.InRange(off.TotalHours, offset == "+2d" ? 47.5 : offset == "-2d" ? -48.5 : -0.5, offset == "+2d" ? 48.5 : offset == "-2d" ? -47.5 : 0.5);
        return node;
    }
}
