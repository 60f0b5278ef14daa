using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using Xunit;

namespace StudioVault.Tests.Organization;

public sealed class DelegationChainTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly BranchId Branch = BranchId.New();

    private readonly ChainActor _ana = Person("Ana", Role.BranchManager);
    private readonly ChainActor _ines = Person("Inês", Role.Staff);
    private readonly ChainActor _bot = Robot("Bot");
    private readonly ChainActor _sub = Robot("Sub");

    [Fact]
    public void The_root_is_the_person_all_power_comes_from_and_every_human_behind_it_counts()
    {
        var grant = Resolve(_sub, [Link(_bot), Link(_ines), Link(_ana)]).Value;
        Assert.Equal(["Bot", "Inês", "Ana"], grant.Chain.OnBehalfOf.Select(a => a.Name));
        Assert.Equal("Ana", grant.Chain.Root.Name);
        Assert.Equal(Role.BranchManager, grant.RootRole);
        Assert.Equal(new[] { _sub, _bot, _ines, _ana }.Select(a => a.Human!.Value).ToHashSet(), grant.Humans);
    }

    [Fact]
    public void A_chain_gives_only_what_every_link_of_it_gives()
    {
        var grant = Resolve(_sub, [Link(_bot, ["a.b", "c.d"]), Link(_ines), Link(_ana, ["c.d", "e.f"])]).Value;
        Assert.True(grant.Covers("c.d"));
        Assert.False(grant.Covers("a.b"));
        Assert.False(grant.Covers("e.f"));
        Assert.True(Resolve(_bot, [Link(_ana)]).Value.Covers("any.thing"));
        Assert.Equal(DelegationRefusals.None.Code, Resolve(_sub, [Link(_bot, ["a.b"]), Link(_ana, ["c.d"])]).Refusal?.Code);
    }

    [Fact]
    public void It_ends_with_the_link_that_ends_first() =>
        Assert.Equal(Now.AddHours(1), Resolve(_sub, [Link(_bot) with { ExpiresAt = Now.AddDays(2) }, Link(_ana) with { ExpiresAt = Now.AddHours(1) }]).Value.ExpiresAt);

    [Fact]
    public void It_holds_from_its_first_moment_to_the_last_before_its_end()
    {
        Assert.Null(Resolve(_bot, [Link(_ana) with { StartsAt = Now, ExpiresAt = Now.AddTicks(1) }]).Refusal);
        Assert.Equal(DelegationRefusals.NotBegun.Code, Resolve(_bot, [Link(_ana) with { StartsAt = Now.AddTicks(1) }]).Refusal?.Code);
        Assert.Equal(DelegationRefusals.Expired.Code, Resolve(_bot, [Link(_ana) with { ExpiresAt = Now }]).Refusal?.Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void One_dead_link_anywhere_kills_the_chain(int at)
    {
        Assert.Equal(DelegationRefusals.Revoked.Code, With(l => l with { RevokedAt = Now.AddMinutes(-1) }));
        Assert.Equal(DelegationRefusals.Expired.Code, With(l => l with { ExpiresAt = Now }));
        Assert.Equal(DelegationRefusals.NotBegun.Code, With(l => l with { StartsAt = Now.AddTicks(1) }));
        Assert.Equal(at == 0 ? DelegationRefusals.AgentGone.Code : DelegationRefusals.PersonGone.Code, With(l => l with { From = l.From with { IsActive = false } }));

        string? With(Func<ChainLink, ChainLink> change)
        {
            ChainLink[] links = [Link(_bot), Link(_ines), Link(_ana)];
            links[at] = change(links[at]);
            return Resolve(_sub, links).Refusal?.Code;
        }
    }

    [Fact]
    public void Nobody_acts_for_a_person_who_left_the_branch() =>
        Assert.Equal(DelegationRefusals.PersonGone.Code, Resolve(_bot, [Link(_ana with { Role = null })]).Refusal?.Code);

    [Fact]
    public void Three_actors_may_stand_behind_and_a_fourth_may_not()
    {
        var third = Robot("Third");
        Assert.Equal(3, Resolve(third, [Link(_sub), Link(_bot), Link(_ana)]).Value.Chain.OnBehalfOf.Count);
        Assert.Equal(DelegationRefusals.TooDeep.Code, Resolve(Robot("Fourth"), [Link(third), Link(_sub), Link(_bot), Link(_ana)]).Refusal?.Code);
        Assert.Equal(DelegationRefusals.TooDeep.Code, DelegationChain.Extend(third, Chain([Link(_sub), Link(_bot), Link(_ana)]), Robot("Fourth"), null, Now)?.Code);
    }

    [Fact]
    public void Nobody_stands_in_a_chain_twice_with_whatever_account()
    {
        var second = Person("Ana's other account", Role.Staff) with { Human = _ana.Human };
        Assert.Equal(DelegationRefusals.Loop.Code, Resolve(_bot, [Link(_sub), Link(_bot), Link(_ana)]).Refusal?.Code);
        Assert.Equal(DelegationRefusals.Loop.Code, Resolve(second, [Link(_ana)]).Refusal?.Code);
        Assert.Equal(DelegationRefusals.Loop.Code, DelegationChain.Extend(_ana, [], second, null, Now)?.Code);
        Assert.Equal(DelegationRefusals.Loop.Code, DelegationChain.Extend(_bot, Chain([Link(_ana)]), _bot, null, Now)?.Code);
    }

    [Fact]
    public void A_chain_that_begins_with_no_person_or_skips_a_link_is_none()
    {
        Assert.Equal(DelegationRefusals.Broken.Code, Resolve(_sub, [Link(_bot)]).Refusal?.Code);
        Assert.Equal(DelegationRefusals.Broken.Code, DelegationChain.Resolve(_bot, [], Now).Refusal?.Code);
        Assert.Equal(DelegationRefusals.Broken.Code, DelegationChain.Resolve(_sub, [Link(_bot), Link(_ana)], Now).Refusal?.Code);
        var chain = Chain([Link(_bot), Link(_ana)]);
        Assert.Equal(DelegationRefusals.Broken.Code, DelegationChain.Resolve(_sub, [chain[0], chain[1] with { Branch = BranchId.New() }], Now).Refusal?.Code);
    }

    [Fact]
    public void Nobody_hands_on_more_than_they_were_given()
    {
        var above = Chain([Link(_ana, ["a.b"])]);
        Assert.Null(DelegationChain.Extend(_bot, above, _sub, ["a.b"], Now));
        Assert.Null(DelegationChain.Extend(_bot, above, _sub, null, Now));
        Assert.Equal(DelegationRefusals.BeyondGiver.Code, DelegationChain.Extend(_bot, above, _sub, ["a.b", "c.d"], Now)?.Code);
    }

    [Fact]
    public void Only_people_of_the_branch_and_living_agents_take_one()
    {
        Assert.Equal(DelegationRefusals.ReceiverUnfit.Code, DelegationChain.Extend(_ana, [], _ines with { Role = null }, null, Now)?.Code);
        Assert.Equal(DelegationRefusals.ReceiverUnfit.Code, DelegationChain.Extend(_ana, [], _ines with { IsActive = false }, null, Now)?.Code);
        Assert.Equal(DelegationRefusals.ReceiverUnfit.Code, DelegationChain.Extend(_ana, [], _bot with { IsActive = false }, null, Now)?.Code);
        Assert.Equal(DelegationRefusals.NotYours.Code, DelegationChain.Extend(_bot, [], _sub, null, Now)?.Code);
    }

    private static ChainActor Person(string name, Role role) => new(Party.Of(PersonId.New()), name, true, role, HumanId.New());
    private static ChainActor Robot(string name) => new(Party.Of(AgentId.New()), name, true, null, HumanId.New());
    private static ChainLink Link(ChainActor from, string[]? capabilities = null) => new(DelegationId.New(), Branch, from, capabilities, Now.AddDays(-1), Now.AddDays(1), null, null);

    private static Result<Grant> Resolve(ChainActor acting, ChainLink[] links) => DelegationChain.Resolve(acting, Chain(links), Now);

    /// <summary>Ties each link to the one after it.</summary>
    private static ChainLink[] Chain(ChainLink[] links) => [.. links.Select((l, i) => l with { ParentId = i + 1 < links.Length ? links[i + 1].Id : null })];
}
