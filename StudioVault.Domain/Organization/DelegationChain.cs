using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Organization;

/// <summary>An actor of a chain with everything that decides whether it counts, as it is at this moment.</summary>
/// <param name="IsActive">The account or the agent is switched on; an agent's owner too.</param>
/// <param name="Role">A person's role in the branch, null when they do not belong to it. Always null for agents.</param>
/// <param name="Human">The person as a human, or the human who owns the agent.</param>
public sealed record ChainActor(Party Party, string Name, bool IsActive, Role? Role, HumanId? Human)
{
    public Actor ToActor() => Party.Person is { } person
        ? new Actor(ActorKind.Staff, person.ToString(), Name)
        : new Actor(ActorKind.Agent, Party.Agent!.Value.ToString(), Name);
}

/// <summary>One delegation of a chain with its giver.</summary>
public sealed record ChainLink(DelegationId Id, BranchId Branch, ChainActor From, IReadOnlyList<string>? Capabilities, DateTimeOffset StartsAt, DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt, DelegationId? ParentId);

/// <summary>What somebody may do on behalf of others in a branch: one chain of delegations, cut to what all of them give.</summary>
/// <param name="Delegations">Nearest first: the last one was given by a person from their own powers.</param>
/// <param name="Capabilities">What all links give; null = everything.</param>
/// <param name="Chain">The acting one, and whom for, the root last.</param>
/// <param name="Humans">Every human behind it: those of the chain, and the owners of its agents. Four eyes count these.</param>
/// <param name="RootRole">The role of the person all of it comes from.</param>
/// <param name="ExpiresAt">The earliest end.</param>
public sealed record Grant(IReadOnlyList<DelegationId> Delegations, BranchId Branch, IReadOnlySet<string>? Capabilities, ActorChain Chain, IReadOnlySet<HumanId> Humans, Role RootRole, DateTimeOffset ExpiresAt)
{
    public bool Covers(string capability) => Capabilities is null || Capabilities.Contains(capability);
}

/// <summary>
/// The rules of chains, pure: at most <see cref="MostBehind"/> actors behind the acting one, nobody twice, every link alive, every
/// person active and of the branch, and no link gives more than the one above.
/// </summary>
public static class DelegationChain
{
    /// <summary>Most actors on whose behalf somebody acts (features row 5.18).</summary>
    public const int MostBehind = 3;

    /// <summary>
    /// The grant a chain of links gives now. Refused with <c>refuse.delegation.broken</c>, <c>too_deep</c>, <c>loop</c>, <c>revoked</c>,
    /// <c>expired</c>, <c>not_begun</c>, <c>person_gone</c>, <c>agent_gone</c>, <c>none</c> when nothing is left of the capabilities.
    /// </summary>
    /// <param name="acting">Whoever took the nearest delegation.</param>
    /// <param name="links">Nearest first.</param>
    public static Result<Grant> Resolve(ChainActor acting, IReadOnlyList<ChainLink> links, DateTimeOffset now)
    {
        if (links.Count == 0) return DelegationRefusals.Broken;
        if (links.Count > MostBehind) return DelegationRefusals.TooDeep.With(MostBehind);
        for (var i = 0; i < links.Count; i++)
        {
            var above = i + 1 < links.Count ? links[i + 1].Id : (DelegationId?)null;
            if (links[i].ParentId != above || links[i].Branch != links[0].Branch) return DelegationRefusals.Broken;
        }

        if (links[^1].From.Party.Person is null) return DelegationRefusals.Broken;
        if (Loop(acting, links) is { } twice) return DelegationRefusals.Loop.With(twice.Name);
        foreach (var link in links)
            if (Dead(link, now) is { } refusal) return refusal;
        if (Gone(acting) is { } gone) return gone;

        HashSet<string>? capabilities = null;
        foreach (var link in links)
        {
            if (link.Capabilities is null) continue;
            if (capabilities is null) capabilities = [.. link.Capabilities];
            else capabilities.IntersectWith(link.Capabilities);
        }

        if (capabilities is { Count: 0 }) return DelegationRefusals.None;
        ChainActor[] all = [acting, .. links.Select(l => l.From)];
        return new Grant([.. links.Select(l => l.Id)], links[0].Branch, capabilities, new ActorChain(acting.ToActor(), [.. links.Select(l => l.From.ToActor())]),
            all.Select(a => a.Human).OfType<HumanId>().ToHashSet(), links[^1].From.Role!.Value, links.Min(l => l.ExpiresAt));
    }

    /// <summary>
    /// Whether the giver may hand on what is asked. Refused as <see cref="Resolve"/> (the giver's own chain has to hold), and with
    /// <c>refuse.delegation.beyond_giver</c>, <c>too_deep</c>, <c>loop</c>, <c>receiver_unfit</c>.
    /// </summary>
    /// <param name="giver">Who gives.</param>
    /// <param name="above">The links the giver has the power from, nearest first; empty when a person gives their own.</param>
    /// <param name="now">Links above that have not begun yet may be handed on; they only count when all have.</param>
    public static Refusal? Extend(ChainActor giver, IReadOnlyList<ChainLink> above, ChainActor receiver, IReadOnlyCollection<string>? capabilities, DateTimeOffset now)
    {
        if (above.Count + 1 > MostBehind) return DelegationRefusals.TooDeep.With(MostBehind);
        if (!receiver.IsActive || (receiver.Party.Person is not null && receiver.Role is null)) return DelegationRefusals.ReceiverUnfit;
        if (Gone(giver) is { } gone) return gone;
        if (Loop(receiver, [new ChainLink(default, default, giver, null, default, default, null, null), .. above]) is { } twice) return DelegationRefusals.Loop.With(twice.Name);
        if (above.Count == 0)
        {
            if (giver.Party.Person is null) return DelegationRefusals.NotYours;
            return null;
        }

        foreach (var link in above)
            if (Dead(link, now) is { } refusal && refusal.Kind != DelegationRefusals.NotBegun) return refusal;
        foreach (var link in above)
            if (link.Capabilities is not null && capabilities?.FirstOrDefault(c => !link.Capabilities.Contains(c)) is { } beyond) return DelegationRefusals.BeyondGiver.At("capabilities", beyond);
        return null;
    }

    private static Refusal? Dead(ChainLink link, DateTimeOffset now)
    {
        if (link.RevokedAt is { } revoked) return DelegationRefusals.Revoked.With(UtcText.Of(revoked));
        if (now >= link.ExpiresAt) return DelegationRefusals.Expired.With(UtcText.Of(link.ExpiresAt));
        if (Gone(link.From) is { } gone) return gone;
        return now < link.StartsAt ? DelegationRefusals.NotBegun.With(UtcText.Of(link.StartsAt)) : null;
    }

    private static Refusal? Gone(ChainActor actor)
    {
        if (actor.Party.Person is not null) return actor is { IsActive: true, Role: not null } ? null : DelegationRefusals.PersonGone.With(actor.Name);
        return actor.IsActive ? null : DelegationRefusals.AgentGone.With(actor.Name);
    }

    /// <summary>The first actor that stands in the chain twice; two accounts of one human are one.</summary>
    private static ChainActor? Loop(ChainActor acting, IReadOnlyList<ChainLink> links)
    {
        var parties = new HashSet<Party>();
        var humans = new HashSet<HumanId>();
        foreach (var actor in links.Select(l => l.From).Prepend(acting))
            if (!parties.Add(actor.Party) || (actor.Party.Person is not null && actor.Human is { } human && !humans.Add(human))) return actor;
        return null;
    }
}
