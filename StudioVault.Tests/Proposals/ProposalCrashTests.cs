using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Support;
using Xunit;
using Sender = StudioVault.Infrastructure.Door.Sender;

namespace StudioVault.Tests.Proposals;

/// <summary>A node that dies, hangs or loses the database (APP-9, APP-10, features row 5.13 and the restarts of table A5).</summary>
public sealed class ProposalCrashTests(PostgresServer server) : ProposalsTest(server)
{
    [Theory]
    [InlineData("before-intent", "test.note", ProposalState.Grace, ProposalState.Succeeded)]
    [InlineData("after-intent", "test.note", ProposalState.IntentLogged, ProposalState.Succeeded)]
    [InlineData("before-effect", "test.note", ProposalState.IntentLogged, ProposalState.Succeeded)]
    [InlineData("before-commit", "test.note", ProposalState.IntentLogged, ProposalState.Succeeded)]
    [InlineData("after-intent", "test.note_outside", ProposalState.IntentLogged, ProposalState.UnknownOutcome)]
    [InlineData("before-commit", "test.note_outside", ProposalState.IntentLogged, ProposalState.UnknownOutcome)]
    public async Task A_node_that_dies_at_any_point_leaves_nothing_half_done(string point, string capability, ProposalState left, ProposalState end)
    {
        var made = await ApprovedAsync("crash", capability);
        var (leases, doomed) = await NodeAsync("doomed");
        using (leases)
        using (doomed)
        {
            // Nothing of ours catches a cancellation on its way out: the process is gone from there on.
            doomed.At = at => { if (at == point) throw new OperationCanceledException(at); };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => doomed.RunOneAsync(Porto, made.Id, Ct));
        }

