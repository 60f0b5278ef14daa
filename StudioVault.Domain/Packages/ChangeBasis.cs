using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>A published version as far as the next one is compared with it.</summary>
/// <param name="IsCalledBack">HQ called it back; branches may have taken it before.</param>
public sealed record BasisVersion(int Number, TemplateContent Content, bool IsCalledBack);

/// <summary>
/// What the next version of a template is compared with, wherever its class is computed. That is the newest version HQ has not called
/// back, for branches stand on it, and every later one, called back though it is: whoever took one of those is offered the next version
/// too. The class is the highest of these comparisons. Measured against a version called back alone, a price raised from 640 to 690
/// would be a cheaper one where the slip in between said 6400.
/// </summary>
public sealed class ChangeBasis
{
    private readonly IReadOnlyList<BasisVersion> _versions;

    private ChangeBasis(IReadOnlyList<BasisVersion> versions) => _versions = versions;

    /// <summary>The newest version that is not called back; 0 when all of them are, or there is none.</summary>
    public int Standing => _versions is [{ IsCalledBack: false } first, ..] ? first.Number : 0;

    /// <summary>Content of the version published last, called back or not; null before the first.</summary>
    public TemplateContent? Last => _versions is [.., var last] ? last.Content : null;

    /// <param name="versions">All versions of a template, or at least those from the newest one on that is not called back.</param>
    public static ChangeBasis Of(IEnumerable<BasisVersion> versions)
    {
        var all = versions.OrderBy(v => v.Number).ToList();
        return new ChangeBasis(all[Math.Max(0, all.FindLastIndex(v => !v.IsCalledBack))..]);
    }

    /// <summary>
    /// The class a draft would have as the next version, and why: against the newest version that is not called back, and beyond that
    /// whatever is graver for those who took a later one. Empty where the draft says the same as the version published last; going back
    /// to what was said before a version called back is a change, for that version was taken by some.
    /// </summary>
    /// <returns>Null before the first version: everything is new.</returns>
    public PackageChange? ChangeTo(TemplateContent draft)
    {
        if (_versions is not [.., var last]) return null;
        var sinceLast = PackageChange.Between(last.Content, draft);
        if (sinceLast.IsEmpty || _versions.Count == 1) return sinceLast;
        var first = Standing > 0 ? _versions[0] : last;
        var change = first == last ? sinceLast : PackageChange.Between(first.Content, draft);
        foreach (var other in _versions.Reverse().Where(v => v != first))
        {
            var theirs = other == last ? sinceLast : PackageChange.Between(other.Content, draft);
            if (!change.IsEmpty && theirs.Class <= change.Class) continue;
            var more = theirs.Reasons.Where(r => change.IsEmpty || r.Class > change.Class).Select(r => r with { Sentence = $"{r.Sentence} (For whoever took version {other.Number}, called back.)" });
            change = theirs.IsEmpty ? change : new PackageChange(theirs.Class, [.. change.Reasons, .. more]);
        }

        return change;
    }

    /// <summary>The class a draft would have as the next version; the first version only adds.</summary>
    public ChangeClass ClassOf(TemplateContent draft) => ChangeTo(draft)?.Class ?? ChangeClass.Minor;
}
