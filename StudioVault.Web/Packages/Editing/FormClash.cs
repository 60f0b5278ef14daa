using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;

namespace StudioVault.Web.Packages.Editing;

/// <summary>
/// Two people wrote the same draft or package. The product's own merge puts them together: what only one of them changed is taken, what
/// both changed differently waits for a choice.
/// </summary>
public sealed class FormClash
{
    private readonly Dictionary<string, MergeDecision> _choices = new(StringComparer.Ordinal);
    private readonly ContentObject _base;
    private readonly string _baseSummary;
    private bool? _mySummary;

    /// <param name="base">The content both started from.</param>
    /// <param name="mine">What I have on the screen.</param>
    /// <param name="theirs">What they saved.</param>
    public FormClash(ContentObject @base, string baseSummary, PackageForm mine, TheirEdit theirs)
    {
        (_base, _baseSummary, Mine, Theirs) = (@base, baseSummary, mine, theirs);
        var offered = Run(MergeDecisions.None).Value;
        Fields = [.. offered.Conflicts];
        TheirsOnly = [.. offered.Fields.Where(f => !f.IsConflict && f.Case != MergeCase.Convergent)];
        SummaryClashes = theirs.Summary != baseSummary && mine.Summary != baseSummary && theirs.Summary != mine.Summary;
    }

    public PackageForm Mine { get; }

    public TheirEdit Theirs { get; }

    /// <summary>What both changed, differently.</summary>
    public IReadOnlyList<OfferedField> Fields { get; }

    /// <summary>What only they changed: taken.</summary>
    public IReadOnlyList<OfferedField> TheirsOnly { get; }

    public bool SummaryClashes { get; }

    /// <summary>Nothing collides: both edits can be kept without asking.</summary>
    public bool IsClean => Fields.Count == 0 && !SummaryClashes;

    public int Left => Fields.Count(f => !_choices.ContainsKey(f.Path)) + (SummaryClashes && _mySummary is null ? 1 : 0);

    public MergeChoice? ChoiceOf(OfferedField field) => _choices.TryGetValue(field.Path, out var decision) ? decision.Choice : null;

    public MergeChoice? SummaryChoice => _mySummary switch { true => MergeChoice.Branch, false => MergeChoice.Hq, _ => null };

    public void Choose(OfferedField field, MergeChoice side) => _choices[field.Path] = MergeDecision.Of(side);

    public void ChooseSummary(MergeChoice side) => _mySummary = side == MergeChoice.Branch;

    /// <summary>One draft of both, or <c>refuse.package.decision_contradiction</c> where choices inside one line do not fit together.</summary>
    public Result<PackageForm> Merge()
    {
        if (!Run(new MergeDecisions(_choices, new Dictionary<string, MergeChoice>())).TryGet(out var result, out var refusal)) return refusal;
        var summary = Mine.Summary == _baseSummary || _mySummary == false ? Theirs.Summary : Mine.Summary;
        var form = PackageForm.From(result.Merged, summary);
        form.PublishedIds = Mine.PublishedIds;
        return form;
    }

    // My form may have moved on while the question stood, so its tree is read anew each time.
    private Result<MergeResult> Run(MergeDecisions decisions) => ThreeWayMerge.Run(new MergeSides(_base, Mine.ToTree(), Theirs.Content), decisions, mayDuplicate: true);
}

/// <summary>What somebody else saved meanwhile.</summary>
/// <param name="Summary">HQ's one line; empty for a package.</param>
/// <param name="By">Their name; null when they are gone.</param>
public sealed record TheirEdit(ContentObject Content, string Summary, string? By);
