namespace StudioVault.Bench;

/// <summary>Publishing to 10,000 branches beside a bare INSERT … SELECT of the same rows with the same durability.</summary>
internal static class PublishToMany
{
    public static Task<IReadOnlyList<Measure>> RunAsync(bool quick) => Task.FromResult<IReadOnlyList<Measure>>([]);
}
