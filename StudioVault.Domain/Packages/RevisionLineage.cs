namespace StudioVault.Domain.Packages;

/// <summary>One revision as a link of its package's history.</summary>
/// <param name="OriginNumber">The version taken, or the revision gone back to; null for edits.</param>
public readonly record struct RevisionStep(int Number, RevisionOrigin Origin, int? OriginNumber);

/// <summary>Where the revisions of a package come from, through every going back.</summary>
public sealed class RevisionLineage(IEnumerable<RevisionStep> steps)
{
    private readonly Dictionary<int, RevisionStep> _steps = steps.ToDictionary(s => s.Number);

    /// <summary>The first revision that took the version; null when every value of it was declined, or it was never taken.</summary>
    public int? TookIn(int version) => _steps.Values.Where(s => s.Origin is RevisionOrigin.Adopted or RevisionOrigin.AcceptedUpdate && s.OriginNumber == version)
        .Select(s => (int?)s.Number).Min();

    /// <summary>
    /// Whether a revision holds nothing of the version: it, or the one it went back to, is older than the one that took it. Going
    /// back to such a revision answers HQ's request to look again; going back to any other does not.
    /// </summary>
    public bool IsBefore(int revision, int version)
    {
        while (_steps.TryGetValue(revision, out var step) && step is { Origin: RevisionOrigin.Reverted, OriginNumber: { } older }) revision = older;
        return TookIn(version) is { } taken && revision < taken;
    }
}