        Assert.Equal(left, await StateAsync(made.Id));
        Assert.Equal(0, await EffectsAsync("crash"));
        // While its lease runs nobody touches what it began.
        await Executor.RecoverAsync(Ct);
        if (left == ProposalState.IntentLogged) Assert.Equal(left, await StateAsync(made.Id));
        await TamperAsync("update proposals.executor_leases set until = clock_timestamp() where node = 'doomed'");
        await Executor.RecoverAsync(Ct);
        await Executor.RunDueAsync(Ct);
        Assert.Equal(end, await StateAsync(made.Id));
        Assert.Equal(end == ProposalState.Succeeded ? 1 : 0, await EffectsAsync("crash"));
        if (end != ProposalState.UnknownOutcome) return;
        // Only a manager says what became of it, with what they found.
        Assert.Equal("refuse.kernel.reason_required", (await Decide.ResolveAsync(Ana, Porto, made.Id, true, " ", Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_allowed", (await Decide.ResolveAsync(Bia, Porto, made.Id, true, "Seen", Ct)).Refusal?.Code);
        Assert.Null((await Decide.ResolveAsync(Ana, Porto, made.Id, false, "Not in the calendar", Ct)).Refusal);
        Assert.Equal(ProposalState.Failed, await StateAsync(made.Id));
        Assert.Equal("refuse.proposal.outcome_known", (await Decide.ResolveAsync(Ana, Porto, made.Id, true, "Seen after all", Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task What_the_node_itself_lost_hold_of_is_taken_up_by_it_again()
    {
        var made = await ApprovedAsync("stuck");
        Executor.At = at => { if (at == "before-effect") throw new TimeoutException("The database went away."); };
        await Executor.RunOneAsync(Porto, made.Id, Ct);
        Assert.Equal(ProposalState.IntentLogged, await StateAsync(made.Id));
        Executor.At = _ => { };
        Assert.Equal(1, await Executor.RecoverAsync(Ct));
        Assert.Equal((ProposalState.Succeeded, 1), (await StateAsync(made.Id), await EffectsAsync("stuck")));
        Assert.Equal(0, await Executor.RecoverAsync(Ct));
    }

    [Fact]
    public async Task What_it_lost_hold_of_the_executor_takes_up_by_itself()
    {
        var made = await ApprovedAsync("by itself");
        Executor.At = at => { if (at == "before-effect") throw new TimeoutException("The database went away."); };
        await Executor.RunOneAsync(Porto, made.Id, Ct);
        Executor.At = _ => { };
        await Executor.StartAsync(Ct);
        try
        {
            // No sweep runs here, on this node or another.
            await Eventually.True(async () =>
            {
                await Leases.RenewAsync(Ct);
                return await StateAsync(made.Id) == ProposalState.Succeeded;
            }, "it is carried out");
        }
        finally
        {
            await Executor.StopAsync(Ct);
        }

        Assert.Equal(1, await EffectsAsync("by itself"));
    }

    [Theory]
    [InlineData("race")]
    [InlineData(PostgresErrorCodes.DiskFull)]
    [InlineData(PostgresErrorCodes.LockNotAvailable)]
    [InlineData(SchemaProtection.NoAuditState)]
    public async Task What_the_storage_could_not_do_this_time_is_not_failed_and_is_taken_up_again(string trouble)
    {
        using var folder = new ShortFolder();
        var file = new AttemptFile(folder.Path, NullLogger<AttemptFile>.Instance);
        using var executor = NewExecutor(Leases, "test", file);
        var made = await ApprovedAsync("this time");
        PauseCapability.Inside.Value = () => throw (trouble == "race" ? new DbUpdateConcurrencyException("Somebody else was quicker.") : new PostgresException("No.", "ERROR", "ERROR", trouble));
        await executor.RunDueAsync(Ct);
        Assert.Equal(ProposalState.IntentLogged, await StateAsync(made.Id));
        Assert.Equal(["intent"], Lines());
        PauseCapability.Inside.Value = null;
        Assert.Equal(1, await executor.RecoverAsync(Ct));
        Assert.Equal((ProposalState.Succeeded, 1), (await StateAsync(made.Id), await EffectsAsync("this time")));
        Assert.Equal(["intent", "intent", "outcome succeeded"], Lines());

        string[] Lines() => [.. file.Read(TimeProvider.System.GetUtcNow()).Where(l => l.Proposal == made.Id.Value).Select(l => $"{l.Phase} {l.Outcome}".Trim())];
    }

    [Fact]
    public async Task The_second_sink_hears_of_an_outcome_nobody_knew_and_of_who_found_it_out()
    {
        using var folder = new ShortFolder();
        var file = new AttemptFile(folder.Path, NullLogger<AttemptFile>.Instance);
        using var executor = NewExecutor(Leases, "test", file);
        var made = await ApprovedAsync("outside", "test.note_outside");
        executor.At = at => { if (at == "after-intent") throw new OperationCanceledException(at); };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => executor.RunOneAsync(Porto, made.Id, Ct));
        executor.At = _ => { };
        Assert.Equal(1, await executor.RecoverAsync(Ct));
        Assert.Null((await new DecisionCommands(Door, Texts, file).ResolveAsync(Ana, Porto, made.Id, false, "Not in the calendar", Ct)).Refusal);
        var lines = file.Read(TimeProvider.System.GetUtcNow());
        Assert.Equal(["unknown ", "failed found_not_done"], lines.Select(l => $"{l.Outcome} {l.ReasonCode}"));
        Assert.All(lines, l => Assert.Equal((made.Digest, "test.note_outside"), (l.Digest, l.Capability)));
    }

    [Fact]
    public async Task Only_what_was_really_taken_up_counts()
    {
        var made = await ApprovedAsync("held");
        Executor.At = at => { if (at == "before-effect") throw new TimeoutException("The database went away."); };
        await Executor.RunOneAsync(Porto, made.Id, Ct);
        Executor.At = _ => { };
        await TamperAsync("update proposals.executor_leases set until = clock_timestamp()");
        Assert.Equal(0, await Executor.RecoverAsync(Ct));
        Assert.Equal(ProposalState.IntentLogged, await StateAsync(made.Id));
    }

    [Fact]
    public async Task An_atomic_one_is_not_begun_for_ever()
    {
        var made = await ApprovedAsync("again and again");
        Executor.At = at => { if (at == "before-effect") throw new TimeoutException("The database went away."); };
        await Executor.RunOneAsync(Porto, made.Id, Ct);
        for (var i = 0; i < 5; i++) await Executor.RecoverAsync(Ct);
        Assert.Equal((ProposalState.UnknownOutcome, 0), (await StateAsync(made.Id), await EffectsAsync("again and again")));
    }

    [Fact]
    public async Task A_bug_in_a_capability_fails_what_is_ours_alone_and_is_unknown_where_it_reached_outside()
    {
        PauseCapability.Inside.Value = () => throw new InvalidOperationException("A bug.");
        var (ours, outside) = (await ApprovedAsync("bug"), await ApprovedAsync("bug outside", "test.note_outside"));
        await Executor.RunDueAsync(Ct);
        Assert.Equal(ProposalState.Failed, await StateAsync(ours.Id));
        Assert.Equal(ProposalState.UnknownOutcome, await StateAsync(outside.Id));
        Assert.Equal(0, await EffectsAsync("bug") + await EffectsAsync("bug outside"));
    }

    [Fact]
    public async Task What_reached_outside_is_not_done_twice_when_its_transaction_lost_a_race()
    {
        var calls = 0;
        PauseCapability.Inside.Value = () =>
        {
            calls++;
            throw new DbUpdateConcurrencyException("Somebody else was quicker.");
        };
        var made = await ApprovedAsync("once", "test.note_outside");
        await Executor.RunDueAsync(Ct);
        Assert.Equal((1, ProposalState.UnknownOutcome), (calls, await StateAsync(made.Id)));
        // What is ours alone may be tried again, as any command.
        calls = 0;
        await ApprovedAsync("thrice");
        await Executor.RunDueAsync(Ct);
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task A_crossed_lock_is_tried_again_and_a_connection_lost_before_the_commit_once()
    {
        var tries = 0;
        var result = await Door.RunAsync<int>(Command, (_, _) => ++tries < 3 ? throw new PostgresException("deadlock detected", "ERROR", "ERROR", PostgresErrorCodes.DeadlockDetected) : Task.FromResult<Result<int>>(tries), Ct);
        Assert.Equal(3, result.Value);
        tries = 0;
        var given = await Door.RunAsync<int>(Command, (_, _) => ++tries > 0 ? throw new PostgresException("could not serialize", "ERROR", "ERROR", PostgresErrorCodes.SerializationFailure) : Task.FromResult<Result<int>>(tries), Ct);
        Assert.Equal(("refuse.storage.unavailable", 3), (given.Refusal?.Code, tries));
        // Nothing was committed: once more with another connection, and then it is said. What is lost at the commit is looked up instead.
        tries = 0;
        var cut = await Door.RunAsync<int>(Command, (_, _) => ++tries > 0 ? throw new NpgsqlException("Exception while reading from stream", new IOException()) : Task.FromResult<Result<int>>(tries), Ct);
        Assert.Equal(("refuse.storage.unavailable", 2), (cut.Refusal?.Code, tries));
    }

    [Fact]
    public async Task Two_transactions_that_wait_for_each_other_both_come_through()
    {
        var first = await ProposeNoteAsync(PortoStaff, "cross 1");
        var second = await ProposeNoteAsync(PortoStaff, "cross 2");
        var meet = new Barrier(2);
        var results = await Task.WhenAll(Task.Run(() => CrossAsync(first.Id, second.Id), Ct), Task.Run(() => CrossAsync(second.Id, first.Id), Ct));
        Assert.All(results, r => Assert.Null(r.Refusal));

        Task<Result<Done>> CrossAsync(ProposalId one, ProposalId two)
        {
            var met = false;
            return Door.RunAsync<Done>(Command, async (context, token) =>
            {
                await context.WriteAuditAsync(token);
                await context.Db.Proposals.Where(p => p.Id == one).ExecuteUpdateAsync(s => s.SetProperty(p => p.Version, p => p.Version + 1), token);
                if (!met) meet.SignalAndWait(TimeSpan.FromSeconds(10), token);
                met = true;
                await context.Db.Proposals.Where(p => p.Id == two).ExecuteUpdateAsync(s => s.SetProperty(p => p.Version, p => p.Version + 1), token);
                return Done.It;
            }, Ct);
        }
    }

    [Fact]
    public async Task Without_a_lease_nothing_is_carried_out()
    {
        var made = await ApprovedAsync("no lease");
        using var leases = new Leases(Dbs, new NodeIdentity("never"), NullLogger<Leases>.Instance);
        using var never = NewExecutor(leases, "never");
        Assert.Equal(0, await never.RunDueAsync(Ct));
        await never.RunOneAsync(Porto, made.Id, Ct);
        Assert.Equal(ProposalState.Grace, await StateAsync(made.Id));

        // One that ran out is as good as none, and says nothing about it a hundred times.
        await TamperAsync("update proposals.executor_leases set until = clock_timestamp()");
        for (var i = 0; i < 5; i++) await Executor.RunDueAsync(Ct);
        Assert.Equal((ProposalState.Grace, 0), (await StateAsync(made.Id), await EffectsAsync("no lease")));
        Assert.Equal(0, await CountAsync("select count(*) from audit.entries where action = 'proposal.intent'"));
        await Leases.RenewAsync(Ct);
        Assert.Equal(2, Leases.Fence);
        await Executor.RunDueAsync(Ct);
        Assert.Equal(1, await EffectsAsync("no lease"));
    }

    [Theory]
    [InlineData("after-intent")]
    [InlineData("before-effect")]
    public async Task A_node_that_slept_through_its_lease_is_stopped_when_it_wakes(string where)
    {
        var made = await ApprovedAsync("late");
        var (leases, sleeper) = await NodeAsync("sleeper");
        using (leases)
        using (sleeper)
        {
            var (asleep, wake) = (new TaskCompletionSource(), new ManualResetEventSlim());
            var slept = false;
            sleeper.At = at =>
            {
                if (at != where || slept) return;
                slept = true;
                asleep.SetResult();
                wake.Wait(Ct);
            };
            var running = Task.Run(() => sleeper.RunOneAsync(Porto, made.Id, Ct), Ct);
            await asleep.Task;
            await TamperAsync("update proposals.executor_leases set until = clock_timestamp() where node = 'sleeper'");
            // Another node takes it up. Where the sleeper holds the row, PostgreSQL keeps the other one out until it has ended.
            if (where == "after-intent")
            {
                await Executor.RecoverAsync(Ct);
                Assert.Equal(1, await EffectsAsync("late"));
            }

            wake.Set();
            await running;
            await Executor.RecoverAsync(Ct);
        }

        Assert.Equal((ProposalState.Succeeded, 1), (await StateAsync(made.Id), await EffectsAsync("late")));
        Assert.Equal(1, await CountAsync("select count(*) from audit.entries where action = 'proposal.execute' and outcome = 'done'"));
    }

    [Fact]
    public async Task A_node_gets_no_lease_while_the_audit_lags()
    {
        // An entry that has waited for its number for more than a minute.
        await TamperAsync("update audit.entries set at = clock_timestamp() - interval '2 minutes'");
        await Leases.RenewAsync(Ct);
        Assert.Equal(0, Leases.Fence);
        Assert.NotNull(Leases.Reason);
        // Without what would number the log meanwhile.
        var made = await ProposeNoteAsync(PortoStaff, "silent");
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        await EndGraceAsync(made.Id);
        Assert.Equal(0, await Executor.RunDueAsync(Ct));
        Assert.Equal(0, await EffectsAsync("silent"));
        await TamperAsync("update audit.entries set at = clock_timestamp()");
        await Leases.RenewAsync(Ct);
        Assert.Null(Leases.Reason);
        await Executor.RunDueAsync(Ct);
        Assert.Equal(ProposalState.Succeeded, await StateAsync(made.Id));
    }

    [Fact]
    public async Task What_waited_in_its_time_to_undo_while_the_program_was_away_is_looked_at_afresh()
    {
        var made = await ApprovedAsync("away");
        await TamperAsync("update proposals.proposals set execute_by = clock_timestamp()");
        var (leases, next) = await NodeAsync("next");
        using (leases)
        using (next)
            await next.RunDueAsync(Ct);
        Assert.Equal((ProposalState.Expired, 0), (await StateAsync(made.Id), await EffectsAsync("away")));
    }

    [Fact]
    public async Task An_agent_raises_no_more_than_people_can_look_at_and_a_new_start_ends_what_the_old_one_left()
    {
        var agent = await AgentOfAsync("busy", Rui, Rui);
        var made = new List<Submitted>();
        for (var i = 0; i < 20; i++) made.Add((await Propose.SubmitAsync(agent, Porto, Note($"busy {i}") with { Epoch = 1 }, Ct)).Value);
        // Porto has four people, eight looks each, half of them for one agent.
        Assert.Equal(16, made.Count(m => m.State == ProposalState.Pending));
        Assert.All(made.Skip(16), m => Assert.Equal(ProposalState.Drafted, m.State));
        Assert.Equal("refuse.proposal.not_open", (await ApproveAsync(Ana, made[^1])).Refusal?.Code);
        Assert.Null((await ApproveAsync(Ana, made[0])).Refusal);
        Assert.False((await Sweep.RunAsync(Sender.System("test"), Ct)).IsRefused);
        Assert.Equal((ProposalState.Pending, ProposalState.Drafted), (await StateAsync(made[16].Id), await StateAsync(made[17].Id)));

        var second = (await Propose.SubmitAsync(agent, Porto, Note("second start") with { Epoch = 2 }, Ct)).Value;
        Assert.Equal(0, await CountAsync("select count(*) from proposals.proposals where epoch = 1 and state in ('Pending', 'Drafted')"));
        Assert.Equal(ProposalState.Grace, await StateAsync(made[0].Id));
        Assert.Equal("epoch", await EndCodeAsync(made[5].Id));
        Assert.NotEqual(ProposalState.Superseded, await StateAsync(second.Id));
    }

    [Fact]
    public async Task A_new_start_ends_what_people_were_deciding_on_in_every_branch_and_the_log_names_each()
    {
        var (id, _) = await NewAgentAsync("restless", null);
        var agent = Sender.AgentInside(id);
        Assert.Null((await Giving.GiveAsync(BerlinManager, Berlin, new NewDelegation(null, Party.Of(id), null, null, TimeProvider.System.GetUtcNow().AddDays(1), "It helps."), Ct)).Refusal);
        async Task<Submitted> OldAsync(ProposalInput input, BranchId? branch = null) => (await Propose.SubmitAsync(agent, branch ?? Porto, input with { Epoch = 1 }, Ct)).Value;
        var (pending, claimed, half, both) = (await OldAsync(Note("pending")), await OldAsync(Note("claimed")), await OldAsync(Input("test.red")), await OldAsync(Input("test.red", "2030-02-28")));
        var (approved, routed, asked) = (await OldAsync(Note("approved")), await OldAsync(Note("routed") with { Why = "No invoice please" }), await OldAsync(Note("asked again")));
        var elsewhere = await OldAsync(Note("elsewhere"), Berlin);
        Assert.Null((await Decide.ClaimAsync(Rui, Porto, claimed.Id, takeOver: false, Ct)).Refusal);
        foreach (var red in (Submitted[])[half, both]) Assert.Equal(ProposalState.Approved, (await ApproveAsync(Bia, red, ticket: await TicketOfAsync(Bia))).Value.State);
        Assert.Null((await Decide.ClaimAsync(Rui, Porto, both.Id, takeOver: false, Ct)).Refusal);
        Assert.Null((await ApproveAsync(Rui, approved)).Refusal);
        // A person asked for this one, whatever becomes of the program.
        var recomputed = (await Propose.RecomputeAsync(Rui, Porto, asked.Id, Ct)).Value;

        var second = (await Propose.SubmitAsync(agent, Porto, Note("second start") with { Epoch = 2 }, Ct)).Value;

        ProposalId[] ended = [pending.Id, claimed.Id, half.Id, both.Id];
        foreach (var old in ended) Assert.Equal((ProposalState.Superseded, "epoch"), (await StateAsync(old), await EndCodeAsync(old)));
        Assert.Equal(string.Join(',', ended.Select(e => e.ToString())), await SqlAsync("select string_agg(e.id, ',' order by e.n) from audit.entries a, jsonb_array_elements_text(a.payload::jsonb -> 'superseded') with ordinality e(id, n) where a.action = 'proposal.submit' and a.proposal_id = $1", second.Id.ToString()));
        Assert.Contains("its agent started anew", (await ApproveAsync(Ana, pending)).Refusal!.Sentence, StringComparison.Ordinal);
        Assert.Equal((ProposalState.Grace, ProposalState.Pending, ProposalState.Pending), (await StateAsync(approved.Id), await StateAsync(routed.Id), await StateAsync(recomputed.Id)));
        Assert.Equal(ProposalState.Pending, await StateAsync(elsewhere.Id));

        // The command of the new start sees its own branch; the sweep sees them all.
        Assert.False((await Sweep.RunAsync(Sender.System("test"), Ct)).IsRefused);
        Assert.Equal((ProposalState.Superseded, "epoch"), (await StateAsync(elsewhere.Id), await EndCodeAsync(elsewhere.Id)));
        Assert.Equal(elsewhere.Id.ToString(), await SqlAsync("select string_agg(proposal_id, ',') from audit.entries where action = 'proposal.supersede' and outcome = 'done' and payload::jsonb ->> 'code' = 'epoch'"));
        Assert.Equal((ProposalState.Pending, ProposalState.Pending, ProposalState.Pending), (await StateAsync(second.Id), await StateAsync(routed.Id), await StateAsync(recomputed.Id)));
    }

    private Command Command => new("proposal.escalate", Sender.System("test"), TenantScope.Of(Porto), Access.MemberOf(Porto), "proposal", "x");

    private async Task<Submitted> ApprovedAsync(string note, string capability = "test.note")
    {
        var made = await ProposeNoteAsync(PortoStaff, note, capability);
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        await EndGraceAsync(made.Id);
        await RenewAsync();
        return made;
    }
}
