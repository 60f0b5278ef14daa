using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Organization;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Organization;

public sealed class DelegationTests(PostgresServer server) : AgentsTest(server)
{
    private const string Discount = "invoice.discount";
    private const string Move = "session.move";

    private Actor HelperActor => new(ActorKind.Agent, Helper.ToString(), "");

    [Fact]
    public async Task An_agent_acts_for_whoever_gave_it_the_power_and_the_log_names_both()
    {
        Assert.Equal(KernelRefusals.NotFound.Code, (await MeetAsync(HelperByKey)).Refusal?.Code);
        await GiveAsync(Ana, To(Helper), [Discount]);
        var caller = (await MeetAsync(HelperByKey)).Value;
        Assert.Equal(("The helper", "Ana"), (caller.Chain.Acting.Name, caller.Chain.Root.Name));
        Assert.Equal(new HashSet<HumanId> { Human(Ana), Human(Hq) }, caller.Humans);
        Assert.True(caller.Agent!.May(Porto, Discount));
        Assert.Equal(DelegationRefusals.OutOfScope.Code, caller.Agent.GrantFor(Porto, Move).Refusal?.Code);
    }

    [Fact]
    public async Task The_chain_of_a_command_is_the_one_that_covers_its_capability()
    {
        await GiveAsync(Ana, To(Helper), [Discount]);
        await GiveAsync(PortoStaff, To(Helper), [Move]);
        Assert.Equal("Ana", (await MeetAsync(HelperByKey)).Value.Chain.Root.Name);
        Assert.Equal("Inês", (await MeetAsync(HelperByKey.For(Move))).Value.Chain.Root.Name);
        Assert.Equal("Inês", (await MeetAsync(HelperByKey)).Value.Agent!.GrantFor(Porto, Move).Value.Chain.Root.Name);
    }

    [Fact]
    public async Task An_agent_inside_the_house_needs_no_key_but_a_delegation()
    {
        var inside = Infrastructure.Door.Sender.AgentInside(Helper);
        Assert.Equal(KernelRefusals.NotFound.Code, (await MeetAsync(inside)).Refusal?.Code);
        await GiveAsync(Ana, To(Helper));
        Assert.Equal("Ana", (await MeetAsync(inside)).Value.Chain.Root.Name);
    }

    [Fact]
    public async Task Revoking_one_ends_all_below_it_at_the_next_command()
    {
        var sub = await NewAgentAsync("sub");
        var first = await GiveAsync(Ana, To(Helper), [Discount, Move]);
        var second = await GiveAsync(Ana, To(sub), [Move], first, Helper);
        var subByKey = ByKey(await NewKeyAsync(agent: sub));
        Assert.Equal(["The helper", "Ana"], (await MeetAsync(subByKey)).Value.Chain.OnBehalfOf.Select(a => a.Name));

        Assert.Null((await Giving.RevokeAsync(Ana, Porto, first, "Enough.", Ct)).Refusal);
        Assert.Equal(DelegationRefusals.Revoked.Code, (await MeetAsync(subByKey)).Refusal?.Code);
        Assert.Equal(DelegationRefusals.Revoked.Code, (await MeetAsync(HelperByKey)).Refusal?.Code);
        Assert.Equal(DelegationRefusals.Revoked.Code, (await CheckAsync(new Actor(ActorKind.Agent, sub.ToString(), ""), [second, first], Move))?.Code);
        Assert.Equal(DelegationRefusals.Revoked.Code, (await TryGiveAsync(Ana, To(sub), null, first, Helper)).Refusal?.Code);
    }

