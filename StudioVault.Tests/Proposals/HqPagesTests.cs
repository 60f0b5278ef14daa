using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Infrastructure.Proposals.Decoys;
using StudioVault.Tests.Support;
using StudioVault.Web.Organization.People;
using StudioVault.Web.Proposals.Hq;
using StudioVault.Web.Proposals.Reviews;
using StudioVault.Web.Shell;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Proposals;

/// <summary>HQ's pages about capabilities, the stop, exemptions, people and agents, with the real use cases on a real database.</summary>
public sealed class HqPagesTests(PostgresServer server) : ProposalsTest(server)
{
    private readonly PageBrowsers _browsers = new();

    public override async ValueTask DisposeAsync()
    {
        await _browsers.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_list_says_what_an_incomplete_card_lacks()
    {
        Assert.Null((await Cards.ChangeCardAsync(Hq, "test.amber", 1, await ContentAsync("test.amber") with { Owner = "", TestCoverage = " " }, Ct)).Refusal);
        var page = Open<CapabilitiesPage>(Hq, "/hq/capabilities?show=incomplete");
        Shows(page, "Missing: owner, test coverage");
        Assert.Single(page.FindAll("tbody tr"));
        Assert.Contains("Off", Said(page.Find("tbody tr")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_difference_is_shown_before_saving_and_the_next_version_is_saved()
    {
        var page = Card("test.amber");
        Shows(page, "Nothing is changed");
        Type(page, "#card-owner", "Night desk");
        Shows(page, "Version 2 changes");
        Assert.Contains("Night desk", Said(page.Find(".fact-changes ins")), StringComparison.Ordinal);
        Press(page, "Save as version 2");
        Shows(page, "Card version 2");
        Assert.Equal("Night desk", (await Queue.CardsAsync(Hq, "test.amber", Ct)).Value[0].Owner);
    }

    [Fact]
    public async Task A_card_somebody_else_saved_meanwhile_does_not_sweep_ones_edits_away()
    {
        var page = Card("test.amber");
        Type(page, "#card-owner", "Night desk");
        Assert.Null((await Cards.ChangeCardAsync(Hq, "test.amber", 1, await ContentAsync("test.amber") with { RiskTier = "critical" }, Ct)).Refusal);
        Ring(Topics.CapabilityChanged, """{"capability":"test.amber"}""");
        Shows(page, "Card version 2 came while you were editing");
        Assert.Equal("Night desk", page.Find("#card-owner").GetAttribute("value"));
        Press(page, "Begin anew");
        page.WaitForAssertion(() => Assert.Equal("Tests", page.Find("#card-owner").GetAttribute("value")));
    }

    [Fact]
    public async Task What_a_new_card_means_for_what_is_approved_is_said_before()
    {
        await ApproveAsync(Rui, await ProposeAsync(Ana));
        var page = Card("test.amber");
        Type(page, "#card-owner", "Night desk");
        Shows(page, "1 approved one is refused when carried out");
    }

    [Fact]
    public void A_band_below_the_least_cannot_be_chosen_and_a_wrong_time_is_refused_at_its_field()
    {
        var page = Card("test.black");
        page.WaitForAssertion(() => Assert.Equal(3, page.FindAll("fieldset.choice input[disabled]").Count));
        page = Card("test.amber");
        page.WaitForElement("#card-within");
        Type(page, "#card-within", "0");
        Press(page, "Save as version 2");
        page.WaitForAssertion(() => Assert.Contains("1 minute to 14 days", page.Find("#card-within-error").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stop_is_thrown_in_two_steps_and_says_what_it_ends_before_it_does()
    {
        var approved = await ProposeAsync(Ana);
        await ApproveAsync(Rui, approved);
        await ProposeAsync(Ana, until: "2030-02-28");
        var page = Open<StopPage>(Hq, "/hq/stop?level=Area&key=Testing");
        Type(page, "textarea", "Wrong prices");
        page.WaitForElement("form").Submit();
        Shows(page, "Stop everything of Testing?");
        Assert.Equal("1", page.Find(".counts .tone-removed dd").TextContent);
        Assert.Contains("Pause updates until 2030-01-31", page.Markup, StringComparison.Ordinal);
        Assert.Empty((await Board.InForceAsync(Hq, null, Ct)).Value);
        Press(page, "Stop everything of Testing");
        Shows(page, "Stopped: everything of Testing");
        await Eventually.True(async () => await StateAsync(approved.Id) == ProposalState.Killed, "what was approved is stopped");
    }

    [Fact]
    public async Task What_was_chosen_anew_while_a_stop_was_being_weighed_is_weighed_anew_and_only_what_is_shown_is_stopped()
    {
        var page = Open<StopPage>(Hq, "/hq/stop?level=Area&key=Testing");
        Type(page, "textarea", "Wrong prices");
        await using (await LockedAsync("proposals.stops"))
        {
            page.WaitForElement("form").Submit();
            Type(page, "textarea", "Somebody got in");
        }

        page.WaitForAssertion(() => Assert.False(page.FindAll("button").Single(b => Said(b) == "See what it would stop…").HasAttribute("disabled")));
        Assert.Empty(page.FindAll(".sure"));
        Submit(page, "form");
        Shows(page, "Stop everything of Testing?");
        Shows(page, "“Somebody got in”");
        page.Services.GetRequiredService<NavigationManager>().NavigateTo("/hq/stop");
        Press(page, "Stop everything of Testing");
        Shows(page, "Stopped: everything of Testing");
        var stop = Assert.Single((await Board.InForceAsync(Hq, null, Ct)).Value).Stop;
        Assert.Equal((StopLevel.Area, "Testing", "Somebody got in"), (stop.Level, stop.Key, stop.Reason));
    }

    [Fact]
    public async Task A_rule_opened_in_the_builder_stays_open_when_something_happens_meanwhile()
    {
        var page = Card("test.red");
        page.WaitForElement("#card-rule");
        await page.InvokeAsync(() => page.Find("#card-rule").Change(RuleForm.Own));
        Assert.Equal(2, page.FindAll(".rule-parts > li").Count);
        Shows(page, "Nothing is changed");
        await ProposeAsync(PortoStaff, "test.red");
        Ring(Topics.ProposalChanged, """{"capability":"test.red"}""");
        page.WaitForAssertion(() => Assert.Equal("1", page.FindAll(".facts-narrow dd")[3].TextContent));
        Assert.Equal(2, page.FindAll(".rule-parts > li").Count);
        Press(page, "Leave it as it is");
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".rule-parts")));
    }

    [Fact]
    public async Task A_refused_switch_of_tests_says_why()
    {
        var page = Open<ReviewsPage>(Hq, "/hq/reviews?show=where");
        Shows(page, "The whole group");
        // Somebody else was first, and this page has not heard of it.
        Assert.Null((await new DecoyCommands(Door, Sweep).SwitchAsync(Hq, null, on: true, "Training", Ct)).Refusal);
        Press(page, "Switch on… for the whole group");
        Type(page, ".rz-dialog textarea", "Training");
        Submit(page, ".rz-dialog form");
        Shows(page, "refuse.decoy.as_it_is");
        page.WaitForAssertion(() => Assert.Contains("Switch off… for the whole group", page.FindAll("button").Select(Said)));
        Assert.Contains("refuse.decoy.as_it_is", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_could_not_be_read_of_stand_ins_is_said_only_until_it_is_read()
    {
        var branch = (await new OrganizationQueries(Door, Dbs).BranchesAsync(Hq, Ct)).Value.Single(b => b.Id == Porto);
        var page = Open<BranchDelegationsPart>(BerlinManager, "/branch", ("Branch", branch));
        page.WaitForAssertion(() => Assert.Single(page.FindAll(".refusal")));
        await TamperAsync($"insert into organization.memberships (id, person_id, branch_id, role) values (gen_random_uuid(), '{BerlinManager.PersonId}', '{Porto}', 'Staff')");
        Ring(Topics.AgentChanged, "{}");
        Shows(page, "Nobody stands in for anybody");
        Assert.Empty(page.FindAll(".refusal"));
    }

    [Fact]
    public async Task Whoever_asked_to_lift_it_is_told_that_somebody_else_must_and_the_second_lifts_it()
    {
        Assert.Null((await Stops.ThrowAsync(Hq, StopLevel.Global, "", "Wrong prices", Ct)).Refusal);
        var stop = (await Board.InForceAsync(Hq, null, Ct)).Value[0].Stop;
        Assert.Null((await Stops.AskLiftAsync(Hq, stop.Id, "Mended", Ct)).Refusal);
        var first = Open<StopPage>(Hq, "/hq/stop");
        Shows(first, "Somebody else has to lift it");
        Assert.DoesNotContain(first.FindAll("button"), b => Said(b).StartsWith("Lift", StringComparison.Ordinal));
        var second = Open<StopPage>(await AddPersonAsync("Astrid", Membership.Hq), "/hq/stop");
        Press(second, "Lift… the stop of everything");
        Press(second, "Lift the stop");
        await Eventually.True(async () => (await Board.InForceAsync(Hq, null, Ct)).Value.Count == 0, "it is lifted");
        Shows(second, "Nothing is stopped");
        Ring(Topics.StopChanged, "{}");
        Shows(first, "Nothing is stopped");
    }

    [Fact]
    public async Task A_manager_stops_their_own_branch_and_nothing_else()
    {
        var page = Open<BranchStopPage>(Ana, "/stop?level=Global");
        Type(page, "textarea", "Somebody got in");
        Assert.Empty(page.FindAll("#stop-level"));
        page.WaitForElement("form").Submit();
        Press(page, "Stop everything in Northlight Porto");
        Shows(page, "Your branch is stopped already");
        Assert.Equal(Porto, Assert.Single((await Board.InForceAsync(Hq, null, Ct)).Value).Stop.BranchId);
        Shows(Open<StopPage>(Ana, "/hq/stop"), "refuse.kernel.not_allowed");
    }

    [Fact]
    public async Task A_manager_is_told_who_lifts_a_stop_headquarters_threw_and_offered_nothing_that_is_refused()
    {
        Assert.Null((await Stops.ThrowAsync(Hq, StopLevel.Branch, Porto.ToString(), "Looked at by HQ", Ct)).Refusal);
        var page = Open<BranchStopPage>(Ana, "/stop");
        Shows(page, "Headquarters threw it: two people of headquarters lift it");
        Assert.Contains("Ask " + (await SqlAsync("select name from organization.people where id = $1", Hq.PersonId!.Value.Value)), page.Find(".stop-lifters").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain(page.FindAll("button"), b => Said(b).Contains("ift", StringComparison.Ordinal));
        var theirs = Open<StopPage>(Hq, "/hq/stop");
        Shows(theirs, "Ask to lift");
    }

    [Fact]
    public async Task Pages_that_show_people_hear_of_linked_accounts()
    {
        var page = Open<PeoplePage>(Hq, "/hq/people?show=linked");
        Shows(page, "No accounts are linked");
        Assert.Null((await new AccountLinks(Door).LinkAsync(Hq, Ana.PersonId!.Value, Rui.PersonId!.Value, "One person", Ct)).Refusal);
        var payload = (string)(await SqlAsync("select payload::text from live.outbox where topic = $1", Topics.PersonChanged))!;
        Assert.Contains(Ana.PersonId.ToString()!, payload, StringComparison.Ordinal);
        Assert.Contains(Rui.PersonId.ToString()!, payload, StringComparison.Ordinal);
        Ring(Topics.PersonChanged, payload);
        Shows(page, "Same person as");
    }

    [Fact]
    public async Task An_agent_without_an_owner_is_answered_at_the_field_and_nothing_is_registered()
    {
        var page = Open<AgentsPage>(Hq, "/hq/agents");
        // At once: the page may still be reading.
        Press(page, "New agent…");
        Type(page, "#agent-name", "Night desk");
        Type(page, "#agent-slug", "night-desk");
        Submit(page, ".rz-dialog form");
        page.WaitForAssertion(() => Assert.Contains("Nobody is chosen", page.Find("#agent-owner-error").TextContent, StringComparison.Ordinal));
        Assert.Equal("true", page.Find("#agent-owner").GetAttribute("aria-invalid"));
        Assert.Equal(0, await CountAsync("select count(*) from organization.agents"));
    }

    [Fact]
    public async Task Everybody_whose_work_is_stopped_sees_the_line_and_nobody_else()
    {
        Assert.Null((await Stops.ThrowAsync(Ana, StopLevel.Branch, Porto.ToString(), "Somebody got in", Ct)).Refusal);
        var porto = await StripesOf(PortoStaff);
        Assert.Equal(("Stopped: everything in Northlight Porto", null), (Assert.Single(porto.Shown).Text, porto.Shown[0].Href));
        Assert.Empty((await StripesOf(BerlinManager)).Shown);
        Assert.Equal("/hq/stop", Assert.Single((await StripesOf(Hq)).Shown).Href);
        var stop = (await Board.InForceAsync(Hq, null, Ct)).Value[0].Stop;
        Assert.Null((await Stops.AskLiftAsync(Ana, stop.Id, "Mended", Ct)).Refusal);
        Assert.Null((await Stops.LiftAsync(Rui, stop.Id, Ct)).Refusal);
        Ring(Topics.StopChanged, "{}");
        await Eventually.True(() => porto.Shown.Count == 0, "the line goes when the stop is lifted");
    }

    [Fact]
    public async Task An_exemption_is_granted_counted_and_stays_visible_when_it_ended()
    {
        var page = Open<ExemptionsPage>(Hq, "/hq/exemptions");
        Shows(page, "Every approval is asked for");
        Assert.False((await Exemptions.GrantAsync(Hq, "test.amber", Porto, null, "Season", 7, 20, Ct)).IsRefused);
        await ProposeAsync(Ana);
        Ring(Topics.CapabilityChanged, """{"capability":"test.amber"}""");
        Shows(page, "1 of 20 used");
        Press(page, "End… the exemption of Pause updates");
        Type(page, ".rz-dialog textarea", "No longer needed");
        Submit(page, ".rz-dialog form");
        Shows(page, "None is in force");
        Shows(Open<ExemptionsPage>(Hq, "/hq/exemptions?show=over"), "No longer needed");
    }

    [Fact]
    public async Task A_key_is_shown_once_and_never_again()
    {
        Assert.Null((await new AgentCommands(Door).CreateAsync(Hq, "helper", "The helper", "Helps.", Hq.PersonId!.Value, Ct)).Refusal);
        var page = Open<AgentsPage>(Hq, "/hq/agents?agent=helper");
        Press(page, "New key…");
        Type(page, "#key-name", "Night batch");
        Submit(page, ".rz-dialog form");
        var token = page.WaitForElement("#agent-token").GetAttribute("value")!;
        Assert.StartsWith("svk_", token, StringComparison.Ordinal);
        // Nothing but saying so closes it: no cross, no way back in the browser.
        Assert.Empty(page.FindAll(".rz-dialog-titlebar-close"));
        page.Services.GetRequiredService<NavigationManager>().NavigateTo("/hq/people");
        Shows(page, "You would never see this key again");
        Assert.Equal(token, page.Find("#agent-token").GetAttribute("value"));
        Assert.True(page.FindAll(".rz-dialog .confirm-actions button")[0].HasAttribute("disabled"));
        Change(page, ".rz-dialog .check input", true);
        Press(page, "Done, never show it again");
        Shows(page, "never used");
        Assert.DoesNotContain(token, page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain(token, Open<AgentsPage>(Hq, "/hq/agents?agent=helper").Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Linked_accounts_are_seen_on_both_and_a_stand_in_on_the_person()
    {
        Assert.Null((await new AccountLinks(Door).LinkAsync(Hq, Ana.PersonId!.Value, BerlinManager.PersonId!.Value, "Two branches", Ct)).Refusal);
        Assert.False((await new DelegationCommands(Door).GiveAsync(Ana, Porto, new NewDelegation(null, Party.Of(Rui.PersonId!.Value), null, null, TimeProvider.System.GetUtcNow().AddDays(7), "Holiday"), Ct)).IsRefused);
        var page = Open<PeoplePage>(Hq, $"/hq/people?show=linked&person={BerlinManager.PersonId}");
        Shows(page, "Same person as Jonas");
        Assert.Equal(2, page.FindAll(".people-list .rows > li").Count);
        var open = Open<PeoplePage>(Hq, $"/hq/people?person={Rui.PersonId}");
        Shows(open, "Stands in for");
        Assert.Contains("Ana", Said(open.Find(".chain")), StringComparison.Ordinal);
        Shows(Open<PeoplePage>(Ana, "/hq/people"), "refuse.kernel.not_allowed");
    }

    [Fact]
    public async Task A_delegation_under_one_that_ended_is_shown_to_give_nothing()
    {
        var (giving, people) = (new DelegationCommands(Door), new PeopleQueries(Door));
        var ends = TimeProvider.System.GetUtcNow().AddDays(7);
        var first = (await giving.GiveAsync(Ana, Porto, new NewDelegation(null, Party.Of(Rui.PersonId!.Value), null, null, ends, "Holiday"), Ct)).Value;
        Assert.False((await giving.GiveAsync(Rui, Porto, new NewDelegation(null, Party.Of(Bia.PersonId!.Value), null, null, ends, "Holiday", first), Ct)).IsRefused);
        Assert.Equal([DelegationState.InForce, DelegationState.InForce], (await people.OfBranchAsync(Ana, Porto, Ct)).Value.Delegations.Select(d => d.State));
        Assert.Null((await giving.RevokeAsync(Ana, Porto, first, "Back again", Ct)).Refusal);
        var view = (await people.OfBranchAsync(PortoStaff, Porto, Ct)).Value;
        Assert.Equal([DelegationState.Broken, DelegationState.Revoked], view.Delegations.Select(d => d.State));
        Assert.Equal(["Ana", "Rui", "Bia"], view.Delegations[0].Chain.Select(c => c.Name));
        Assert.False(view.Delegations[0].MayEnd);
    }

    private StopQueries Board => new(Door, Registry, Texts);

    private async Task<CapabilityCard.Content> ContentAsync(string capability) => HqWords.ContentOf((await Queue.CardsAsync(Hq, capability, Ct)).Value[0]);

    private IRenderedComponent<IComponent> Card(string name) => Open<CapabilityPage>(Hq, $"/hq/capabilities/{name}", ("Name", name));

    private IRenderedComponent<IComponent> Open<TPage>(Sender who, string address, params (string Name, object Value)[] route) where TPage : IComponent => PageActions.Open<TPage>(BrowserOf(who), address, route);

    private BunitContext BrowserOf(Sender who) => _browsers.Of(who, services => services.AddSingleton(Door).AddSingleton(Dbs).AddSingleton(Registry).AddSingleton(Texts).AddSingleton(Cards).AddSingleton(Queue).AddSingleton(Stops).AddSingleton(Exemptions)
        .AddSingleton<StopQueries>().AddSingleton<PeopleQueries>().AddSingleton<AgentCommands>().AddSingleton<DelegationCommands>().AddSingleton<AccountLinks>().AddSingleton<PeopleCommands>().AddSingleton(_ => Passwords.Hasher()).AddSingleton<Passwords>().AddSingleton<OrganizationQueries>().AddSingleton<ReviewQueries>().AddSingleton(Sweep).AddSingleton<DecoyCommands>().AddSingleton<PresenceBoard>()
        .AddScoped<Stripes>().AddScoped<StopStripe>());

    private async Task<Stripes> StripesOf(Sender who)
    {
        var services = BrowserOf(who).Services;
        await services.GetRequiredService<StopStripe>().StartAsync(follow: true);
        return services.GetRequiredService<Stripes>();
    }

    /// <summary>Lets the pages hear of something, as the dispatcher would after the commit.</summary>
    private void Ring(string topic, string payload) => _browsers.Live.Publish([new LiveEvent(1, Guid.NewGuid(), DateTimeOffset.UnixEpoch, topic, "test", null, payload)]);
}
