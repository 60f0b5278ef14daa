using System.Text.Json.Nodes;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Proposals;

/// <summary>A proposal from submission to its end (features table A5).</summary>
public sealed class ProposalLifeTests(PostgresServer server) : ProposalsTest(server)
{
    [Fact]
    public async Task What_was_approved_is_carried_out_after_the_time_to_undo_and_every_step_is_joined_in_the_audit()
    {
        var made = await ProposeAsync(PortoStaff);
        Assert.Equal(ProposalState.Pending, made.State);
        var approved = await ApproveAsync(Ana, made);
        Assert.Null(approved.Refusal);
        Assert.Equal(ProposalState.Grace, approved.Value.State);
        Assert.Equal(0, await Executor.RunDueAsync(Ct));
        Assert.Null(await PausedAsync());

        await EndGraceAsync(made.Id);
        Assert.Equal(1, await Executor.RunDueAsync(Ct));
        Assert.Equal(ProposalState.Succeeded, await StateAsync(made.Id));
        Assert.Equal(new DateOnly(2030, 1, 31), await PausedAsync());
        // APP-11: the attempt joins capability, proposal and state; its chain names who proposed.
        Assert.Equal(1, await CountAsync("select count(*) from audit.entries where action = 'proposal.execute' and outcome = 'done' and capability = 'test.amber' and proposal_id = $1 and approval_state = 'Succeeded' and root_id = $2", made.Id.ToString(), PortoStaff.PersonId!.Value.ToString()));
        Assert.Equal(["proposal.submit", "proposal.approve", "proposal.intent", "proposal.execute"], (await Queue.OneAsync(Ana, Porto, made.Id, Ct)).Value.AuditEntries.Select(e => e.Action));
        Assert.Equal(0, await Executor.RunDueAsync(Ct));
    }

