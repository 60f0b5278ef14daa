using System.Text.Json.Nodes;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Support;
using Xunit;
using Sender = StudioVault.Infrastructure.Door.Sender;

namespace StudioVault.Tests.Proposals;

/// <summary>Nobody approves their own, whichever way round (APP-3), and nothing runs that is not what was approved (APP-4).</summary>
public sealed class FourEyesTests(PostgresServer server) : ProposalsTest(server)
{
    private const string Same = "refuse.approval.same_human";

    private AccountLinks Links => new(Door);

    [Fact]
    public async Task The_same_person_their_agent_and_a_stand_in_of_either_are_one_pair_of_eyes()
    {
        Assert.Equal(Same, (await ApproveAsync(PortoStaff, await ProposeAsync(PortoStaff))).Refusal?.Code);

        // By an agent: neither its owner nor whoever gave it the power.
        var agent = await AgentOfAsync("helper", Rui, Ana, "test.amber");
        var made = await ProposeAsync(agent);
        Assert.Equal(Same, (await ApproveAsync(Ana, made)).Refusal?.Code);
        Assert.Equal(Same, (await ApproveAsync(Rui, made)).Refusal?.Code);

        // By a stand-in: Ana for Rui, and Bia for Ana.
        await StandInAsync(Rui, Ana);
        await StandInAsync(Ana, Bia);
        var ruis = await ProposeAsync(Rui);
        Assert.Equal(Same, (await Decide.ApproveAsync(Ana, Porto, ruis.Id, new Approval(ruis.Digest, StandInFor: Rui.PersonId), Ct)).Refusal?.Code);
        var anas = await ProposeAsync(Ana);
        Assert.Equal(Same, (await Decide.ApproveAsync(Bia, Porto, anas.Id, new Approval(anas.Digest, StandInFor: Ana.PersonId), Ct)).Refusal?.Code);
        Assert.Null((await ApproveAsync(Bia, anas)).Refusal);
        Assert.Null((await ApproveAsync(Bia, made)).Refusal);
    }

