using Npgsql;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Faults;

/// <summary>F3 and APP-9: a web process is killed, anywhere. The database holds all of a command or nothing of it, and the next start goes on from there.</summary>
public sealed class NodeCrashTests(PostgresServer server) : WebNodeTest(server)
{
    [Trait(Fault.Category, Fault.Suite)]
    [Fact]
    public async Task F3_A_process_killed_while_its_commit_waits_is_finished_whole_by_the_server_and_never_done_again()
    {
        var made = await DueAsync("in the middle");
        await using (var connection = await Superuser.OpenConnectionAsync(Ct))
        {
            // Its entry, its rows and its COMMIT are with the server, and wait for this table.
            await using var hold = new NpgsqlCommand("begin; lock table organization.blackouts in share mode", connection);
            await hold.ExecuteNonQueryAsync(Ct);
            var killed = await StartNodeAsync(("Jobs__Enabled", "false"));
            await Eventually.True(async () => await CountAsync("select count(*) from pg_locks where relation = 'organization.blackouts'::regclass and database = (select oid from pg_database where datname = current_database()) and not granted") > 0, "the node is in the middle of it", 90);
            await killed.KillAsync();
        }

        await RolledBackAsync();
        await EndsAsAsync(made, ProposalState.Succeeded);
        Assert.Equal((1, 1), (await EffectsAsync("in the middle"), await CountAsync("select count(*) from audit.entries where action = 'proposal.execute' and outcome = 'done'")));
        await EndLeasesAsync();
        await StartNodeAsync();
        // The next start finds nothing of it to do: a round of its executor goes by.
        var other = await DueAsync("the next one");
        await EndsAsAsync(other, ProposalState.Succeeded);
        Assert.Equal((1, 1), (await EffectsAsync("in the middle"), await EffectsAsync("the next one")));
    }

    [Trait(Fault.Category, Fault.Suite)]
    [Fact]
    public async Task APP9_Killed_around_the_commit_of_a_command_or_an_execution_each_has_one_effect_or_is_left_to_a_human()
    {
        await SubmitAndDieAsync();
        await DieAndTakeUpAsync([("before-commit", "test.note", ProposalState.IntentLogged, ProposalState.Succeeded, 1), ("after-commit", "test.note", ProposalState.Succeeded, ProposalState.Succeeded, 1), ("before-commit", "test.note_outside", ProposalState.IntentLogged, ProposalState.UnknownOutcome, 0)]);
    }

    [Trait(Fault.Category, Fault.Long)]
    [Fact]
    public Task APP9_Killed_at_every_point_of_an_execution_what_is_ours_alone_is_done_once_and_anything_else_is_left_to_a_human() => DieAndTakeUpAsync(
    [
        ("after-intent", "test.note", ProposalState.IntentLogged, ProposalState.Succeeded, 1),
        ("before-effect", "test.note", ProposalState.IntentLogged, ProposalState.Succeeded, 1),
        ("before-commit", "test.note", ProposalState.IntentLogged, ProposalState.Succeeded, 1),
        ("after-commit", "test.note", ProposalState.Succeeded, ProposalState.Succeeded, 1),
        ("after-intent", "test.note_outside", ProposalState.IntentLogged, ProposalState.UnknownOutcome, 0),
        ("before-commit", "test.note_outside", ProposalState.IntentLogged, ProposalState.UnknownOutcome, 0),
        // The one that had not begun comes last: the next start takes it up.
        ("before-intent", "test.note", ProposalState.Grace, ProposalState.Succeeded, 1),
    ]);

    /// <summary>AUD-4: fifty real processes, each killed where it numbers the log; the numbers of all that was acknowledged have no gap.</summary>
    [Trait(Fault.Category, Fault.Long)]
    [Fact]
    public Task AUD4_Fifty_sequencers_killed_at_any_point_of_their_work_leave_a_log_without_a_gap() =>
        KillSequencersAsync([.. Enumerable.Range(0, 50).Select(_ => SequencerPoints[Random.Shared.Next(SequencerPoints.Length)])]);

    /// <summary>The same in short: each point twice, the second time after a death at another.</summary>
    [Trait(Fault.Category, Fault.Suite)]
    [Fact]
    public Task AUD4_Sequencers_killed_twice_at_each_point_of_their_work_leave_a_log_without_a_gap() => KillSequencersAsync([.. SequencerPoints, .. SequencerPoints]);

    private static readonly string[] SequencerPoints = ["sequencer/looked", "sequencer/numbered", "sequencer/committed"];