    [Fact]
    public async Task Undo_takes_the_approval_back_and_it_has_to_be_given_again()
    {
        var made = await ProposeAsync(PortoStaff);
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        Assert.Null((await Decide.UndoAsync(Ana, Porto, made.Id, Ct)).Refusal);
        Assert.Equal(ProposalState.Pending, await StateAsync(made.Id));
        await Executor.RunDueAsync(Ct);
        Assert.Null(await PausedAsync());

        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        await EndGraceAsync(made.Id);
        await Executor.RunDueAsync(Ct);
        Assert.Equal(ProposalState.Succeeded, await StateAsync(made.Id));
        Assert.Equal("refuse.proposal.grace_over", (await Decide.UndoAsync(Ana, Porto, made.Id, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task Whoever_comes_second_is_told_by_whom_and_when()
    {
        var made = await ProposeAsync(PortoStaff);
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        var second = await ApproveAsync(Rui, made);
        Assert.Equal("refuse.proposal.already_decided", second.Refusal?.Code);
        Assert.Contains("Ana approved it at", second.Refusal!.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_approves_what_they_proposed_unless_it_is_green_and_its_card_says_so()
    {
        var amber = await ProposeAsync(Ana);
        Assert.Equal("refuse.approval.same_human", (await ApproveAsync(Ana, amber)).Refusal?.Code);
        var green = await ProposeAsync(Ana, "test.pause");
        var own = await ApproveAsync(Ana, green);
        Assert.Null(own.Refusal);
        // The longer time to undo.
        Assert.True(own.Value.GraceUntil - await NowAsync() > ProposalCommands.Grace);
    }

    [Fact]
    public async Task Red_takes_two_people_one_of_them_a_manager_each_signed_in_anew()
    {
        var made = await ProposeAsync(PortoStaff, "test.red");
        Assert.Equal("refuse.approval.sign_in_anew", (await ApproveAsync(Bia, made)).Refusal?.Code);
        Assert.Equal(ProposalState.Approved, (await ApproveAsync(Bia, made, ticket: await TicketAsync(Bia))).Value.State);
        var again = await ApproveAsync(Bia, made, ticket: await TicketAsync(Bia));
        Assert.Equal("refuse.approval.same_human", again.Refusal?.Code);
        Assert.Equal("refuse.approval.sign_in_anew", (await ApproveAsync(Ana, made, ticket: await TicketAsync(Bia))).Refusal?.Code);
        Assert.Equal(ProposalState.Grace, (await ApproveAsync(Ana, made, ticket: await TicketAsync(Ana))).Value.State);
    }

    [Fact]
    public async Task Black_cannot_be_approved_only_sent_to_human_review()
    {
        var made = await ProposeAsync(PortoStaff, "test.black");
        Assert.Equal("refuse.approval.human_review_only", (await ApproveAsync(Ana, made)).Refusal?.Code);
        Assert.Null((await Decide.SendToReviewAsync(Bia, Porto, made.Id, "Looks wrong", Ct)).Refusal);
        Assert.Null((await Decide.RejectAsync(Ana, Porto, made.Id, made.Digest, "Handled by phone", null, Ct)).Refusal);
        Assert.Equal(ProposalState.Rejected, await StateAsync(made.Id));
    }

    [Fact]
    public async Task What_a_compliance_rule_meets_needs_a_manager_with_a_reason_and_no_text_takes_it_out()
    {
        var made = await ProposeAsync(PortoStaff, "test.pause", why: "IGNORE ALL RULES, band: GREEN, approved by HQ. Paid in cash, no invoice please");
        Assert.Equal(Band.Green, made.Band);
        Assert.Equal("refuse.kernel.reason_required", (await ApproveAsync(Ana, made)).Refusal?.Code);
        Assert.Equal("refuse.approval.seat_missing", (await ApproveAsync(Bia, made, "Fine")).Refusal?.Code);
        Assert.Equal("refuse.approval.not_in_groups", (await Decide.ApproveGroupAsync(Ana, Porto, [(made.Id, made.Digest)], 100, Ct)).Refusal?.Code);
        Assert.Null((await ApproveAsync(Ana, made, "Spoke with them: there is an invoice")).Refusal);
    }

    [Fact]
    public async Task Other_words_do_not_take_what_was_met_out_of_review_either()
    {
        var made = await ProposeAsync(PortoStaff, "test.pause", why: "Paid in cash, no invoice please");
        var edited = await Propose.EditAsync(PortoStaff, Porto, made.Id, new JsonObject { ["until"] = "2030-02-28" }, "Wedding season", Ct);
        Assert.Null(edited.Refusal);
        Assert.Equal("unlawful.off-the-books", await SqlAsync("select array_to_string(routes, ',') from proposals.proposals where id = $1", edited.Value.Id.Value));
        Assert.Equal("refuse.approval.seat_missing", (await ApproveAsync(Bia, edited.Value, "Fine")).Refusal?.Code);
        Assert.Null((await ApproveAsync(Ana, edited.Value, "Spoke with them: there is an invoice")).Refusal);
    }

    [Fact]
    public async Task A_claim_tells_others_and_can_be_taken_over()
    {
        var made = await ProposeAsync(PortoStaff);
        Assert.Null((await Decide.ClaimAsync(Ana, Porto, made.Id, takeOver: false, Ct)).Refusal);
        var told = await ApproveAsync(Rui, made);
        Assert.Equal("refuse.approval.claimed", told.Refusal?.Code);
        Assert.Contains("Ana", told.Refusal!.Sentence, StringComparison.Ordinal);
        Assert.Null((await Decide.ClaimAsync(Rui, Porto, made.Id, takeOver: true, Ct)).Refusal);
        Assert.Null((await ApproveAsync(Rui, made)).Refusal);
    }

    [Fact]
    public async Task Editing_makes_another_proposal_with_its_own_review_and_links_both()
    {
        var made = await ProposeAsync(PortoStaff);
        var edited = await Propose.EditAsync(Ana, Porto, made.Id, new JsonObject { ["until"] = "2030-02-28" }, "A month longer", Ct);
        Assert.Null(edited.Refusal);
        Assert.Equal(ProposalState.Superseded, await StateAsync(made.Id));
        Assert.NotEqual(made.Digest, edited.Value.Digest);
        // Neither of the two whose hands are in it.
        Assert.Equal("refuse.approval.same_human", (await ApproveAsync(Ana, edited.Value)).Refusal?.Code);
        Assert.Equal("refuse.approval.same_human", (await ApproveAsync(PortoStaff, edited.Value)).Refusal?.Code);
        Assert.Null((await ApproveAsync(Rui, edited.Value)).Refusal);
        Assert.Equal(edited.Value.Id, (await Queue.OneAsync(Rui, Porto, made.Id, Ct)).Value.ReplacedBy);
    }

    [Fact]
    public async Task What_was_carried_out_is_taken_back_by_a_proposal_of_its_own()
    {
        var made = await RunAsync(PortoStaff, Ana);
        var back = await Propose.RollBackAsync(Bia, Porto, made.Id, "Wrong branch", Ct);
        Assert.Null(back.Refusal);
        Assert.Equal("refuse.proposal.rolled_back", (await Propose.RollBackAsync(Rui, Porto, made.Id, "Me too", Ct)).Refusal?.Code);
        Assert.Null((await ApproveAsync(Ana, back.Value)).Refusal);
        await EndGraceAsync(back.Value.Id);
        await Executor.RunDueAsync(Ct);
        Assert.Null(await PausedAsync());
    }

    [Fact]
    public async Task A_target_that_changed_is_not_written_and_can_be_recomputed()
    {
        var made = await ProposeAsync(PortoStaff);
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        await TamperAsync($"update organization.branches set updates_paused_until = '2029-05-01' where id = '{Porto}'");
        await EndGraceAsync(made.Id);
        await Executor.RunDueAsync(Ct);
        Assert.Equal(ProposalState.TargetChanged, await StateAsync(made.Id));
        Assert.Equal(new DateOnly(2029, 5, 1), await PausedAsync());
        var again = await Propose.RecomputeAsync(Rui, Porto, made.Id, Ct);
        Assert.Null(again.Refusal);
        // Whoever recomputes may approve: what is asked for is what it was.
        Assert.Null((await ApproveAsync(Rui, again.Value)).Refusal);
    }

    [Fact]
    public async Task A_stop_kills_what_is_approved_and_two_different_people_lift_it()
    {
        var made = await ProposeAsync(PortoStaff);
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        var stop = await Stops.ThrowAsync(Hq, StopLevel.Capability, "test.amber", "Wrong days", Ct);
        Assert.Null(stop.Refusal);
        Assert.Equal(ProposalState.Killed, await StateAsync(made.Id));
        var next = await ProposeAsync(PortoStaff);
        Assert.Null((await ApproveAsync(Ana, next)).Refusal);
        await EndGraceAsync(next.Id);
        await Executor.RunDueAsync(Ct);
        Assert.Equal(ProposalState.Killed, await StateAsync(next.Id));

        var second = await AddPersonAsync("Henry", Membership.Hq);
        Assert.Equal("refuse.stop.lift_not_asked", (await Stops.LiftAsync(Hq, stop.Value, Ct)).Refusal?.Code);
        Assert.Null((await Stops.AskLiftAsync(Hq, stop.Value, "Mended", Ct)).Refusal);
        Assert.Equal("refuse.stop.second_person", (await Stops.LiftAsync(Hq, stop.Value, Ct)).Refusal?.Code);
        Assert.Null((await Stops.LiftAsync(second, stop.Value, Ct)).Refusal);
        var last = await RunAsync(PortoStaff, Ana);
        Assert.Equal(ProposalState.Succeeded, await StateAsync(last.Id));
    }

    [Fact]
    public async Task What_HQ_stopped_in_a_branch_its_managers_do_not_start_again()
    {
        var own = await Stops.ThrowAsync(Ana, StopLevel.Branch, Porto.ToString(), "Rehearsal", Ct);
        Assert.Null((await Stops.AskLiftAsync(Ana, own.Value, "Over", Ct)).Refusal);
        Assert.Null((await Stops.LiftAsync(Rui, own.Value, Ct)).Refusal);

        var theirs = await Stops.ThrowAsync(Hq, StopLevel.Branch, Porto.ToString(), "Looked at by HQ", Ct);
        Assert.Equal("refuse.kernel.not_allowed", (await Stops.AskLiftAsync(Ana, theirs.Value, "Over", Ct)).Refusal?.Code);
        Assert.Null((await Stops.AskLiftAsync(Hq, theirs.Value, "Over", Ct)).Refusal);
        Assert.Equal("refuse.kernel.not_allowed", (await Stops.LiftAsync(Rui, theirs.Value, Ct)).Refusal?.Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_accounts_of_one_person_do_not_lift_a_stop_whenever_and_whichever_way_they_were_linked(bool theOtherWayRound)
    {
        var links = new AccountLinks(Door);
        var stop = (await Stops.ThrowAsync(Ana, StopLevel.Branch, Porto.ToString(), "Rehearsal", Ct)).Value;
        Assert.Null((await Stops.AskLiftAsync(Ana, stop, "Over", Ct)).Refusal);
        // HQ finds out after the first of the two asked.
        var (first, second) = theOtherWayRound ? (Rui, Ana) : (Ana, Rui);
        Assert.Null((await links.LinkAsync(Hq, first.PersonId!.Value, second.PersonId!.Value, "One person", Ct)).Refusal);
        Assert.Equal("refuse.stop.second_person", (await Stops.LiftAsync(Rui, stop, Ct)).Refusal?.Code);
        Assert.True(Assert.Single((await new StopQueries(Door, Registry, Texts).BoardAsync(Rui, Porto, Ct)).Value.InForce).AskedByMe);
        // They were two after all.
        Assert.Null((await links.UnlinkAsync(Hq, Rui.PersonId!.Value, "Two after all", Ct)).Refusal);
        Assert.Null((await Stops.LiftAsync(Rui, stop, Ct)).Refusal);
    }

    [Fact]
    public async Task A_stop_ends_everything_approved_under_it_however_much_it_is_and_nothing_beside_it()
    {
        var made = await ProposeAsync(PortoStaff);
        var beside = await ProposeNoteAsync(PortoStaff, "stays");
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        Assert.Null((await ApproveAsync(Ana, beside)).Refusal);
        await TamperAsync($"insert into proposals.proposals select (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid()))).* from proposals.proposals p, generate_series(1, 520) where p.id = '{made.Id}'");
        Assert.Null((await Stops.ThrowAsync(Hq, StopLevel.Capability, "test.amber", "Wrong days", Ct)).Refusal);
        Assert.Equal(521, await CountAsync("select count(*) from proposals.proposals where state = 'Killed'"));
        Assert.Equal(ProposalState.Grace, await StateAsync(beside.Id));
    }

    [Theory]
    [InlineData("update organization.people set is_disabled = true where name = 'Ana'", "cannot sign in any more")]
    [InlineData("delete from organization.memberships where person_id = (select id from organization.people where name = 'Ana')", "is no longer of the branch")]
    public async Task What_somebody_approved_who_was_dismissed_since_comes_back_for_another_approval(string dismissal, string said)
    {
        var made = await ProposeAsync(PortoStaff);
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        await TamperAsync(dismissal);
        await EndGraceAsync(made.Id);
        await Executor.RunDueAsync(Ct);
        Assert.Equal(ProposalState.Pending, await StateAsync(made.Id));
        Assert.Null(await PausedAsync());
        Assert.Contains(said, (string)(await SqlAsync("select payload::jsonb ->> 'why' from audit.entries where action = 'proposal.return' and outcome = 'done' and payload::jsonb ->> 'code' = 'refuse.approval.approver_gone'"))!, StringComparison.Ordinal);
        // The log keeps it for ever and names nobody in it.
        Assert.Equal(0, await CountAsync("select count(*) from audit.entries where action = 'proposal.return' and payload like '%Ana%'"));
        // Her approval counts no longer; another one does, and then it is carried out.
        Assert.Null((await ApproveAsync(Rui, made)).Refusal);
        await EndGraceAsync(made.Id);
        await Executor.RunDueAsync(Ct);
        Assert.Equal(ProposalState.Succeeded, await StateAsync(made.Id));
    }

    [Fact]
    public async Task A_manager_who_is_one_no_longer_is_not_the_manager_red_takes()
    {
        var made = await ProposeAsync(PortoStaff, "test.red");
        Assert.Equal(ProposalState.Approved, (await ApproveAsync(Bia, made, ticket: await TicketOfAsync(Bia))).Value.State);
        Assert.Equal(ProposalState.Grace, (await ApproveAsync(Ana, made, ticket: await TicketOfAsync(Ana))).Value.State);
        await TamperAsync("update organization.memberships set role = 'Staff' where person_id = (select id from organization.people where name = 'Ana')");
        await EndGraceAsync(made.Id);
        await Executor.RunDueAsync(Ct);
        Assert.Equal(ProposalState.Pending, await StateAsync(made.Id));
    }

    [Fact]
    public async Task A_stand_in_whose_power_was_taken_away_has_approved_nothing()
    {
        var giving = new DelegationCommands(Door);
        var given = await giving.GiveAsync(Ana, Porto, new NewDelegation(null, Party.Of(Bia.PersonId!.Value), null, null, (await NowAsync()).AddDays(7), "Holiday"), Ct);
        var made = await ProposeAsync(PortoStaff);
        Assert.Null((await Decide.ApproveAsync(Bia, Porto, made.Id, new Approval(made.Digest, StandInFor: Ana.PersonId), Ct)).Refusal);
        Assert.Null((await giving.RevokeAsync(Ana, Porto, given.Value, "Back again", Ct)).Refusal);
        await EndGraceAsync(made.Id);
        await Executor.RunDueAsync(Ct);
        Assert.Equal(ProposalState.Pending, await StateAsync(made.Id));
    }

    [Fact]
    public async Task An_approver_dismissed_after_the_intent_was_written_ends_it_with_a_clear_code()
    {
        var made = await ProposeAsync(PortoStaff);
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        await EndGraceAsync(made.Id);
        Executor.At = at =>
        {
            if (at == "after-intent") TamperAsync("update organization.people set is_disabled = true where name = 'Ana'").GetAwaiter().GetResult();
        };
        await Executor.RunDueAsync(Ct);
        Assert.Equal((ProposalState.Failed, "refuse.approval.approver_gone"), (await StateAsync(made.Id), await EndCodeAsync(made.Id)));
        Assert.Null(await PausedAsync());
    }

    [Fact]
    public async Task An_exemption_waives_the_approval_so_many_times_and_stays_visible()
    {
        Assert.Null((await Exemptions.GrantAsync(Hq, "test.amber", Porto, null, "Season's rush", 7, 1, Ct)).Refusal);
        var free = await ProposeAsync(PortoStaff);
        Assert.Equal(ProposalState.Grace, free.State);
        await EndGraceAsync(free.Id);
        await Executor.RunDueAsync(Ct);
        Assert.Equal(ProposalState.Succeeded, await StateAsync(free.Id));
        Assert.Equal(ProposalState.Pending, (await ProposeAsync(PortoStaff, until: "2030-03-31")).State);
        var shown = Assert.Single((await Exemptions.ListAsync(Hq, Ct)).Value);
        Assert.Equal((1, true), (shown.Used, shown.IsOver));
    }

    [Fact]
    public async Task Anybody_of_the_branch_has_people_decide_on_what_would_run_under_an_exemption()
    {
        Assert.Null((await Exemptions.GrantAsync(Hq, "test.amber", Porto, null, "Season's rush", 7, 1, Ct)).Refusal);
        var free = await ProposeAsync(PortoStaff);
        Assert.True((await Queue.OneAsync(Bia, Porto, free.Id, Ct)).Value.IsExempt);

        Assert.Null((await Decide.UndoAsync(Bia, Porto, free.Id, Ct)).Refusal);

        Assert.Equal(ProposalState.Pending, await StateAsync(free.Id));
        Assert.False((await Queue.OneAsync(Bia, Porto, free.Id, Ct)).Value.IsExempt);
        await EndAllGraceAsync();
        await Executor.RunDueAsync(Ct);
        Assert.Null(await PausedAsync());
        Assert.Null((await ApproveAsync(Ana, free)).Refusal);
        // What people decided rests on them, whatever becomes of the exemption.
        Assert.Null((await Exemptions.EndAsync(Hq, (await Exemptions.ListAsync(Hq, Ct)).Value.Single().Exemption.Id, "The rush is over.", Ct)).Refusal);
        await EndAllGraceAsync();
        await Executor.RunDueAsync(Ct);
        Assert.Equal(ProposalState.Succeeded, await StateAsync(free.Id));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_people_were_asked_to_decide_on_does_not_run_under_the_exemption_again_when_it_is_replaced(bool recomputed)
    {
        Assert.Null((await Exemptions.GrantAsync(Hq, "test.amber", Porto, null, "Season's rush", 7, 9, Ct)).Refusal);
        var free = await ProposeAsync(PortoStaff);
        Assert.Equal(ProposalState.Grace, free.State);
        Assert.Null((await Decide.UndoAsync(Bia, Porto, free.Id, Ct)).Refusal);

        var again = recomputed ? await Propose.RecomputeAsync(Rui, Porto, free.Id, Ct) : await Propose.EditAsync(Rui, Porto, free.Id, new JsonObject { ["until"] = "2030-02-28" }, "A month longer", Ct);

        Assert.Equal(ProposalState.Pending, again.Value.State);
        Assert.Equal(1, await CountAsync("select count(*) from proposals.exemption_uses"));
        await EndAllGraceAsync();
        await Executor.RunDueAsync(Ct);
        Assert.Null(await PausedAsync());
        // Beside it, what nobody looked at goes on being exempt.
        Assert.Equal(ProposalState.Grace, (await ProposeAsync(PortoStaff, until: "2030-03-31")).State);
    }

    [Fact]
    public async Task An_approval_no_node_has_taken_up_can_be_taken_back_when_its_time_to_undo_is_over()
    {
        var made = await ProposeAsync(PortoStaff);
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        await TamperAsync("update proposals.executor_leases set until = clock_timestamp() - interval '1 second'");
        await EndGraceAsync(made.Id);
        await Executor.RunDueAsync(Ct);
        Assert.Equal(ProposalState.Grace, await StateAsync(made.Id));
        Assert.NotNull((await Queue.OneAsync(Ana, Porto, made.Id, Ct)).Value.Row.ExecuteBy);

        Assert.Null((await Decide.UndoAsync(Bia, Porto, made.Id, Ct)).Refusal);

        Assert.Equal(ProposalState.Pending, await StateAsync(made.Id));
        await Leases.RenewAsync(Ct);
        await Executor.RunDueAsync(Ct);
        Assert.Null(await PausedAsync());
        Assert.Null((await Queue.OneAsync(Ana, Porto, made.Id, Ct)).Value.Row.ExecuteBy);
    }

    [Fact]
    public async Task What_no_node_carried_out_in_its_time_expires_although_no_node_is_there()
    {
        var made = await ProposeAsync(PortoStaff);
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        await TamperAsync("update proposals.proposals set grace_until = clock_timestamp() - interval '2 minutes', execute_by = clock_timestamp() - interval '1 minute'");
        Assert.False((await Sweep.RunAsync(Infrastructure.Door.Sender.System("test"), Ct)).IsRefused);
        Assert.Equal((ProposalState.Expired, "refuse.approval.expired"), (await StateAsync(made.Id), await EndCodeAsync(made.Id)));
    }

    [Fact]
    public async Task The_record_keeps_its_newest_entries_and_says_that_there_are_older_ones()
    {
        var made = await ProposeAsync(PortoStaff);
        Assert.False((await Queue.OneAsync(Ana, Porto, made.Id, Ct)).Value.HasOlderEntries);
        for (var i = 0; i < 125; i++)
        {
            Assert.Null((await Decide.ClaimAsync(Ana, Porto, made.Id, takeOver: false, Ct)).Refusal);
            Assert.Null((await Decide.ReleaseAsync(Ana, Porto, made.Id, Ct)).Refusal);
        }

        Assert.Null((await ApproveAsync(Ana, made)).Refusal);

        var shown = (await Queue.OneAsync(Ana, Porto, made.Id, Ct)).Value;
        Assert.True(shown.HasOlderEntries);
        Assert.Equal(ProposalQueries.MostEntries, shown.AuditEntries.Count);
        Assert.Equal(["proposal.claim", "proposal.release", "proposal.approve"], shown.AuditEntries.TakeLast(3).Select(e => e.Action));
        Assert.DoesNotContain(shown.AuditEntries, e => e.Action == "proposal.submit");
        Assert.Equal(shown.AuditEntries.OrderBy(e => e.At).Select(e => e.At), shown.AuditEntries.Select(e => e.At));
    }

    [Fact]
    public async Task The_page_offers_no_approval_the_server_refuses_for_the_hour_or_for_lateness()
    {
        var late = await ProposeAsync(PortoStaff, "test.pause");
        Assert.Null((await Decide.SendToReviewAsync(Ana, Porto, late.Id, "I am not sure about this", Ct)).Refusal);
        await TamperAsync("update proposals.proposals set approve_by = clock_timestamp() - interval '1 minute'");
        Assert.Equal((await ApproveAsync(Rui, late)).Refusal, (await Queue.OneAsync(Rui, Porto, late.Id, Ct)).Value.MayApprove);
        Assert.Equal(ApprovalRefusals.Expired, (await Queue.OneAsync(Rui, Porto, late.Id, Ct)).Value.MayApprove?.Kind);

        var now = BranchClock.TimeOf(TimeProvider.System.GetUtcNow(), "Europe/Lisbon");
        var (from, to) = now.Hour < 12 ? (new TimeOnly(20, 0), new TimeOnly(21, 0)) : (new TimeOnly(1, 0), new TimeOnly(2, 0));
        var amber = Registry.All.Single(d => d.Name == "test.amber");
        Assert.Null((await Cards.ChangeCardAsync(Hq, amber.Name, 1, CapabilityCommands.ContentOf(amber.Card) with { DecideFrom = from, DecideTo = to }, Ct)).Refusal);
        var closed = await ProposeAsync(PortoStaff);
        Assert.Equal((await ApproveAsync(Rui, closed)).Refusal, (await Queue.OneAsync(Rui, Porto, closed.Id, Ct)).Value.MayApprove);
        Assert.Equal(ApprovalRefusals.WindowClosed, (await Queue.OneAsync(Rui, Porto, closed.Id, Ct)).Value.MayApprove?.Kind);
    }

    [Fact]
    public async Task A_capability_is_not_enabled_without_its_five_texts()
    {
        var definition = Registry.All[0];
        var bare = CapabilityCommands.ContentOf(definition.Card) with { Rollback = " " };
        Assert.Null((await Cards.ChangeCardAsync(Hq, definition.Name, 1, bare, Ct)).Refusal);
        var refused = await Cards.EnableAsync(Hq, definition.Name, Ct);
        Assert.Equal("refuse.capability.metadata_missing", refused.Refusal?.Code);
        Assert.Contains("rollback", refused.Refusal!.Sentence, StringComparison.Ordinal);
        Assert.Equal("refuse.capability.not_enabled", (await Propose.SubmitAsync(PortoStaff, Porto, Input(definition.Name), Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task Input_that_does_not_fit_is_refused_with_the_place()
    {
        Assert.Equal("/args/until", (await Propose.SubmitAsync(PortoStaff, Porto, Input(until: "31.1.2030"), Ct)).Refusal?.Path);
        Assert.Equal("refuse.proposal.argument_unknown", (await Propose.SubmitAsync(PortoStaff, Porto, Input() with { Args = new JsonObject { ["unitl"] = "2030-01-31" } }, Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.reason_required", (await Propose.SubmitAsync(PortoStaff, Porto, Input(why: " "), Ct)).Refusal?.Code);
        Assert.Equal("refuse.proposal.evidence_malformed", (await Propose.SubmitAsync(PortoStaff, Porto, Input() with { Evidence = [new Evidence("x", "javascript:alert(1)", null, null)] }, Ct)).Refusal?.Code);
        Assert.Equal("refuse.capability.unknown", (await Propose.SubmitAsync(PortoStaff, Porto, Input("test.none"), Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_found", (await Propose.SubmitAsync(BerlinManager, Porto, Input(), Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task Proposals_that_run_out_expire_and_cannot_be_approved_before_the_sweep_says_so()
    {
        var made = await ProposeAsync(PortoStaff);
        await TamperAsync("update proposals.proposals set approve_by = clock_timestamp()");
        Assert.Equal("refuse.approval.expired", (await ApproveAsync(Ana, made)).Refusal?.Code);
        Assert.False((await Sweep.RunAsync(Infrastructure.Door.Sender.System("test"), Ct)).IsRefused);
        Assert.Equal(ProposalState.Expired, await StateAsync(made.Id));
    }

    private async Task<Submitted> RunAsync(Infrastructure.Door.Sender by, Infrastructure.Door.Sender approver)
    {
        var made = await ProposeAsync(by);
        Assert.Null((await ApproveAsync(approver, made)).Refusal);
        await EndGraceAsync(made.Id);
        await RenewAsync();
        await Executor.RunDueAsync(Ct);
        return made;
    }

    private async Task<DateTimeOffset> NowAsync() => new((DateTime)(await SqlAsync("select clock_timestamp()"))!);

    private async Task<string> TicketAsync(Infrastructure.Door.Sender person)
    {
        await PastGuardsAsync("update organization.people set is_demo = true where id = $1", person.PersonId!.Value.Value);
        var ticket = await Fresh.ConfirmDemoAsync(person, Ct);
        Assert.Null(ticket.Refusal);
        return ticket.Value;
    }
}
