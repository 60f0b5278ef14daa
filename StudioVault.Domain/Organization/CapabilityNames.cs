using System.Text.RegularExpressions;

namespace StudioVault.Domain.Organization;

/// <summary>Names of capabilities in keys and delegations; whether one exists is not this module's to know.</summary>
public static partial class CapabilityNames
{
    /// <summary>Most that one key or delegation may list.</summary>
    public const int Most = 64;

    /// <summary>What is wrong with a list, in a few words, or null.</summary>
    public static string? Problem(IReadOnlyCollection<string> names)
    {
        if (names.Count == 0) return "no capability is named";
        if (names.Count > Most) return $"at most {Most} can be named";
        return names.FirstOrDefault(n => n.Length > 64 || !Shape().IsMatch(n)) is { } bad ? $"“{bad}” is no name of a capability" : null;
    }

    [GeneratedRegex("^[a-z][a-z0-9_]*(\\.[a-z0-9_]+)+$")]
    private static partial Regex Shape();
}
