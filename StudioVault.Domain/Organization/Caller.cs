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

    /// <summary>Anybody with an account.</summary>
    public static Access AnySignedIn { get; } = new OpenAccess();

    private sealed record HqAccess : Access
    {
        public override Refusal? Check(Caller caller) =>
            caller.IsHqAdmin || caller.IsSystem ? null : KernelRefusals.NotAllowed.With("an HQ administrator");
    }

    private sealed record BranchAccess(BranchId Branch, Role Least, bool HqToo) : Access
    {
        public override Refusal? Check(Caller caller)
        {
            if (caller.IsSystem || (HqToo && caller.IsHqAdmin)) return null;
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
            if (caller.Client is null) return null;
            return KernelRefusals.NotFound;
        }
    }
}
