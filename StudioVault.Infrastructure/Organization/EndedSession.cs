using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Organization;

/// <summary>
/// A session its person signed out of: what its cookie says counts no more, wherever a copy of it is. Forgotten when no cookie of it
/// can be alive.
/// </summary>
public sealed class EndedSession
{
    /// <summary>Longer than any cookie lives (Session:Lifetime is at most a week).</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(8);

    private EndedSession() { }

    /// <summary>The id in the cookie.</summary>
    public Guid Id { get; private init; }

    public PersonId PersonId { get; private init; }

    /// <summary>When they signed out, by the database's clock.</summary>
    public DateTimeOffset At { get; private init; }

    internal static EndedSession Of(Guid id, PersonId person) => new() { Id = id, PersonId = person };
}
