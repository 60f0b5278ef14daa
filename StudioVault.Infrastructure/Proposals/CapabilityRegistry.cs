using System.Diagnostics.CodeAnalysis;
using StudioVault.Domain.Proposals;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>Every capability this version of the program can carry out.</summary>
public sealed class CapabilityRegistry
{
    private readonly Dictionary<string, ICapability> _all;

    /// <exception cref="ArgumentException">One is called as tests of reviewers are: nothing could ever keep those from being carried out.</exception>
    public CapabilityRegistry(IEnumerable<ICapability> capabilities)
    {
        _all = capabilities.ToDictionary(c => c.Definition.Name, StringComparer.Ordinal);
        if (_all.Keys.FirstOrDefault(Decoy.Is) is { } decoy) throw new ArgumentException($"{decoy} cannot be carried out: names beginning with “{Decoy.Prefix}” are those of tests.", nameof(capabilities));
    }

    /// <summary>By name.</summary>
    public IReadOnlyList<CapabilityDefinition> All => [.. _all.Values.Select(c => c.Definition).OrderBy(d => d.Area, StringComparer.Ordinal).ThenBy(d => d.Name, StringComparer.Ordinal)];

    /// <summary>False when this program has none of that name.</summary>
    public bool TryFind(string name, [MaybeNullWhen(false)] out ICapability capability) => _all.TryGetValue(name, out capability);

    /// <summary>As <see cref="CapabilityDefinition.HoldsBack"/>; false for one this program does not have.</summary>
    public bool HoldsBack(string name) => TryFind(name, out var capability) && capability.Definition.HoldsBack;
}
