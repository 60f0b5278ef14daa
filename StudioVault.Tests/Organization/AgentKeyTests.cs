using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Organization;

public sealed class AgentKeyTests(PostgresServer server) : AgentsTest(server)
{
    [Fact]
    public async Task The_token_opens_and_nothing_stored_does()
    {
        var opened = await Gate.OpenAsync(Key.Token, Ct);
        Assert.Equal(Helper, opened.Value.Agent.Id);
        // The secret may hold underscores itself.
        var secret = Key.Token.Split('_', 3)[2];
        Assert.Equal(0L, await SqlAsync("select count(*) from organization.agent_keys k where k::text like '%' || $1 || '%'", secret));
        Assert.Equal(0L, await SqlAsync("select count(*) from audit.entries e where e::text like '%' || $1 || '%'", secret));
        Assert.Equal(0L, await SqlAsync("select count(*) from live.outbox e where e::text like '%' || $1 || '%'", secret));
        var hash = (byte[])(await SqlAsync("select secret_sha256 from organization.agent_keys"))!;
        Assert.Equal(AgentRefusals.KeyUnknown.Code, (await Gate.OpenAsync($"svk_{Key.Id.Value:N}_{System.Buffers.Text.Base64Url.EncodeToString(hash)}", Ct)).Refusal?.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("svk_")]
    [InlineData("Bearer")]
    [InlineData("svk_00000000000000000000000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("svk_0000000000000000000000000000000g_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("svk_00000000000000000000000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nA")]
    public async Task Whatever_is_no_key_is_unknown(string token) => Assert.Equal(AgentRefusals.KeyUnknown.Code, (await Gate.OpenAsync(token, Ct)).Refusal?.Code);

    [Fact]
    public async Task A_wrong_secret_and_an_unknown_key_get_the_same_answer()
    {
        var other = AgentToken.Of(new byte[48]).Reveal();
        var wrong = $"{Key.Token[..37]}{other[37..]}";
        Assert.Equal((await Gate.OpenAsync(other, Ct)).Refusal, (await Gate.OpenAsync(wrong, Ct)).Refusal);
    }

    [Fact]
    public async Task A_key_ends_by_the_clock_of_the_database()
    {
        // The clock of the process stands still in the past: only PostgreSQL's counts.
        await TamperAsync($"update organization.agent_keys set expires_at = clock_timestamp() - interval '1 millisecond' where id = '{Key.Id}'");
        Assert.Equal(AgentRefusals.KeyExpired.Code, (await Gate.OpenAsync(Key.Token, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task A_replaced_key_goes_on_for_the_overlap_and_no_longer()
    {
        var next = (await Agents.RotateKeyAsync(Hq, Key.Id, TimeSpan.FromHours(2), In(TimeSpan.FromDays(60)), Ct)).Value;
        Assert.Null((await Gate.OpenAsync(Key.Token, Ct)).Refusal);
        Assert.Null((await Gate.OpenAsync(next.Token, Ct)).Refusal);
        Assert.Equal(true, await SqlAsync("select expires_at between clock_timestamp() + interval '1 hour 55 minutes' and clock_timestamp() + interval '2 hours' and replaced_by = $2 from organization.agent_keys where id = $1", Key.Id.Value, next.Id.Value));

        var last = (await Agents.RotateKeyAsync(Hq, next.Id, TimeSpan.Zero, In(TimeSpan.FromDays(60)), Ct)).Value;
        Assert.Equal(AgentRefusals.KeyExpired.Code, (await Gate.OpenAsync(next.Token, Ct)).Refusal?.Code);
        Assert.Null((await Gate.OpenAsync(last.Token, Ct)).Refusal);
    }

    [Fact]
    public async Task An_overlap_is_at_most_a_day_and_lengthens_no_life()
    {
        Assert.Equal(AgentRefusals.Overlap.Code, (await Agents.RotateKeyAsync(Hq, Key.Id, TimeSpan.FromHours(24).Add(TimeSpan.FromSeconds(1)), In(TimeSpan.FromDays(60)), Ct)).Refusal?.Code);
        await TamperAsync($"update organization.agent_keys set expires_at = clock_timestamp() + interval '1 minute' where id = '{Key.Id}'");
        Assert.Null((await Agents.RotateKeyAsync(Hq, Key.Id, TimeSpan.FromHours(24), In(TimeSpan.FromDays(60)), Ct)).Refusal);
        Assert.Equal(true, await SqlAsync("select expires_at <= clock_timestamp() + interval '1 minute' from organization.agent_keys where id = $1", Key.Id.Value));
    }

    [Fact]
    public async Task A_revoked_key_is_dead_at_once_and_both_are_remembered()
    {
        Assert.Null((await Agents.RevokeKeyAsync(Hq, Key.Id, "It was in a mail.", Ct)).Refusal);
        Assert.Equal(AgentRefusals.KeyRevoked.Code, (await Gate.OpenAsync(Key.Token, Ct)).Refusal?.Code);
        Assert.Equal(AgentRefusals.KeyRevoked.Code, (await Agents.RevokeKeyAsync(Hq, Key.Id, "Again.", Ct)).Refusal?.Code);
        Assert.Equal("agent_key.create/done, agent_key.revoke/done, agent_key.use/refused, agent_key.revoke/refused",
            await SqlAsync("select string_agg(action || '/' || outcome, ', ' order by at) from audit.entries where action like 'agent_key.%'"));
    }

    [Fact]
    public async Task Knocking_a_thousand_times_writes_a_few_entries_a_minute()
    {
        for (var i = 0; i < 50; i++) await Gate.OpenAsync("svk_wrong", Ct);
        Assert.Equal(1L, await KnocksAsync());
        for (var i = 0; i < 100; i++)
        {
            var random = new byte[48];
            random[0] = (byte)i;
            random[3] = (byte)(i + 1);
            await Gate.OpenAsync(AgentToken.Of(random).Reveal(), Ct);
        }

        Assert.Equal((long)AgentGate.RefusalsPerMinute, await KnocksAsync());
        Clock.Advance(TimeSpan.FromMinutes(1));
        await Gate.OpenAsync("svk_wrong", Ct);
        Assert.Equal(AgentGate.RefusalsPerMinute + 1L, await KnocksAsync());
    }

    [Fact]
    public async Task The_last_use_is_noted_to_the_minute_without_an_entry()
    {
        var before = await SqlAsync("select count(*) from audit.entries");
        Assert.Null(await SqlAsync("select max(last_used_at) from organization.agent_key_uses") as DateTime?);
        await Gate.OpenAsync(Key.Token, Ct);
        var first = await SqlAsync("select last_used_at from organization.agent_key_uses where key_id = $1", Key.Id.Value);
        await Gate.OpenAsync(Key.Token, Ct);
        Assert.Equal(first, await SqlAsync("select last_used_at from organization.agent_key_uses where key_id = $1", Key.Id.Value));
        Clock.Advance(TimeSpan.FromMinutes(1));
        await Gate.OpenAsync(Key.Token, Ct);
        Assert.NotEqual(first, await SqlAsync("select last_used_at from organization.agent_key_uses where key_id = $1", Key.Id.Value));
        Assert.Equal(before, await SqlAsync("select count(*) from audit.entries"));
    }

    [Fact]
    public async Task A_switched_off_agent_or_one_nobody_answers_for_is_refused()
    {
        Assert.Null((await Agents.DisableAsync(Hq, Helper, "It went mad.", Ct)).Refusal);
        Assert.Equal(AgentRefusals.Disabled.Code, (await Gate.OpenAsync(Key.Token, Ct)).Refusal?.Code);
        Assert.Null((await Agents.EnableAsync(Hq, Helper, "Mended.", Ct)).Refusal);
        Assert.Null((await Gate.OpenAsync(Key.Token, Ct)).Refusal);
        await PastGuardsAsync("update organization.people set is_disabled = true where name = 'Helena'");
        Assert.Equal(AgentRefusals.OwnerGone.Code, (await Gate.OpenAsync(Key.Token, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task A_key_reaches_only_its_capabilities_and_branches()
    {
        await GiveAsync(Ana, To(Helper));
        await GiveAsync(BerlinManager, To(Helper), branch: Berlin);
        var narrow = ByKey(await NewKeyAsync(["invoice.discount"], [Porto]));
        var agent = (await MeetAsync(narrow)).Value.Agent!;
        Assert.True(agent.May(Porto, "invoice.discount"));
        Assert.Equal(AgentRefusals.OutOfKeyScope.Code, agent.GrantFor(Porto, "session.move").Refusal?.Code);
        Assert.Equal(KernelRefusals.NotFound.Code, (await MeetAsync(narrow, Berlin)).Refusal?.Code);
        Assert.Null((await MeetAsync(HelperByKey, Berlin)).Refusal);
    }

    [Fact]
    public async Task Keys_and_agents_that_make_no_sense_are_not_made()
    {
        Assert.Equal("refuse.agent.key_lifetime", await RefusedKeyAsync(new NewKeyScope("x", null, null, In(TimeSpan.FromDays(400)))));
        Assert.Equal("refuse.agent.key_lifetime", await RefusedKeyAsync(new NewKeyScope("x", null, null, In(TimeSpan.FromSeconds(-1)))));
        Assert.Equal("refuse.agent.name_missing", await RefusedKeyAsync(new NewKeyScope(" ", null, null, In(TimeSpan.FromDays(1)))));
        Assert.Equal("refuse.agent.scope_malformed", await RefusedKeyAsync(new NewKeyScope("x", [], null, In(TimeSpan.FromDays(1)))));
        Assert.Equal("refuse.agent.scope_malformed", await RefusedKeyAsync(new NewKeyScope("x", ["Drop Table"], null, In(TimeSpan.FromDays(1)))));
        Assert.Equal("refuse.agent.scope_malformed", await RefusedKeyAsync(new NewKeyScope("x", null, [BranchId.New()], In(TimeSpan.FromDays(1)))));
        Assert.Equal("refuse.agent.slug_taken", (await Agents.CreateAsync(Hq, "helper", "Another", "", Hq.PersonId!.Value, Ct)).Refusal?.Code);
        Assert.Equal("refuse.agent.slug_malformed", (await Agents.CreateAsync(Hq, "Helper 2", "Another", "", Hq.PersonId!.Value, Ct)).Refusal?.Code);
        Assert.Equal("refuse.agent.owner_unfit", (await Agents.CreateAsync(Hq, "other", "Another", "", PersonId.New(), Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task Only_HQ_makes_agents_and_keys()
    {
        foreach (var from in new Sender[] { Ana, PortoStaff, Sender.Nobody, HelperByKey })
        {
            Assert.NotNull((await Agents.CreateAsync(from, "mine", "Mine", "", Ana.PersonId!.Value, Ct)).Refusal);
            Assert.NotNull((await Agents.CreateKeyAsync(from, Helper, new NewKeyScope("x", null, null, In(TimeSpan.FromDays(1))), Ct)).Refusal);
            Assert.NotNull((await Agents.RotateKeyAsync(from, Key.Id, TimeSpan.Zero, In(TimeSpan.FromDays(1)), Ct)).Refusal);
            Assert.NotNull((await Agents.RevokeKeyAsync(from, Key.Id, "No.", Ct)).Refusal);
        }

        Assert.Equal(1L, await SqlAsync("select count(*) from organization.agent_keys where revoked_at is null"));
    }

    private Task<object?> KnocksAsync() => SqlAsync("select count(*) from audit.entries where action = 'agent_key.use'");

    private async Task<string?> RefusedKeyAsync(NewKeyScope scope) => (await Agents.CreateKeyAsync(Hq, Helper, scope, Ct)).Refusal?.Code;
}