    [Fact]
    public async Task A_person_who_is_switched_off_or_leaves_the_branch_takes_their_agents_along()
    {
        var id = await GiveAsync(Ana, To(Helper));
        Assert.Null(await CheckAsync(HelperActor, [id], Move));
        await PastGuardsAsync("update organization.people set is_disabled = true where name = 'Ana'");
        Assert.Equal(DelegationRefusals.PersonGone.Code, (await MeetAsync(HelperByKey)).Refusal?.Code);
        Assert.Equal(DelegationRefusals.PersonGone.Code, (await CheckAsync(HelperActor, [id], Move))?.Code);
        await PastGuardsAsync("update organization.people set is_disabled = false where name = 'Ana'");
        Assert.Null(await CheckAsync(HelperActor, [id], Move));
        await TamperAsync($"delete from organization.memberships where person_id = '{Ana.PersonId}'");
        Assert.Equal(DelegationRefusals.PersonGone.Code, (await MeetAsync(HelperByKey)).Refusal?.Code);
        Assert.Equal(DelegationRefusals.PersonGone.Code, (await CheckAsync(HelperActor, [id], Move))?.Code);
    }

    [Fact]
    public async Task A_delegation_ends_by_the_clock_of_the_database()
    {
        var id = await GiveAsync(Ana, To(Helper), lasts: TimeSpan.FromHours(1));
        Assert.Null(await CheckAsync(HelperActor, [id], Move, TimeSpan.FromMinutes(59)));
        Assert.Equal(DelegationRefusals.Expired.Code, (await CheckAsync(HelperActor, [id], Move, TimeSpan.FromMinutes(61)))?.Code);
        await TamperAsync($"update organization.delegations set starts_at = clock_timestamp() - interval '2 hours', expires_at = clock_timestamp() - interval '1 millisecond' where id = '{id}'");
        Assert.Equal(DelegationRefusals.Expired.Code, (await MeetAsync(HelperByKey)).Refusal?.Code);
    }

    [Fact]
    public async Task A_delegation_for_next_week_gives_nothing_before_it_begins_by_the_clock_of_the_database()
    {
        var id = (await Giving.GiveAsync(Ana, Porto, new NewDelegation(null, To(PortoStaff), null, TimeProvider.System.GetUtcNow().AddDays(7), TimeProvider.System.GetUtcNow().AddDays(14), "Holiday"), Ct)).Value;
        var agent = (await Giving.GiveAsync(Ana, Porto, new NewDelegation(null, To(Helper), null, TimeProvider.System.GetUtcNow().AddDays(7), TimeProvider.System.GetUtcNow().AddDays(14), "Holiday"), Ct)).Value;
        Assert.Empty(await StandInsAsync(PortoStaff));
        Assert.Equal(DelegationRefusals.NotBegun.Code, (await CheckAsync(HelperActor, [agent], Move, TimeSpan.FromDays(6.9)))?.Code);
        Assert.Null(await CheckAsync(HelperActor, [agent], Move, TimeSpan.FromDays(7.1)));
        Assert.Equal(DelegationRefusals.Expired.Code, (await CheckAsync(HelperActor, [agent], Move, TimeSpan.FromDays(14.1)))?.Code);
        Assert.Equal(DelegationState.Coming, (await new PeopleQueries(Door).OfBranchAsync(Ana, Porto, Ct)).Value.Delegations.Single(d => d.Id == id).State);

        await TamperAsync("update organization.delegations set starts_at = clock_timestamp() + interval '1 minute'");
        Assert.Empty(await StandInsAsync(PortoStaff));
        await TamperAsync("update organization.delegations set starts_at = clock_timestamp()");
        Assert.Single(await StandInsAsync(PortoStaff));
        await TamperAsync("update organization.delegations set starts_at = clock_timestamp() - interval '1 day', expires_at = clock_timestamp()");
        Assert.Empty(await StandInsAsync(PortoStaff));
    }

    [Fact]
    public async Task A_stored_chain_is_worth_nothing_under_another_capability_agent_or_chain()
    {
        var sub = await NewAgentAsync("sub");
        var first = await GiveAsync(Ana, To(Helper), [Discount]);
        var second = await GiveAsync(Ana, To(sub), null, first, Helper);
        var subActor = new Actor(ActorKind.Agent, sub.ToString(), "");
        Assert.Null(await CheckAsync(subActor, [second, first], Discount));
        Assert.Equal(DelegationRefusals.OutOfScope.Code, (await CheckAsync(subActor, [second, first], Move))?.Code);
        Assert.Equal(DelegationRefusals.Broken.Code, (await CheckAsync(subActor, [second], Discount))?.Code);
        Assert.Equal(DelegationRefusals.Broken.Code, (await CheckAsync(HelperActor, [second, first], Discount))?.Code);
        Assert.Equal(DelegationRefusals.Broken.Code, (await CheckAsync(subActor, [DelegationId.New()], Discount))?.Code);
        Assert.Equal(DelegationRefusals.None.Code, (await CheckAsync(subActor, [], Discount))?.Code);
    }

