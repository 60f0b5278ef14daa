using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Organization;

/// <summary>
/// Whoever sends a command, with the rights they have at this very moment (read from the database for each command,
/// never from a cookie or a circuit: requirement WEB-2).
/// </summary>
/// <param name="Chain">Who acts and on whose behalf.</param>
/// <param name="PersonId">The signed-in person, or null for jobs.</param>
/// <param name="Roles">Group role (branch null) and roles by branch.</param>
public sealed record Caller(ActorChain Chain, PersonId? PersonId, IReadOnlyList<(BranchId? Branch, Role Role)> Roles)
{
    /// <summary>A client who came by a link we made, and the branch it belongs to; null for everybody else.</summary>
    public (BranchId Branch, ClientId Id)? Client { get; private init; }

    /// <summary>A client without an account. The audit names them by id only.</summary>
    public static Caller OfClient(BranchId branch, ClientId id) => new(new ActorChain(new Actor(ActorKind.Human, $"client:{id}", "")), null, []) { Client = (branch, id) };

    /// <summary>StudioVault itself; it may do what its job's code does.</summary>
    public static Caller System(string job, IReadOnlyList<Actor>? onBehalfOf = null) => new(new ActorChain(Actor.System(job), onBehalfOf ?? []), null, []);

    /// <summary>An agent by its key, with what people gave it and its key reaches; null for everybody else.</summary>
    public AgentCaller? Agent { get; private init; }

    public AgentId? AgentId => Agent?.Id;

    /// <summary>
    /// Every human behind the caller: a person's own self, or all who stand in the chain an agent acts by, its owner included.
    /// Empty for jobs and clients. Four eyes: the sets of whoever proposes and whoever approves must not meet (APP-3).
    /// </summary>
    public IReadOnlySet<HumanId> Humans { get; private init; } = new HashSet<HumanId>();

    /// <summary>Every other account linked to the same human at this moment (features row 5.4).</summary>
    public IReadOnlyList<Guid> OtherAccounts { get; private init; } = [];

    /// <summary>A signed-in person.</summary>
    /// <param name="others">Accounts linked to the same human.</param>
    public static Caller OfPerson(PersonId id, string name, HumanId human, IReadOnlyList<(BranchId? Branch, Role Role)> roles, IReadOnlyList<Guid>? others = null) =>
        new(new ActorChain(new Actor(ActorKind.Staff, id.ToString(), name)), id, roles) { Humans = new HashSet<HumanId> { human }, OtherAccounts = others ?? [] };

    /// <summary>An agent.</summary>
    /// <param name="grant">The chain it acts by in this command; null when there is none, or when no branch is in question.</param>
    public static Caller OfAgent(AgentCaller agent, Grant? grant) =>
        new(grant?.Chain ?? new ActorChain(new Actor(ActorKind.Agent, agent.Id.ToString(), agent.Name)), null, []) { Agent = agent, Humans = grant?.Humans ?? new HashSet<HumanId> { agent.OwnerHuman } };

    public bool IsSystem => Chain.Acting.Kind == ActorKind.System;
    public bool IsHqAdmin => Roles.Any(r => r.Role == Role.HqAdmin);

    /// <summary>The caller's strongest role in the branch, or null when they do not belong to it.</summary>
    public Role? RoleIn(BranchId branch) =>
        Roles.Where(r => r.Branch == branch).Select(r => (Role?)r.Role).DefaultIfEmpty(null).Max();
}

/// <summary>What a command demands of its caller. Checked in the service, never in markup (WEB-1).</summary>
public abstract record Access
{
    private Access() { }

    /// <summary>Null when the caller may pass.</summary>
    public abstract Refusal? Check(Caller caller);

    /// <summary>HQ administrators, and StudioVault's own jobs.</summary>
    public static Access Hq { get; } = new HqAccess();

    /// <summary>Managers of the branch. A stranger to the branch is told nothing is there; staff are told which role it takes.</summary>
    public static Access ManagerOf(BranchId branch) => new BranchAccess(branch, Role.BranchManager, false);

    /// <summary>Anybody of the branch.</summary>
    public static Access MemberOf(BranchId branch) => new BranchAccess(branch, Role.Staff, false);

    /// <summary>Anybody of the branch, and HQ looking in.</summary>
    public static Access ReaderOf(BranchId branch) => new BranchAccess(branch, Role.Staff, true);

    /// <summary>This client of the branch, by a link of theirs. Anybody else learns nothing.</summary>
    public static Access ClientOf(BranchId branch, ClientId client) => new ClientAccess(branch, client);

    /// <summary>Anybody with an account. No agent has one.</summary>
    public static Access AnySignedIn { get; } = new OpenAccess();

    /// <summary>An agent somebody of the branch gave a power; nobody else.</summary>
    public static Access AgentIn(BranchId branch) => new AgentAccess(branch, false);

    /// <summary>Whoever may propose in the branch: its people, and agents they gave a power.</summary>
    public static Access SubmitterIn(BranchId branch) => new AgentAccess(branch, true);

    /// <summary>Any agent with a live key, whatever it was given; nobody else.</summary>
    public static Access AnyAgent { get; } = new KeyAccess();

    private sealed record HqAccess : Access
    {
        public override Refusal? Check(Caller caller)
        {
            if (caller.IsHqAdmin || caller.IsSystem) return null;
            if (caller.Agent is not null) return AgentRefusals.ProposesOnly;
            return KernelRefusals.NotAllowed.With("an HQ administrator");
        }
    }

    private sealed record BranchAccess(BranchId Branch, Role Least, bool HqToo) : Access
    {
        public override Refusal? Check(Caller caller)
        {
            if (caller.IsSystem || (HqToo && caller.IsHqAdmin)) return null;
            if (caller.Agent is { } agent) return agent.Refusal(Branch) ?? AgentRefusals.ProposesOnly;
            if (caller.RoleIn(Branch) is { } role)
                return role >= Least ? null : KernelRefusals.NotAllowed.With("a branch manager");
            // HQ knows every branch, so it may be told the truth; anybody else must not learn that the branch exists.
            return caller.IsHqAdmin ? KernelRefusals.NotAllowed.With("a manager of that branch") : KernelRefusals.NotFound;
        }
    }

    private sealed record ClientAccess(BranchId Branch, ClientId Id) : Access
    {
        public override Refusal? Check(Caller caller)
        {
            if (caller.Client == (Branch, Id)) return null;
            return KernelRefusals.NotFound;
        }
    }

    private sealed record OpenAccess : Access
    {
        public override Refusal? Check(Caller caller)
        {
            if (caller.Agent is not null) return AgentRefusals.ProposesOnly;
            if (caller.Client is null) return null;
            return KernelRefusals.NotFound;
        }
    }

    private sealed record AgentAccess(BranchId Branch, bool PeopleToo) : Access
    {
        public override Refusal? Check(Caller caller)
        {
            if (caller.Agent is { } agent) return agent.Refusal(Branch);
            if (PeopleToo) return MemberOf(Branch).Check(caller);
            return KernelRefusals.NotFound;
        }
    }

    private sealed record KeyAccess : Access
    {
        public override Refusal? Check(Caller caller)
        {
            if (caller.Agent is not null) return null;
            return KernelRefusals.NotFound;
        }
    }
}
