namespace StudioVault.Domain.Packages;

/// <summary>One revision as a link of its package's history.</summary>
/// <param name="OriginNumber">The version taken, or the revision gone back to; null for edits.</param>
public readonly record struct RevisionStep(int Number, RevisionOrigin Origin, int? OriginNumber);

/// <summary>Where the revisions of a package come from, through every going back.</summary>
public sealed class RevisionLineage(IEnumerable<RevisionStep> steps)
{
    private readonly Dictionary<int, RevisionStep> _steps = steps.ToDictionary(s => s.Number);

    /// <summary>
    /// The revision that took the version, the last one where it was taken again after an undo; null when every value of it was
    /// declined, or it was never taken.
    /// </summary>
    public int? TookIn(int version) => _steps.Values.Where(s => Takes(s, version)).Select(s => (int?)s.Number).Max();

    /// <summary>
    /// Whether a revision holds nothing of a version that was taken once: its values do not come from a revision that took it. Going
    /// back to such a revision answers HQ's request to look again; going back to any other does not.
    /// </summary>
    public bool IsBefore(int revision, int version)
    {
        if (TookIn(version) is null) return false;
        // One that goes back has its values from the one it names, every other from the one before it.
        while (_steps.TryGetValue(revision, out var step))
        {
            if (Takes(step, version)) return false;
            revision = step is { Origin: RevisionOrigin.Reverted, OriginNumber: { } older } ? older : revision - 1;
        }
        return true;
    }

    private static bool Takes(RevisionStep step, int version) => step.Origin is RevisionOrigin.Adopted or RevisionOrigin.AcceptedUpdate && step.OriginNumber == version;
}
