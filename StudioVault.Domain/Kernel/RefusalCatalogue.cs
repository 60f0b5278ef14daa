using System.Reflection;

namespace StudioVault.Domain.Kernel;

/// <summary>
/// The one catalogue of refusals: every public static <see cref="RefusalKind"/> field of a class named <c>…Refusals</c>
/// in this assembly, and no other assembly makes one. A code stands in it once and is a public contract: programs match on it, audit
/// entries keep it.
/// </summary>
public static class RefusalCatalogue
{
    public static IReadOnlyList<RefusalKind> All { get; } =
        [.. typeof(RefusalCatalogue).Assembly.GetTypes()
            .Where(t => t.Name.EndsWith("Refusals", StringComparison.Ordinal))
            .SelectMany(t => t.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Where(f => f.FieldType == typeof(RefusalKind))
            .Select(f => (RefusalKind)f.GetValue(null)!)
            .OrderBy(k => k.Code, StringComparer.Ordinal)];

    /// <summary>The kind with this code, or null.</summary>
    public static RefusalKind? Find(string code) => All.FirstOrDefault(k => k.Code == code);
}
