using Npgsql;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Faults;

/// <summary>F3 and APP-9: a web process is killed, anywhere. The database holds all of a command or nothing of it, and the next start goes on from there.</summary>
[Trait(Fault.Category, Fault.Suite)]
public sealed class NodeCrashTests(PostgresServer server) : WebNodeTest(server)
{
    [Fact]
    public async Task F3_A_process_killed_in_the_middle_of_an_execution_leaves_no_half_effect_and_the_next_start_does_it_once()
    {
        var made = await DueAsync("in the middle");
        await using (var connection = await Superuser.OpenConnectionAsync(Ct))
        {
            // It has written its audit entry and its outcome, and waits for this table.
            await using var hold = new NpgsqlCommand("begin; lock table organization.blackouts in share mode", connection);
            await hold.ExecuteNonQueryAsync(Ct);
            var killed = await StartNodeAsync(("Jobs__Enabled", "false"));
            await Eventually.True(async () => await CountAsync("select count(*) from pg_locks where relation = 'organization.blackouts'::regclass and database = (select oid from pg_database where datname = current_database()) and not granted") > 0, "the node is in the middle of it", 90);
            await killed.KillAsync();
        }

        await RolledBackAsync();
        Assert.Equal((ProposalState.IntentLogged, 0, 0), (await StateAsync(made.Id), await EffectsAsync("in the middle"), await CountAsync("select count(*) from audit.entries where action = 'proposal.execute' and outcome = 'done'")));
        await EndLeasesAsync();
        await StartNodeAsync();
        await EndsAsAsync(made, ProposalState.Succeeded);
        Assert.Equal(1, await EffectsAsync("in the middle"));
    }

    [Fact]
    public async Task APP9_Killed_at_every_point_of_an_execution_what_is_ours_alone_is_done_once_and_anything_else_is_left_to_a_human()
    {
        // Each dies of its own proposal; the one that had not begun comes last, for the next to start takes it up.
        List<(string Point, string Capability, ProposalState Left, ProposalState End, int Effects)> points =
        [
            ("after-intent", "test.note", ProposalState.IntentLogged, ProposalState.Succeeded, 1),
            ("before-commit", "test.note", ProposalState.IntentLogged, ProposalState.Succeeded, 1),
            ("after-commit", "test.note", ProposalState.Succeeded, ProposalState.Succeeded, 1),
            ("before-commit", "test.note_outside", ProposalState.IntentLogged, ProposalState.UnknownOutcome, 0),
            ("before-intent", "test.note", ProposalState.Grace, ProposalState.Succeeded, 1),
        ];
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
        await StartNodeAsync();
        for (var i = 0; i < points.Count; i++)
        {
            await EndsAsAsync(all[i], points[i].End);
            Assert.Equal((points[i].Point, points[i].Effects), (points[i].Point, (int)await EffectsAsync($"{points[i].Point} {points[i].Capability}")));
        }

        // APP-11, for every attempt; and an unknown outcome goes nowhere but to a human with evidence.
        Assert.Empty(await OrphansAsync());
        Assert.Null((await Decide.ResolveAsync(Ana, Porto, all[3].Id, false, "Not in the calendar", Ct)).Refusal);
        Assert.Equal(ProposalState.Failed, await StateAsync(all[3].Id));
    }

    [Fact]
    public async Task APP9_A_command_whose_process_died_before_or_after_its_commit_has_one_effect_when_it_is_sent_again()
    {
        string? told = null;
        foreach (var (point, there) in new[] { ("proposal.submit/before-commit", 0L), ("proposal.submit/after-commit", 1L), ("", 1L) })
        {
            var node = point.Length > 0 ? await StartNodeAsync((FaultHooks.At, point), (FaultHooks.How, FaultHooks.Die)) : await StartNodeAsync();
            using var http = Client(node.Address, Key.Token);
            if (point.Length > 0)
            {
                await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.SendAsync(ApiHost.Post(NoteBody("sent again"), "the-key-of-it"), Ct));
                await node.Process.ExitAsync();
                await RolledBackAsync();
            }
            else
            {
                for (var i = 0; i < 2; i++)
                {
                    using var answer = await http.SendAsync(ApiHost.Post(NoteBody("sent again"), "the-key-of-it"), Ct);
                    Assert.Equal(202, (int)answer.StatusCode);
                    var body = await answer.Content.ReadAsStringAsync(Ct);
                    Assert.Equal(told ??= body, body);
                }
            }

            foreach (var table in new[] { "proposals.proposals", "audit.entries where action = 'proposal.submit' and outcome = 'done'", "proposals.kept_answers" })
                Assert.Equal((table, there), (table, await CountAsync($"select count(*) from {table}")));
        }
    }

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
