using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;

namespace StudioVault.Web.Agreements;

/// <summary>
/// Two people wrote the same draft. The product's own merge puts them together: what only one of them changed is taken, what both
/// changed differently waits for a choice.
/// </summary>
/// <param name="from">The content both started from.</param>
/// <param name="mine">What stands on my screen; asked anew each time, because I may go on typing.</param>
/// <param name="theirs">What they saved.</param>
public sealed class AgreementClash(ContentObject from, Func<ContentObject> mine, ContentObject theirs)
{
    private readonly Dictionary<string, MergeDecision> _choices = new(StringComparer.Ordinal);

    /// <summary>What both changed, differently.</summary>
    public IReadOnlyList<OfferedField> Fields { get; } = [.. ThreeWayMerge.Run(new MergeSides(from, mine(), theirs), mayDuplicate: true).Value.Conflicts];

    public int Left => Fields.Count(f => !_choices.ContainsKey(f.Path));

    public MergeChoice? ChoiceOf(OfferedField field) => _choices.TryGetValue(field.Path, out var decision) ? decision.Choice : null;

    public void Choose(OfferedField field, MergeChoice side) => _choices[field.Path] = MergeDecision.Of(side);

    /// <summary>One content of both, or <c>refuse.package.decision_contradiction</c> where choices inside one line do not fit together.</summary>
    public Result<ContentObject> Merge() => ThreeWayMerge.Run(new MergeSides(from, mine(), theirs), new MergeDecisions(_choices, new Dictionary<string, MergeChoice>()), mayDuplicate: true).TryGet(out var result, out var refusal)
        ? result.Merged : refusal;
}
