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

    /// <summary>A client by a link; only whoever checked the link's proof may say so.</summary>
    public static Sender ClientOf(BranchId branch, ClientId client) => new(null, null, null) { Client = (branch, client) };

    /// <summary>For a job that carries out what others asked for: who they are, nearest first.</summary>
    public IReadOnlyList<Actor> OnBehalfOf { get; init; } = [];

    public static Sender Person(PersonId id, string? securityStamp) => new(id, securityStamp, null);
    public static Sender System(string job) => new(null, null, job);

    /// <summary>Nobody is signed in.</summary>
    public static readonly Sender Nobody = new(null, null, null);
}
