using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Infrastructure.Proposals.Decoys;
using StudioVault.Tests.Support;
using StudioVault.Web.Proposals.Reviews;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Proposals.Capabilities;

/// <summary>
/// Tests of reviewers (features row 5.12): inert, seen by the branch as what they imitate until they have ended, counted nowhere but among
/// tests. Inês, Rui and Ana are of Porto; the agent in whose name they stand acts for Ana and is HQ's.
/// </summary>
public sealed class DecoyTests(PostgresServer server) : CapabilityTest(server)
{
    private readonly PageBrowsers _browsers = new();
    private CapabilityRegistry _registry = null!;
    private CapabilityCommands _cards = null!;
    private DecisionCommands _decisions = null!;
    private ProposalQueries _queue = null!;
    private Leases _leases = null!;
    private ProposalExecutor _executor = null!;
    private ProposalSweep _sweep = null!;
    private StopCommands _stops = null!;
    private DecoyCommands _switches = null!;
    private DecoyPlanter _planter = null!;
    private ReviewQueries _reviews = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _registry = new CapabilityRegistry([.. All.Values]);
        _cards = new CapabilityCommands(Door, _registry);
        Assert.Null((await _cards.RegisterAsync(Sender.System("test"), enable: true, Ct)).Refusal);
        _decisions = new DecisionCommands(Door, Texts);
        _queue = new ProposalQueries(Door, _registry, Texts);
        _leases = new Leases(Dbs, new NodeIdentity("test"), NullLogger<Leases>.Instance);
        _executor = new ProposalExecutor(Door, _registry, _leases, new NodeIdentity("test"), Texts, NullLogger<ProposalExecutor>.Instance);
        _sweep = new ProposalSweep(Door, _registry);
        _stops = new StopCommands(Door, _registry, _sweep);
        _switches = new DecoyCommands(Door, _sweep);
        _planter = new DecoyPlanter(Door, _registry, Texts) { Throw = static () => true };
        _reviews = new ReviewQueries(Door, _registry, Texts);
        await _leases.RenewAsync(Ct);
        await ExecutedAsync();
        var agent = (await new AgentCommands(Door).CreateAsync(Hq, "finance-helper", "Finance helper", "Compares.", Hq.PersonId!.Value, Ct)).Value;
        Assert.Null((await new DelegationCommands(Door).GiveAsync(Ana, Porto, new NewDelegation(null, Party.Of(agent), null, null, TimeProvider.System.GetUtcNow().AddDays(1), "It helps."), Ct)).Refusal);
        // Whenever the tests run, it is a time at which the branch decides.
        foreach (var name in (string[])[InvoiceDiscount.Name, RefundRecord.Name]) await HoursAsync(name, new TimeOnly(0, 0), new TimeOnly(23, 59, 59));
    }

    public override async ValueTask DisposeAsync()
    {
        await _browsers.DisposeAsync();
        _executor.Dispose();
        _leases.Dispose();
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
    }

    [Fact]
    public void Every_text_imitates_a_real_capability_of_one_person_names_nobody_in_its_flaw_and_meets_no_compliance_rule()
    {
        string[] places = ["right", "wrong", "client", "other", "invoice", "paidOn"];
        var example = places.ToDictionary(p => p, p => "x");
        Assert.Equal(DecoyTexts.All.Count, DecoyTexts.All.DistinctBy(t => t.Id).Count());
        Assert.All(DecoyTexts.All, t =>
        {
            Assert.True(_registry.TryFind(t.Imitates, out var capability), t.Imitates);
            Assert.Equal(Band.Amber, capability!.Definition.Card.Band);
            Assert.DoesNotContain("{client}", t.Flaw, StringComparison.Ordinal);
            Assert.DoesNotContain("{other}", t.Flaw, StringComparison.Ordinal);
            string[] texts = [t.Why, t.Reason, t.Flaw, .. t.Evidence.Select(e => e.Title)];
            Assert.DoesNotContain(texts.Select(x => DecoyTexts.Fill(x, example)), x => x.Contains('{', StringComparison.Ordinal));
            Assert.Empty(RoutingRules.Current.Classify(texts));
        });
    }

    [Fact]
    public void Nothing_that_carries_out_can_be_called_like_a_test()
    {
        Assert.DoesNotContain(All.Keys, Decoy.Is);
        Assert.Throws<ArgumentException>(() => new CapabilityRegistry([new PauseCapability("decoy.refund.record", Band.Green)]));
        // No capability of the program could be one: its name is in its definition, and every one of them is registered.
        var types = typeof(ICapability).Assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(ICapability)));
        Assert.DoesNotContain(types, t => t.Namespace!.Contains("Decoys", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tests_are_off_until_headquarters_switches_on_the_group_and_the_branch_with_a_reason()
    {
        Assert.Equal("refuse.decoy.not_now", (await _planter.PlantAsync(Porto, Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_allowed", (await _switches.SwitchAsync(Ana, Porto, true, "Training", Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.reason_required", (await _switches.SwitchAsync(Hq, Porto, true, " ", Ct)).Refusal?.Code);
        Assert.Null((await _switches.SwitchAsync(Hq, Porto, true, "Training", Ct)).Refusal);
        Assert.Equal("refuse.decoy.not_now", (await _planter.PlantAsync(Porto, Ct)).Refusal?.Code);
        Assert.False((await _reviews.IsOnAsync(PortoStaff, Porto, Ct)).Value);
        Assert.Null((await _switches.SwitchAsync(Hq, null, true, "Training", Ct)).Refusal);
        Assert.Equal("refuse.decoy.as_it_is", (await _switches.SwitchAsync(Hq, null, true, "Again", Ct)).Refusal?.Code);
        Assert.True((await _reviews.IsOnAsync(PortoStaff, Porto, Ct)).Value);
        Assert.True((await _planter.RunAsync(Sender.System("test"), Ct)).Value.DidSomething);
        Assert.Equal(1L, await SqlAsync("select count(*) from proposals.decoys"));
        Assert.Equal(2L, await SqlAsync("select count(*) from audit.entries where action = 'decoy.switch' and outcome = 'done' and payload::jsonb ->> 'reason' = 'Training'"));
    }

    [Fact]
    public async Task In_the_queue_it_is_what_it_imitates_and_only_headquarters_knows()
    {
        var id = await PlantedAsync();
        var view = (await _queue.OneAsync(PortoStaff, Porto, id, Ct)).Value;
        Assert.Equal((InvoiceDiscount.Name, "Finance helper", ActorKind.Agent, "Ana"), (view.Row.Capability, view.Row.Proposer, view.Row.ProposerKind, view.Row.OnBehalfOf));
        Assert.Equal(("Give a discount", 1, "proposal.submit"), (view.Card.Title, view.AuditEntries.Count, view.AuditEntries[0].Action));
        Assert.Equal(["agent", "owner", "capability"], view.Quotas.Select(q => q.What));
        Assert.All(view.Quotas, q => Assert.Equal(0, q.Used));
        Assert.True(view.Target!.IsSame);
        Assert.Null(view.MayApprove);
        Assert.Null(view.Test);
        Assert.NotEmpty(view.Evidence);
        Assert.StartsWith("Discount ", view.Row.Title, StringComparison.Ordinal);
        var row = Assert.Single((await _queue.QueueAsync(PortoStaff, Porto, QueueFilter.Open, Ct)).Value.Rows);
        Assert.Equal((InvoiceDiscount.Name, "Give a discount", "Finance helper"), (row.Capability, row.CapabilityTitle, row.Proposer));
        // For Ana, who seems to have had it proposed, it is her own.
        Assert.Equal("refuse.approval.same_human", (await _queue.OneAsync(Ana, Porto, id, Ct)).Value.MayApprove?.Code);
        Assert.Equal("refuse.approval.same_human", (await ApproveAsync(Ana, id)).Refusal?.Code);

        Assert.NotNull((await _queue.OneAsync(Hq, Porto, id, Ct)).Value.Test);
        Assert.Equal(("system", "decoys", null), await EntryAsync(id));
        Assert.Equal(0L, await SqlAsync("select count(*) from audit.entries where proposal_id = $1 and branch_id is not null and outcome = 'done'", id.ToString()));
        Assert.DoesNotContain("decoy", (string)(await SqlAsync("select string_agg(payload::text, '') from live.outbox where topic = $1", Topics.ProposalChanged))!, StringComparison.Ordinal);
        // No agent has it: not in its list, and its address is nobody's.
        Assert.Equal(0L, await SqlAsync("select count(*) from proposals.proposals where agent_id is not null"));
    }

    [Fact]
    public async Task Approving_one_ends_it_at_once_with_nothing_done_and_says_what_did_not_match()
    {
        var id = await PlantedAsync();
        var decided = await ApproveAsync(Rui, id, 900);
        Assert.Equal((ProposalState.Withdrawn, null), (decided.Value.State, decided.Value.GraceUntil));
        await _executor.RunDueAsync(Ct);
        Assert.Equal(0L, await SqlAsync("select count(*) from proposals.executions"));
        Assert.Equal(0L, await SqlAsync("select count(*) from agreements.credit_notes"));
        Assert.Equal(0L, await SqlAsync("select count(*) from proposals.quota_counters"));
        Assert.Equal("refuse.proposal.not_open", (await _decisions.ApproveAsync(PortoStaff, Porto, id, new Approval("x"), Ct)).Refusal?.Code);
        Assert.True((await _decisions.UndoAsync(Rui, Porto, id, Ct)).IsRefused);

        var view = (await _queue.OneAsync(PortoStaff, Porto, id, Ct)).Value;
        Assert.Equal(Decoy.Missed, view.Test!.EndCode);
        Assert.Contains("the evidence", view.Test.Flaw, StringComparison.Ordinal);
        Assert.Equal("decoys", view.Chain[0].Name);
        // The branch's own log says so too, from now on.
        Assert.Equal(1L, await SqlAsync("select count(*) from audit.entries where action = 'proposal.approve' and branch_id = $1 and capability = 'decoy.invoice.discount' and payload::jsonb ->> 'result' = 'missed'", Porto.Value));

        var board = (await _reviews.BoardAsync(Hq, Ct)).Value;
        var numbers = Assert.Single(board.Reviewers);
        Assert.Equal(("Rui", 0, 0, 1, 1), (numbers.Name, numbers.Approved, numbers.Fast, numbers.Tests, numbers.Missed));
        Assert.Equal("Rui", Assert.Single(board.Tests).By);
        Assert.Equal(1, (await _reviews.OwnAsync(Rui, Porto, Ct)).Value.Numbers.Missed);
        Assert.Empty((await _reviews.OwnAsync(PortoStaff, Porto, Ct)).Value.Tests);
        Assert.Equal("refuse.kernel.not_allowed", (await _reviews.BoardAsync(Ana, Ct)).Refusal?.Code);
    }

    [Theory]
    [InlineData("reject", ProposalState.Rejected)]
    [InlineData("review", ProposalState.Withdrawn)]
    [InlineData("edit", ProposalState.Rejected)]
    public async Task Whoever_rejects_corrects_or_asks_has_caught_it(string how, ProposalState state)
    {
        var id = await PlantedAsync();
        var digest = await DigestAsync(id);
        Assert.Null((await _decisions.ClaimAsync(Rui, Porto, id, false, Ct)).Refusal);
        var refusal = how switch
        {
            "reject" => (await _decisions.RejectAsync(Rui, Porto, id, digest, "The amount is not what they agreed", 20_000, Ct)).Refusal,
            "review" => (await _decisions.SendToReviewAsync(Rui, Porto, id, "Is that right?", Ct)).Refusal,
            _ => (await new ProposalCommands(Door, _registry, Texts).EditAsync(Rui, Porto, id, new JsonObject { ["amount"] = "12" }, "As agreed", Ct)).Refusal,
        };
        Assert.Null(refusal);
        var view = (await _queue.OneAsync(Rui, Porto, id, Ct)).Value;
        Assert.Equal((state, Decoy.Caught), (view.Row.State, view.Test!.EndCode));
        var own = (await _reviews.OwnAsync(Rui, Porto, Ct)).Value;
        Assert.Equal((1, 0, 0), (own.Numbers.Tests, own.Numbers.Missed, own.Numbers.Refused));
        Assert.Equal(1L, await SqlAsync("select count(*) from proposals.proposals"));
    }

    [Fact]
    public async Task A_branch_has_one_at_a_time_and_two_a_week_and_none_outside_its_hours()
    {
        var first = await PlantedAsync();
        Assert.Contains("one is open", (await _planter.PlantAsync(Porto, Ct)).Refusal!.Sentence, StringComparison.Ordinal);
        Assert.Null((await ApproveAsync(Rui, first)).Refusal);
        var second = (await _planter.PlantAsync(Porto, Ct)).Value;
        Assert.Null((await ApproveAsync(Rui, second)).Refusal);
        Assert.Contains("of this week", (await _planter.PlantAsync(Porto, Ct)).Refusal!.Sentence, StringComparison.Ordinal);
        await TamperAsync("update proposals.decoys set planted_at = planted_at - interval '8 days'");
        var hour = (int)(decimal)(await SqlAsync("select extract(hour from clock_timestamp() at time zone 'Europe/Lisbon')"))!;
        var other = (hour + 6) % 23;
        foreach (var name in (string[])[InvoiceDiscount.Name, RefundRecord.Name]) await HoursAsync(name, new TimeOnly(other, 0), new TimeOnly(other, 30));
        Assert.Contains("at this hour", (await _planter.PlantAsync(Porto, Ct)).Refusal!.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_and_switching_them_off_end_the_open_ones()
    {
        var first = await PlantedAsync();
        var stop = (await _stops.ThrowAsync(Hq, StopLevel.Capability, InvoiceDiscount.Name, "Wrong amounts", Ct)).Value;
        Assert.Equal((ProposalState.Withdrawn, Decoy.Stopped), await StandingAsync(first));
        Assert.Contains("a stop is in force", (await _planter.PlantAsync(Porto, Ct)).Refusal!.Sentence, StringComparison.Ordinal);
        Assert.Null((await _stops.AskLiftAsync(Hq, stop, "Mended", Ct)).Refusal);
        await TamperAsync("update proposals.stops set lifted_at = clock_timestamp()");
        var second = (await _planter.PlantAsync(Porto, Ct)).Value;
        Assert.Null((await _switches.SwitchAsync(Hq, null, false, "Over", Ct)).Refusal);
        Assert.Equal((ProposalState.Withdrawn, Decoy.Stopped), await StandingAsync(second));
        Assert.Empty((await _reviews.BoardAsync(Hq, Ct)).Value.Reviewers);
    }

    [Fact]
    public async Task Not_even_a_hand_in_the_database_gets_one_carried_out()
    {
        var id = await PlantedAsync();
        var approve = $"update proposals.proposals set state = 'Grace', approved_at = clock_timestamp(), grace_until = clock_timestamp() - interval '1 second', execute_by = clock_timestamp() + interval '1 hour' where id = '{id}'";
        Assert.Equal(PostgresErrorCodes.CheckViolation, (await Assert.ThrowsAsync<PostgresException>(() => TamperAsync(approve))).SqlState);
        // And with that door broken open, too, there is nothing the executor could call.
        await SqlAsync("alter table proposals.proposals drop constraint ck_proposals_decoy");
        await TamperAsync(approve);
        await _executor.RunDueAsync(Ct);
        Assert.NotEqual(ProposalState.Succeeded, (await StandingAsync(id)).State);
        Assert.Equal(0L, await SqlAsync("select count(*) from agreements.credit_notes"));
        Assert.Equal(0L, await SqlAsync("select count(*) from audit.entries where action = 'proposal.execute' and outcome = 'done'"));
    }

    [Fact]
    public async Task It_counts_in_no_pace_and_calls_no_manager()
    {
        var id = await PlantedAsync();
        await TamperAsync("update proposals.proposals set created_at = clock_timestamp() - interval '47 hours', approve_by = clock_timestamp() + interval '1 hour'");
        await _sweep.RunAsync(Sender.System("test"), Ct);
        Assert.Equal(DBNull.Value, await SqlAsync("select escalated_at from proposals.proposals") ?? DBNull.Value);
        Assert.Equal(0, (await new StopQueries(Door, _registry, Texts).RadiusAsync(Hq, null, StopLevel.Area, "Finance", Ct)).Value.Open);
        Assert.Null((await ApproveAsync(Rui, id)).Refusal);
        Assert.Null((await _queue.OneAsync(Rui, Porto, id, Ct)).Value.OwnMedianMs);
    }

    [Fact]
    public async Task Headquarters_switches_them_on_with_a_reason_and_sees_the_numbers_and_reviewers_see_their_own()
    {
        var page = Open<ReviewsPage>(Hq, "/hq/reviews?show=where");
        Press(page, "Switch on… for the whole group");
        Type(page, ".rz-dialog textarea", "Training");
        page.Find(".rz-dialog form").Submit();
        Shows(page, "“Training”");
        Assert.Null((await _switches.SwitchAsync(Hq, Porto, true, "Training", Ct)).Refusal);
        var id = (await _planter.PlantAsync(Porto, Ct)).Value;
        Shows(Open<ReviewsPage>(Hq, "/hq/reviews?show=tests"), "Open in the queue");
        Assert.Null((await ApproveAsync(Rui, id)).Refusal);
        Shows(Open<ReviewsPage>(Hq, "/hq/reviews"), "1 of 1 approved");
        var own = Open<MyReviewsPage>(Rui, "/reviews");
        Shows(own, "1 of 1 approved");
        Shows(own, "Tests are on in your branch");
        Shows(Open<MyReviewsPage>(PortoStaff, "/reviews"), "none yet");
        Shows(Open<ReviewsPage>(Ana, "/hq/reviews"), "refuse.kernel.not_allowed");
        var note = BrowserOf(PortoStaff).Render<TestNote>(p => p.Add(n => n.Branch, Porto));
        note.WaitForAssertion(() => Assert.Contains("Now and then a proposal is a test", note.Markup, StringComparison.Ordinal));
        var reveal = BrowserOf(Rui).Render<TestReveal>(p => p.Add(r => r.Test, new TestView("the evidence says €12.00, and the proposal €120.00", Decoy.Missed)));
        Assert.Contains("This was a test: the evidence says €12.00", reveal.Markup, StringComparison.Ordinal);
    }

    private IRenderedComponent<IComponent> Open<TPage>(Sender who, string address) where TPage : IComponent => PageActions.Open<TPage>(BrowserOf(who), address);

    private BunitContext BrowserOf(Sender who) => _browsers.Of(who, services => services.AddSingleton(Door).AddSingleton(Dbs).AddSingleton(_reviews).AddSingleton(_switches).AddSingleton<OrganizationQueries>().AddSingleton<PresenceBoard>());

    private async Task<ProposalId> PlantedAsync()
    {
        Assert.Null((await _switches.SwitchAsync(Hq, null, true, "Training", Ct)).Refusal);
        Assert.Null((await _switches.SwitchAsync(Hq, Porto, true, "Training", Ct)).Refusal);
        var planted = await _planter.PlantAsync(Porto, Ct);
        Assert.Null(planted.Refusal);
        return planted.Value;
    }

    private async Task<string> DigestAsync(ProposalId id) => (string)(await SqlAsync("select digest from proposals.proposals where id = $1", id.Value))!;

    private async Task<Result<Decided>> ApproveAsync(Sender from, ProposalId id, int tookMs = 5_000) => await _decisions.ApproveAsync(from, Porto, id, new Approval(await DigestAsync(id), TookMs: tookMs), Ct);

    private async Task<(ProposalState State, string? EndCode)> StandingAsync(ProposalId id) =>
        (Enum.Parse<ProposalState>((string)(await SqlAsync("select state from proposals.proposals where id = $1", id.Value))!), await SqlAsync("select end_code from proposals.proposals where id = $1", id.Value) as string);

    private async Task<(string Kind, string Actor, object? Branch)> EntryAsync(ProposalId id)
    {
        const string Where = " from audit.entries where action = 'decoy.plant' and outcome = 'done' and proposal_id = $1";
        var branch = await SqlAsync("select branch_id" + Where, id.ToString());
        return ((string)(await SqlAsync("select actor_kind" + Where, id.ToString()))!, (string)(await SqlAsync("select actor_id" + Where, id.ToString()))!, branch is DBNull ? null : branch);
    }

    private async Task HoursAsync(string capability, TimeOnly from, TimeOnly to)
    {
        var card = (await _queue.CardsAsync(Hq, capability, Ct)).Value[0];
        var content = CapabilityCommands.ContentOf(All[capability].Definition.Card) with { DecideFrom = from, DecideTo = to };
        Assert.Null((await _cards.ChangeCardAsync(Hq, capability, card.Version, content, Ct)).Refusal);
    }

    private Task TamperAsync(string sql) => SqlAsync($"set session_replication_role = replica; {sql}; set session_replication_role = origin");
}
