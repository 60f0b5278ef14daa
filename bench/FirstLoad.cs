namespace StudioVault.Bench;

/// <summary>What the first load of a page transfers.</summary>
internal static class FirstLoad
{
    public static Task<IReadOnlyList<Measure>> RunAsync(bool quick) => Task.FromResult<IReadOnlyList<Measure>>([]);
}
