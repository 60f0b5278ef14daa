namespace StudioVault.Domain.Kernel;

/// <summary>What kind of somebody acts. Seed 001 names human, staff and agent; jobs are "system".</summary>
public enum ActorKind
{
    /// <summary>A person outside the group, for example a client with a link.</summary>
    Human,

    /// <summary>A signed-in person of the group.</summary>
    Staff,

    /// <summary>A software agent: it proposes and never writes.</summary>
    Agent,

    /// <summary>StudioVault itself: a job or the set-up.</summary>
    System,
}

/// <summary>Somebody who acts.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Id">Person or agent id as text, or the name of the job.</param>
/// <param name="Name">Name to show; never used to decide anything.</param>
public sealed record Actor(ActorKind Kind, string Id, string Name)
{
    public static Actor System(string job) => new(ActorKind.System, job, job);
}

/// <summary>Who acts, and on whose behalf, the root first asked for last. Depth at most 3.</summary>
/// <param name="Acting">Whoever sends the command.</param>
/// <param name="OnBehalfOf">The delegation chain, nearest first; empty when somebody acts for themselves.</param>
public sealed record ActorChain(Actor Acting, IReadOnlyList<Actor> OnBehalfOf)
{
    public ActorChain(Actor acting) : this(acting, []) { }

    /// <summary>The actor all authority comes from: four eyes compare roots, not accounts.</summary>
    public Actor Root => OnBehalfOf.Count == 0 ? Acting : OnBehalfOf[^1];
}