    private async Task KillSequencersAsync(IReadOnlyList<string> points)
    {
        for (var round = 0; round < points.Count; round++)
        {
            await ProposeNoteAsync(PortoStaff, $"round {round}");
            await StrikeAsync(points[round], FaultHooks.Die);
            await RolledBackAsync();
            Assert.Equal(await CountAsync("select size from audit.sequencer_state"), await CountAsync("select count(*) from audit.leaves"));
        }

        await StartNodeAsync();
        await Eventually.True(async () => await CountAsync("select count(*) from audit.entries e where not exists (select from audit.leaves l where l.entry_id = e.id)") == 0, "all is numbered", 60);
        Assert.Equal(await CountAsync("select count(*) from audit.leaves"), await CountAsync("select max(idx) + 1 from audit.leaves"));
    }

    /// <summary>Each process dies of its own proposal; then one starts that dies of nothing.</summary>
    private async Task DieAndTakeUpAsync(IReadOnlyList<(string Point, string Capability, ProposalState Left, ProposalState End, int Effects)> points)
    {
        var all = new List<Submitted>();
        foreach (var (point, capability, left, _, _) in points)
        {
            var made = await DueAsync($"{point} {capability}", capability);
            all.Add(made);
            await StrikeAsync(point, FaultHooks.Die);
            await RolledBackAsync();
            Assert.Equal(left, await StateAsync(made.Id));
        }

        await EndLeasesAsync();
        var healthy = await StartNodeAsync();
        for (var i = 0; i < points.Count; i++)
        {
            await EndsAsAsync(all[i], points[i].End);
            Assert.Equal((points[i].Point, points[i].Effects), (points[i].Point, (int)await EffectsAsync($"{points[i].Point} {points[i].Capability}")));
        }

        // APP-11, for every attempt; and an unknown outcome goes nowhere but to a human with evidence.
        Assert.Empty(await OrphansAsync());
        foreach (var unknown in all.Where((_, i) => points[i].End == ProposalState.UnknownOutcome))
        {
            Assert.Null((await Decide.ResolveAsync(Ana, Porto, unknown.Id, false, "Not in the calendar", Ct)).Refusal);
            Assert.Equal(ProposalState.Failed, await StateAsync(unknown.Id));
        }

        if (_sent) await AssertToldTheSameAsync(healthy);
    }

    private const string OrderKey = "the-key-of-it";
    private bool _sent;

    /// <summary>A command whose process dies before the commit, and the same once more, whose process dies after it: the sender was told nothing either time.</summary>
    private async Task SubmitAndDieAsync()
    {
        _sent = true;
        foreach (var (point, there) in new[] { ("proposal.submit/before-commit", 0L), ("proposal.submit/after-commit", 1L) })
        {
            var node = await StartNodeAsync(("Jobs__Enabled", "false"), (FaultHooks.At, point), (FaultHooks.How, FaultHooks.Die));
            using var http = Client(node.Address, Key.Token);
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.SendAsync(ApiHost.Post(NoteBody("sent again"), OrderKey), Ct));
            await node.Process.ExitAsync();
            await RolledBackAsync();
            await AssertSentAsync(there);
        }
    }

    private async Task AssertToldTheSameAsync(WebNode node)
    {
        using var http = Client(node.Address, Key.Token);
        string? told = null;
        for (var i = 0; i < 2; i++)
        {
            using var answer = await http.SendAsync(ApiHost.Post(NoteBody("sent again"), OrderKey), Ct);
            var body = await answer.Content.ReadAsStringAsync(Ct);
            Assert.Equal((202, told ??= body), ((int)answer.StatusCode, body));
            Assert.Equal("true", answer.Headers.GetValues("Idempotency-Replayed").Single());
        }

        await AssertSentAsync(1);
    }

    private async Task AssertSentAsync(long times)
    {
        // Only this was sent by an agent.
        foreach (var rows in new[] { "proposals.proposals where agent_id is not null", "audit.entries e where action = 'proposal.submit' and outcome = 'done' and exists (select from proposals.proposals p where p.id::text = e.object_id and p.agent_id is not null)", "proposals.kept_answers" })
            Assert.Equal((rows, times), (rows, await CountAsync($"select count(*) from {rows}")));
    }

    [Trait(Fault.Category, Fault.Suite)]
    [Fact]
    public void APP9_The_released_program_has_no_way_to_be_told_to_die()
    {
        foreach (var type in new[] { typeof(ProposalState), typeof(ProposalExecutor), typeof(Program) })
        {
            var file = File.ReadAllBytes(type.Assembly.Location);
            Assert.NotEqual(typeof(FaultHooks).Assembly, type.Assembly);
            foreach (var word in new[] { FaultHooks.At, FaultHooks.IsNode, FaultHooks.How }) Assert.True(file.AsSpan().IndexOf(System.Text.Encoding.Unicode.GetBytes(word)) < 0, $"{type.Assembly.GetName().Name} knows {word}");
        }
    }
}
