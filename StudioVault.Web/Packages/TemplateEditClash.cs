using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Packages;

namespace StudioVault.Web.Packages;

/// <summary>
/// Two people wrote the same draft. The product's own merge puts them together: what only one of them changed is taken, what
/// both changed differently waits for a choice.
/// </summary>
public sealed class TemplateEditClash
{
    private readonly Dictionary<string, MergeDecision> _choices = new(StringComparer.Ordinal);
    private readonly ContentObject _base;
    private readonly string _baseSummary;
    private readonly ContentObject _theirs;
    private bool? _mySummary;

    /// <param name="base">The draft both started from.</param>
    /// <param name="mine">What I have on the screen.</param>
    /// <param name="theirs">What they saved.</param>
    public TemplateEditClash(ContentObject @base, string baseSummary, TemplateEditForm mine, DraftView theirs)
    {
        (_base, _baseSummary, Mine, Theirs) = (@base, baseSummary, mine, theirs);
        _theirs = ContentTree.Parse(theirs.Content).Value;
        var offered = Run(MergeDecisions.None).Value;
        Fields = [.. offered.Conflicts];
        TheirsOnly = [.. offered.Fields.Where(f => !f.IsConflict && f.Case != MergeCase.Convergent)];
        SummaryClashes = theirs.Summary != baseSummary && mine.Summary != baseSummary && theirs.Summary != mine.Summary;
    }

    public TemplateEditForm Mine { get; }

    public DraftView Theirs { get; }

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
    public Result<TemplateEditForm> Merge()
    {
        if (!Run(new MergeDecisions(_choices, new Dictionary<string, MergeChoice>())).TryGet(out var result, out var refusal)) return refusal;
        var summary = Mine.Summary == _baseSummary || _mySummary == false ? Theirs.Summary : Mine.Summary;
        var form = TemplateEditForm.From(result.Merged, summary);
        form.PublishedIds = Mine.PublishedIds;
        return form;
    }

    // My form may have moved on while the question stood, so its tree is read anew each time.
    private Result<MergeResult> Run(MergeDecisions decisions) => ThreeWayMerge.Run(new MergeSides(_base, Mine.ToTree(), _theirs), decisions, mayDuplicate: true);
}