    [Fact]
    public async Task A_stand_in_for_something_else_stands_in_for_nobody()
    {
        await StandInAsync(Ana, Bia, "test.red");
        var made = await ProposeAsync(PortoStaff);
        Assert.Equal("refuse.delegation.none", (await Decide.ApproveAsync(Bia, Porto, made.Id, new Approval(made.Digest, StandInFor: Ana.PersonId), Ct)).Refusal?.Code);
        Assert.Equal("refuse.delegation.none", (await Decide.ApproveAsync(Bia, Porto, made.Id, new Approval(made.Digest, StandInFor: Rui.PersonId), Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task A_second_account_of_the_same_person_is_no_second_person_whenever_that_came_out()
    {
        // Known before.
        Assert.Null((await Links.LinkAsync(Hq, PortoStaff.PersonId!.Value, Bia.PersonId!.Value, "One person", Ct)).Refusal);
        var made = await ProposeAsync(PortoStaff);
        Assert.Equal(Same, (await ApproveAsync(Bia, made)).Refusal?.Code);
        // Parted again: the accounts have shared hands when it was proposed.
        Assert.Null((await Links.UnlinkAsync(Hq, PortoStaff.PersonId!.Value, "Two after all", Ct)).Refusal);
        Assert.Equal(Same, (await ApproveAsync(PortoStaff, made)).Refusal?.Code);

        // Found out after it was proposed.
        var next = await ProposeAsync(PortoStaff);
        Assert.Null((await Links.LinkAsync(Hq, Bia.PersonId!.Value, PortoStaff.PersonId!.Value, "One person", Ct)).Refusal);
        Assert.Equal(Same, (await ApproveAsync(Bia, next)).Refusal?.Code);
        Assert.Null((await Links.UnlinkAsync(Hq, Bia.PersonId!.Value, "Two after all", Ct)).Refusal);

        // Found out after it was approved: it is not carried out.
        var last = await ProposeAsync(PortoStaff);
        Assert.Null((await ApproveAsync(Bia, last)).Refusal);
        Assert.Null((await Links.LinkAsync(Hq, Bia.PersonId!.Value, PortoStaff.PersonId!.Value, "One person", Ct)).Refusal);
        await EndGraceAsync(last.Id);
        await Executor.RunDueAsync(Ct);
        Assert.Equal((ProposalState.Failed, Same), (await StateAsync(last.Id), await EndCodeAsync(last.Id)));
        Assert.Null(await PausedAsync());
    }

    [Fact]
    public async Task Two_accounts_of_one_person_are_not_the_two_people_red_takes()
    {
        var made = await ProposeAsync(PortoStaff, "test.red");
        Assert.Equal(ProposalState.Approved, (await ApproveAsync(Bia, made, ticket: await TicketOfAsync(Bia))).Value.State);
        Assert.Null((await Links.LinkAsync(Hq, Ana.PersonId!.Value, Bia.PersonId!.Value, "One person", Ct)).Refusal);
        Assert.Equal(Same, (await ApproveAsync(Ana, made, ticket: await TicketOfAsync(Ana))).Refusal?.Code);
        Assert.Equal(ProposalState.Grace, (await ApproveAsync(Rui, made, ticket: await TicketOfAsync(Rui))).Value.State);
    }

    [Fact]
    public async Task A_proof_of_who_somebody_is_lasts_five_minutes_and_is_theirs_alone()
    {
        var made = await ProposeAsync(PortoStaff, "test.red");
        var ticket = await TicketOfAsync(Bia);
        await TamperAsync("update proposals.fresh_sign_ins set at = clock_timestamp() - interval '5 minutes'");
        foreach (var wrong in (string?[])[ticket, await TicketOfAsync(Ana), null, "", "x"])
            Assert.Equal("refuse.approval.sign_in_anew", (await ApproveAsync(Bia, made, ticket: wrong)).Refusal?.Code);
        await TamperAsync("update proposals.fresh_sign_ins set at = clock_timestamp() + interval '1 hour'");
        Assert.Equal("refuse.approval.sign_in_anew", (await ApproveAsync(Bia, made, ticket: ticket)).Refusal?.Code);
        await TamperAsync("update proposals.fresh_sign_ins set at = clock_timestamp() - interval '4 minutes 55 seconds'");
        Assert.Null((await ApproveAsync(Bia, made, ticket: ticket)).Refusal);
    }

    [Fact]
    public async Task A_press_is_proof_in_the_demo_only_and_only_of_demo_people_without_a_password()
    {
        await TicketOfAsync(Bia);
        using var passwords = new Passwords(Dbs, Passwords.Hasher());
        Assert.Equal("refuse.organization.sign_in_failed", (await new FreshSignIns(Door, Dbs, passwords, new DemoMode(false)).ConfirmDemoAsync(Bia, Ct)).Refusal?.Code);
        Assert.Equal("refuse.organization.sign_in_failed", (await Fresh.ConfirmDemoAsync(PortoStaff, Ct)).Refusal?.Code);
        await PastGuardsAsync("update organization.people set password_hash = 'x' where id = $1", Bia.PersonId!.Value.Value);
        Assert.Equal("refuse.organization.sign_in_failed", (await Fresh.ConfirmDemoAsync(Bia, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task Somebody_who_edits_what_an_agent_proposed_proposes_it_themselves()
    {
        var agent = await AgentOfAsync("helper", Rui, Rui, "test.amber");
        var made = await ProposeAsync(agent);
        var edited = await Propose.EditAsync(PortoStaff, Porto, made.Id, new JsonObject { ["until"] = "2030-02-28" }, "A month longer", Ct);
        Assert.Null(edited.Refusal);
        Assert.Equal(Same, (await ApproveAsync(PortoStaff, edited.Value)).Refusal?.Code);
        Assert.Equal(Same, (await ApproveAsync(Rui, edited.Value)).Refusal?.Code);
        Assert.Null((await ApproveAsync(Bia, edited.Value)).Refusal);
        await EndGraceAsync(edited.Value.Id);
        await Executor.RunDueAsync(Ct);
        Assert.Equal(ProposalState.Succeeded, await StateAsync(edited.Value.Id));
    }

    [Fact]
    public async Task What_lost_its_delegation_after_the_approval_is_not_carried_out()
    {
        var agent = await AgentOfAsync("helper", Rui, Rui, "test.amber");
        var made = await ProposeAsync(agent);
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        await TamperAsync("update organization.delegations set revoked_at = clock_timestamp()");
        await EndGraceAsync(made.Id);
        await Executor.RunDueAsync(Ct);
        Assert.Equal((ProposalState.Withdrawn, "refuse.delegation.revoked"), (await StateAsync(made.Id), await EndCodeAsync(made.Id)));
        Assert.Null(await PausedAsync());
    }

    public static TheoryData<string, string> Changes => new()
    {
        { "text", "update proposals.proposals set sealed_text = set_byte(sealed_text, 60, get_byte(sealed_text, 60) # 1)" },
        { "key", "update proposals.proposals set key = set_byte(key, 30, get_byte(key, 30) # 1)" },
        { "clients", "update proposals.proposals set clients = array[gen_random_uuid()]" },
        { "project", "update proposals.proposals set project_id = gen_random_uuid()" },
        { "snapshot", "update proposals.proposals set target_etag = repeat('0', 64)" },
        { "target", "update organization.branches set updates_paused_until = '2029-05-01'" },
        { "policy version", """update proposals.proposals set policies = '{"routing":"0.9.0+0000000000000000"}'""" },
        { "policies and digest", """update proposals.proposals set policies = '{"routing":"0.9.0+0000000000000000"}', digest = repeat('0', 64); update proposals.decisions set digest = repeat('0', 64)""" },
        { "card", "update proposals.capabilities set version = 2 where capability = 'test.amber'" },
        { "capability version", "update proposals.proposals set capability_version = 2" },
        { "capability", "update proposals.proposals set capability = 'test.pause'" },
        { "rule", """update proposals.proposals set rule = '{"atLeast":1,"seat":"Staff"}', band = 'Green'""" },
        { "area", "update proposals.proposals set area = 'Elsewhere'" },
        { "who proposed", "update proposals.proposals set humans = '{}'" },
        { "approval", "delete from proposals.decisions" },
        { "approved digest", "update proposals.decisions set digest = repeat('0', 64)" },
        { "round", "update proposals.proposals set round = 2" },
        { "exemption", "update proposals.proposals set exemption = gen_random_uuid()" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task What_changed_between_approval_and_execution_is_not_carried_out(string what, string sql)
    {
        await SqlAsync("select $1::text", what);
        if (what == "card") Assert.Null((await Cards.ChangeCardAsync(Hq, "test.amber", 1, CapabilityCommands.ContentOf(Registry.All.Single(c => c.Name == "test.amber").Card), Ct)).Refusal);
        // The second card is there, and the first one is in force until the approval was given.
        if (what == "card") await TamperAsync("update proposals.capabilities set version = 1 where capability = 'test.amber'");
        var made = await ProposeAsync(PortoStaff);
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        var before = await PausedAsync();
        await TamperAsync(sql);
        if (what == "target") before = await PausedAsync();
        await EndAllGraceAsync();
        await Executor.RunDueAsync(Ct);
        Assert.Contains(await StateAsync(made.Id), (ProposalState[])[ProposalState.Failed, ProposalState.TargetChanged, ProposalState.Expired]);
        Assert.Contains(await EndCodeAsync(made.Id), what == "card" ? ["refuse.approval.rules_changed"] : (string[])["refuse.approval.digest_mismatch", "refuse.approval.target_changed"]);
        Assert.Equal(before, await PausedAsync());
        Assert.Equal(0, await CountAsync("select count(*) from audit.entries where action = 'proposal.execute' and outcome = 'done'"));
        Assert.Equal(1, await CountAsync("select count(*) from audit.entries where action = 'proposal.execute' and outcome = 'refused' and reason_code is not null and proposal_id = $1", made.Id.ToString()));
    }

    [Theory]
    [InlineData("payload")]
    [InlineData("title")]
    [InlineData("note")]
    public async Task Not_even_who_has_every_key_can_have_something_else_carried_out(string what)
    {
        var made = await ProposeAsync(PortoStaff);
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        var (said, key) = (await TextAsync(made.Id), Keys.OpenByAll([], (byte[])(await SqlAsync("select key from proposals.proposals"))!).Value);
        var other = what switch
        {
            "payload" => said with { Args = """{"until":"2031-12-31"}""" },
            "title" => said with { Title = "Something harmless" },
            _ => said with { Notes = """["Nothing changes."]""" },
        };
        await SqlAsync("set session_replication_role = replica; update proposals.proposals set sealed_text = decode('" + Convert.ToHexStringLower(SecretBox.Close(key, other.ToBytes())) + "', 'hex'); set session_replication_role = origin");
        Assert.Equal(other, await TextAsync(made.Id));
        await EndAllGraceAsync();
        await Executor.RunDueAsync(Ct);
        Assert.Equal((ProposalState.Failed, "refuse.approval.digest_mismatch"), (await StateAsync(made.Id), await EndCodeAsync(made.Id)));
        Assert.Null(await PausedAsync());
    }

    private async Task StandInAsync(Sender giver, Sender taker, params string[] capabilities) =>
        Assert.Null((await new DelegationCommands(Door).GiveAsync(giver, Porto, new NewDelegation(null, Party.Of(taker.PersonId!.Value), capabilities.Length == 0 ? null : capabilities, null, TimeProvider.System.GetUtcNow().AddDays(1), "Holiday."), Ct)).Refusal);
}