    [Fact]
    public async Task A_person_for_themselves_needs_no_delegation_but_an_account_in_the_branch()
    {
        var ana = new Actor(ActorKind.Staff, Ana.PersonId.ToString()!, "Ana");
        Assert.Null(await CheckAsync(ana, [], Move));
        Assert.Equal(DelegationRefusals.PersonGone.Code, (await CheckAsync(new Actor(ActorKind.Staff, BerlinManager.PersonId.ToString()!, "Jonas"), [], Move))?.Code);
        await PastGuardsAsync("update organization.people set is_disabled = true where name = 'Ana'");
        Assert.Equal(DelegationRefusals.PersonGone.Code, (await CheckAsync(ana, [], Move))?.Code);
    }

    [Fact]
    public async Task A_stand_in_acts_for_the_other_while_it_lasts_and_both_count_as_humans()
    {
        var id = await GiveAsync(Ana, To(PortoStaff), lasts: TimeSpan.FromDays(2));
        var standIn = Assert.Single(await StandInsAsync(PortoStaff));
        Assert.Equal((Ana.PersonId.ToString(), Role.BranchManager), (standIn.Chain.Root.Id, standIn.RootRole));
        Assert.Equal(new HashSet<HumanId> { Human(Ana), Human(PortoStaff) }, standIn.Humans);
        Assert.Empty(await StandInsAsync(Rui));
        Assert.Empty(await StandInsAsync(PortoStaff, TimeSpan.FromDays(3)));
        Assert.Null((await Giving.RevokeAsync(PortoStaff, Porto, id, "Back to my own.", Ct)).Refusal);
        Assert.Empty(await StandInsAsync(PortoStaff));
    }

    [Fact]
    public async Task A_stand_in_hands_on_what_was_given_and_the_chain_names_everybody()
    {
        var standIn = await GiveAsync(Ana, To(PortoStaff), [Move]);
        await GiveAsync(PortoStaff, To(Helper), null, standIn);
        var caller = (await MeetAsync(HelperByKey)).Value;
        Assert.Equal(["Inês", "Ana"], caller.Chain.OnBehalfOf.Select(a => a.Name));
        Assert.Equal(new HashSet<HumanId> { Human(Ana), Human(PortoStaff), Human(Hq) }, caller.Humans);
        Assert.False(caller.Agent!.May(Porto, Discount));
    }

    [Fact]
    public async Task Loops_are_refused_from_whichever_end_they_are_closed()
    {
        var first = await GiveAsync(Ana, To(PortoStaff));
        Assert.Equal(DelegationRefusals.Loop.Code, (await TryGiveAsync(PortoStaff, To(Ana))).Refusal?.Code);
        Assert.Equal(DelegationRefusals.Loop.Code, (await TryGiveAsync(PortoStaff, To(Ana), null, first)).Refusal?.Code);
        await GiveAsync(PortoStaff, To(Rui), null, first);
        Assert.Equal(DelegationRefusals.Loop.Code, (await TryGiveAsync(Rui, To(Ana))).Refusal?.Code);
        Assert.Equal(DelegationRefusals.Loop.Code, (await TryGiveAsync(Ana, To(Ana))).Refusal?.Code);
    }

