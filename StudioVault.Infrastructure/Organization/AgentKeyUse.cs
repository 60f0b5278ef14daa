using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Organization;

/// <summary>When a key was used last, to the minute. Apart from the key, because using one changes nothing that is governed.</summary>
public sealed class AgentKeyUse
{
    private AgentKeyUse() { }

    public AgentKeyId KeyId { get; private init; }
    public DateTimeOffset LastUsedAt { get; private init; }
}
