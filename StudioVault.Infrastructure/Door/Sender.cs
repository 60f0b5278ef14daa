using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Door;

/// <summary>
/// Who sends a command, before their rights are looked up: a signed-in person as the cookie names them, or a job.
/// The rights themselves are read from the database by <see cref="WriteDoor"/> for each command.
/// </summary>
/// <param name="PersonId">The signed-in person, or null for a job.</param>
/// <param name="SecurityStamp">The stamp in the cookie; another one in the database, or none here, means signed out.</param>
/// <param name="Job">Name of the job, or null for a person.</param>
public sealed record Sender(PersonId? PersonId, string? SecurityStamp, string? Job)
{
    /// <summary>A client without an account, whose link proved who they are; null for everybody else.</summary>
    public (BranchId Branch, ClientId Id)? Client { get; private init; }

    /// <summary>Which of the person's sessions it is, as the cookie says; null where there is no cookie. One that was signed out of sends nothing.</summary>
    public Guid? Session { get; init; }

    /// <summary>A client by a link; only whoever checked the link's proof may say so.</summary>
    public static Sender ClientOf(BranchId branch, ClientId client) => new(null, null, null) { Client = (branch, client) };

    /// <summary>For a job that carries out what others asked for: who they are, nearest first.</summary>
    public IReadOnlyList<Actor> OnBehalfOf { get; init; } = [];

    /// <summary>An agent, and what it proved itself with; null for everybody else.</summary>
    public AgentProof? Agent { get; private init; }

    /// <summary>An agent by its key. The secret itself never comes this far.</summary>
    /// <param name="secretSha256">SHA-256 of what was sent, 64 hexadecimal digits.</param>
    public static Sender AgentBy(AgentKeyId key, string secretSha256) => new(null, null, null) { Agent = new(key, secretSha256, null, null) };

    /// <summary>An agent that runs inside StudioVault and so needs no key, for example the demo's. Its delegations are checked as any other's.</summary>
    public static Sender AgentInside(AgentId agent) => new(null, null, null) { Agent = new(null, null, agent, null) };

    /// <summary>The same agent, acting by the chain that covers this capability.</summary>
    public Sender For(string capability) => Agent is null ? this : this with { Agent = Agent with { Capability = capability } };

    public static Sender Person(PersonId id, string? securityStamp) => new(id, securityStamp, null);
    public static Sender System(string job) => new(null, null, job);

    /// <summary>Nobody is signed in.</summary>
    public static readonly Sender Nobody = new(null, null, null);
}

/// <summary>What an agent proves itself with: a key and the SHA-256 of its secret (in hexadecimal), or nothing when it runs inside StudioVault.</summary>
/// <param name="Inside">The agent, when it needs no key.</param>
/// <param name="Capability">What the command is about, so that the audit names the chain that covers it; null = the oldest one.</param>
public sealed record AgentProof(AgentKeyId? Key, string? SecretSha256, AgentId? Inside, string? Capability);