    [Fact]
    public async Task Two_who_close_a_loop_at_once_meet_each_other()
    {
        for (var i = 0; i < 3; i++)
        {
            var results = await Task.WhenAll(TryGiveAsync(Ana, To(Rui)), TryGiveAsync(Rui, To(Ana)));
            Assert.Equal(1, results.Count(r => r.Refusal?.Code == DelegationRefusals.Loop.Code));
            var given = results.Single(r => !r.IsRefused).Value;
            Assert.Null((await Giving.RevokeAsync(Ana, Porto, given, "Again.", Ct)).Refusal);
        }
    }

    [Fact]
    public async Task A_fourth_link_is_refused()
    {
        var (two, three, four) = (await NewAgentAsync("two"), await NewAgentAsync("three"), await NewAgentAsync("four"));
        var first = await GiveAsync(Ana, To(Helper));
        var second = await GiveAsync(Ana, To(two), null, first, Helper);
        var third = await GiveAsync(Ana, To(three), null, second, two);
        Assert.Equal(3, (await MeetAsync(Infrastructure.Door.Sender.AgentInside(three))).Value.Chain.OnBehalfOf.Count);
        Assert.Equal(DelegationRefusals.TooDeep.Code, (await TryGiveAsync(Ana, To(four), null, third, three)).Refusal?.Code);
    }

    [Fact]
    public async Task Nobody_gives_what_is_not_theirs()
    {
        var sub = await NewAgentAsync("sub");
        var first = await GiveAsync(Ana, To(Helper), [Discount]);
        Assert.Equal(DelegationRefusals.BeyondGiver.Code, (await TryGiveAsync(Ana, To(sub), [Discount, Move], first, Helper)).Refusal?.Code);
        // Rui stands nowhere in that chain; a parent that is not the giver's; an agent without one.
        Assert.Equal(DelegationRefusals.NotYours.Code, (await TryGiveAsync(Rui, To(sub), null, first, Helper)).Refusal?.Code);
        Assert.Equal(DelegationRefusals.NotYours.Code, (await TryGiveAsync(Rui, To(sub), null, first)).Refusal?.Code);
        Assert.Equal(DelegationRefusals.NotYours.Code, (await TryGiveAsync(Ana, To(sub), null, null, Helper)).Refusal?.Code);
        Assert.Equal(DelegationRefusals.ReceiverUnfit.Code, (await TryGiveAsync(Ana, To(BerlinManager))).Refusal?.Code);
        Assert.Equal(DelegationRefusals.ReceiverUnfit.Code, (await TryGiveAsync(Ana, To(AgentId.New()))).Refusal?.Code);
        Assert.Equal(KernelRefusals.NotFound.Code, (await TryGiveAsync(BerlinManager, To(sub))).Refusal?.Code);
        Assert.Equal(KernelRefusals.NotAllowed.Code, (await TryGiveAsync(Hq, To(sub))).Refusal?.Code);
        Assert.Equal(AgentRefusals.ProposesOnly.Code, (await TryGiveAsync(HelperByKey, To(sub), null, first, Helper)).Refusal?.Code);
    }

