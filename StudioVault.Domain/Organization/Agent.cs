using System.Text.RegularExpressions;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Organization;

/// <summary>A software agent of the group. It proposes; it never writes. What it may propose, people give it by delegations.</summary>
public sealed partial class Agent
{
    public const int LongestSlug = 40;
    public const int LongestName = 80;
    public const int LongestPurpose = 400;

    private Agent() { }

    public AgentId Id { get; private init; }

    /// <summary>Stable short name, kebab-case, unique.</summary>
    public string Slug { get; private init; } = "";

    public string Name { get; private set; } = "";

    /// <summary>What it does, for the people who decide on what it proposes. Plain text.</summary>
    public string Purpose { get; private set; } = "";

    /// <summary>The person who answers for it; without an active one it does nothing.</summary>
    public PersonId OwnerId { get; private set; }

    public bool IsDisabled { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Refused with <c>refuse.agent.slug_malformed</c>, <c>name_missing</c>, <c>refuse.kernel.too_long</c>.</summary>
    public static Result<Agent> Create(AgentId id, string slug, string name, string purpose, PersonId owner, DateTimeOffset now)
    {
        if (slug.Length > LongestSlug || !SlugShape().IsMatch(slug)) return AgentRefusals.SlugMalformed.At("slug", LongestSlug);
        var agent = new Agent { Id = id, Slug = slug, OwnerId = owner, CreatedAt = now };
        return agent.Describe(name, purpose, owner) is { } refusal ? refusal : agent;
    }

    /// <summary>Changes what is said about it and who answers for it. Refused as <see cref="Create"/>.</summary>
    public Refusal? Describe(string name, string purpose, PersonId owner)
    {
        (name, purpose) = (name.Trim(), purpose.Trim());
        if (name.Length == 0) return AgentRefusals.NameMissing.At("name");
        if (name.Length > LongestName) return KernelRefusals.TooLong.At("name", LongestName);
        if (purpose.Length > LongestPurpose) return KernelRefusals.TooLong.At("purpose", LongestPurpose);
        (Name, Purpose, OwnerId) = (name, purpose, owner);
        return null;
    }

    /// <summary>Switches it off or on; off, its keys and all below its delegations are dead at once.</summary>
    public void Switch(bool off) => IsDisabled = off;

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex SlugShape();
}
