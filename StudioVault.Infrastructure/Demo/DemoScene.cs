namespace StudioVault.Infrastructure.Demo;

/// <summary>One thing the demo shows on purpose: where to look and what is to be seen there. Tests hold that it can be seen.</summary>
/// <param name="Kind">Kind of offer or state, for example <c>conflict</c>, <c>hq_removes</c>, <c>mandatory_overdue</c>.</param>
/// <param name="Paths">The fields that show it; empty when it is about the whole offer.</param>
public sealed record DemoScene(string Kind, string Branch, string Template, int Version, string What, IReadOnlyList<string>? Paths = null);

internal sealed record SceneFile(IReadOnlyList<DemoScene> Scenes);