    [Fact]
    public async Task An_end_is_required_within_a_year_and_a_reason_too()
    {
        Assert.Equal(DelegationRefusals.Lifetime.Code, (await TryGiveAsync(Ana, To(Helper), lasts: TimeSpan.FromDays(367))).Refusal?.Code);
        Assert.Equal(DelegationRefusals.Lifetime.Code, (await TryGiveAsync(Ana, To(Helper), lasts: TimeSpan.FromSeconds(-1))).Refusal?.Code);
        Assert.Equal(DelegationRefusals.CapabilitiesMalformed.Code, (await TryGiveAsync(Ana, To(Helper), [])).Refusal?.Code);
        Assert.Equal(KernelRefusals.ReasonRequired.Code, (await Giving.GiveAsync(Ana, Porto, new NewDelegation(null, To(Helper), null, null, In(TimeSpan.FromDays(1)), " "), Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task Those_in_the_chain_managers_and_HQ_revoke_and_nobody_else()
    {
        var id = await GiveAsync(Ana, To(Helper));
        Assert.Equal(DelegationRefusals.NotYours.Code, (await Giving.RevokeAsync(PortoStaff, Porto, id, "No.", Ct)).Refusal?.Code);
        Assert.Equal(KernelRefusals.NotFound.Code, (await Giving.RevokeAsync(BerlinManager, Berlin, id, "No.", Ct)).Refusal?.Code);
        Assert.Equal(KernelRefusals.NotFound.Code, (await Giving.RevokeAsync(BerlinManager, Porto, id, "No.", Ct)).Refusal?.Code);
        Assert.Equal(KernelRefusals.ReasonRequired.Code, (await Giving.RevokeAsync(Rui, Porto, id, "", Ct)).Refusal?.Code);
        Assert.Null((await Giving.RevokeAsync(Rui, Porto, id, "She is away.", Ct)).Refusal);
        Assert.Equal(DelegationRefusals.Ended.Code, (await Giving.RevokeAsync(Rui, Porto, id, "Again.", Ct)).Refusal?.Code);
        var second = await GiveAsync(Ana, To(Helper));
        Assert.Null((await Giving.RevokeFromHqAsync(Hq, Porto, second, "Audit.", Ct)).Refusal);
        Assert.Equal(DelegationRefusals.Revoked.Code, (await MeetAsync(HelperByKey)).Refusal?.Code);
    }

    [Fact]
    public async Task Two_accounts_HQ_linked_are_one_human_until_it_says_otherwise()
    {
        Assert.Equal(Human(Rui), Assert.Single(await HumansAsync(Rui)));
        Assert.Null((await Links.LinkAsync(Hq, Ana.PersonId!.Value, Rui.PersonId!.Value, "One person, two mailboxes.", Ct)).Refusal);
        Assert.Null((await Links.LinkAsync(Hq, PortoStaff.PersonId!.Value, Rui.PersonId!.Value, "And a third.", Ct)).Refusal);
        Assert.Equal(await HumansAsync(Ana), await HumansAsync(Rui));
        Assert.Equal(await HumansAsync(PortoStaff), await HumansAsync(Ana));
        Assert.Equal(LinkRefusals.SameAccount.Code, (await Links.LinkAsync(Hq, Rui.PersonId!.Value, Ana.PersonId!.Value, "Again.", Ct)).Refusal?.Code);
        Assert.Equal(DelegationRefusals.Loop.Code, (await TryGiveAsync(Ana, To(Rui))).Refusal?.Code);

        // Whichever account the human is called after may leave; the others stay together.
        var name = Assert.Single(await HumansAsync(Ana));
        var (leaver, others) = new[] { Ana, Rui, PortoStaff }.ToLookup(p => p.PersonId!.Value.Value == name.Value) is var split ? (split[true].Single(), split[false].ToList()) : default;
        Assert.Null((await Links.UnlinkAsync(Hq, leaver.PersonId!.Value, "A mistake.", Ct)).Refusal);
        Assert.Equal(await HumansAsync(others[0]), await HumansAsync(others[1]));
        Assert.NotEqual(await HumansAsync(leaver), await HumansAsync(others[0]));
        Assert.Equal(LinkRefusals.NotLinked.Code, (await Links.UnlinkAsync(Hq, leaver.PersonId!.Value, "Again.", Ct)).Refusal?.Code);
        Assert.Equal(KernelRefusals.NotAllowed.Code, (await Links.LinkAsync(Ana, Ana.PersonId!.Value, Rui.PersonId!.Value, "Us.", Ct)).Refusal?.Code);
        Assert.Equal(3L, await SqlAsync("select count(*) from audit.entries where action like 'person.%' and outcome = 'done'"));
    }

    private static HumanId Human(Infrastructure.Door.Sender person) => new(person.PersonId!.Value.Value);

    private async Task<IReadOnlySet<HumanId>> HumansAsync(Infrastructure.Door.Sender person) => (await Door.ReadAsync<HashSet<HumanId>>(person, Infrastructure.Persistence.TenantScope.None, Access.AnySignedIn,
        (_, caller, _) => Task.FromResult<Result<HashSet<HumanId>>>(caller.Humans.ToHashSet()), Ct)).Value;
}
