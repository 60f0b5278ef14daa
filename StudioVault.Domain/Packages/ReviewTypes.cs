using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>A published version as a review needs it.</summary>
/// <param name="Hash">Of the stored content.</param>
public sealed record PublishedVersion(int Number, DateTimeOffset PublishedAt, string Summary, string Hash, TemplateContent Content);

/// <summary>Everything a review depends on; the same input gives the same review and the same digest.</summary>
/// <param name="Versions">
/// The target, every version in <see cref="FieldPointers.Versions"/> and those between them, in any order. Older ones make
/// "since version" more exact and are not needed.
/// </param>
/// <param name="Target">The version on offer: everything since the branch last decided, as one difference (row 1.6).</param>
/// <param name="Branch">The branch's current revision.</param>
/// <param name="BranchHash">Its stored hash.</param>
/// <param name="Today">Branch-local.</param>
/// <param name="UsedByOpenQuotes">Paths of lines, instalments and clauses that open quotes contain: see <see cref="UpdateReview.ElementsOf"/>.</param>
/// <param name="Facts">Further numbers the person sees and the digest covers: open quotes, drafts … (row 1.7).</param>
public sealed record ReviewRequest(TemplateId Template, IReadOnlyList<PublishedVersion> Versions, int Target, FieldPointers Pointers, PackageContent Branch, string BranchHash,
    DateOnly Today, IReadOnlySet<string>? UsedByOpenQuotes = null, IReadOnlyDictionary<string, long>? Facts = null);

/// <summary>Which version a value of HQ's comes from.</summary>
public sealed record VersionMark(int Number, DateTimeOffset PublishedAt);

/// <summary>One row of a review.</summary>
/// <param name="Path">What a decision names.</param>
/// <param name="Field">Label, section, format, group.</param>
/// <param name="Case">The row of table A1.</param>
/// <param name="IsConflict">Shown red: both changed it, differently.</param>
/// <param name="Default">What is ticked at first; null when the branch has to choose. Members of a group have the group's.</param>
/// <param name="Base">HQ's value the branch was synced with; null = there was none. <paramref name="Yours"/> and <paramref name="Hq"/> likewise.</param>
/// <param name="BaseFrom">Since which version HQ had the base value.</param>
/// <param name="HqFrom">Since which version HQ has its value, or does not have it any more.</param>
/// <param name="Declined">The version whose value (or removal) the branch declined since it was synced; null when it did not.</param>
/// <param name="Lock">The lock in force on it, or inside it.</param>
/// <param name="Bounds">Limits of a value to enter.</param>
/// <param name="UsedByOpenQuotes">HQ removes it, and open quotes have it: they keep it, and it is not taken by default.</param>
/// <param name="DuplicateOf">Label of the branch's own element with the same title.</param>
/// <param name="Inside">
/// Where the branch does not have the node at all and HQ changed something inside: those changes. The row then stands for the
/// node, and taking HQ's side puts it in whole.
/// </param>
public sealed record ReviewRow(string Path, FieldInfo Field, MergeCase Case, bool IsConflict, MergeChoice? Default, ContentNode? Base, ContentNode? Yours, ContentNode? Hq,
    VersionMark? BaseFrom, VersionMark? HqFrom, VersionMark? Declined, FieldRule? Lock, (decimal? Lowest, decimal? Highest)? Bounds, bool UsedByOpenQuotes, string? DuplicateOf,
    IReadOnlyList<ContentChange> Inside)
{
    public bool IsLocked => Lock is not null;

    /// <summary>The lock has a deadline for new quotes.</summary>
    public bool IsMandatory => Lock?.MandatoryBy is not null;

    /// <summary>Shown as a difference by word.</summary>
    public bool IsProse => Field.Format == FieldFormat.Prose;

    /// <summary>Nothing to choose: both sides say the same.</summary>
    public bool IsAlreadyEqual => Case == MergeCase.Convergent;

    /// <summary>
    /// The branch has to say something: both changed it, or there is no default. A locked field leaves nothing to choose (table A1: take
    /// HQ's), even where the branch has a value of its own; then it <see cref="Overrides"/>.
    /// </summary>
    public bool NeedsChoice => !IsAlreadyEqual && !IsLocked && (IsConflict || Default is null);

    /// <summary>
    /// Accepting as it is preset puts HQ's value in place of one of the branch's own: a lock. Not to be done unseen. Whatever HQ did to
    /// its value: also where it went back to the one the branch was synced with.
    /// </summary>
    public bool Overrides => !IsAlreadyEqual && IsLocked && Default == MergeChoice.Hq && !ContentNode.Same(Yours, Base) && !ContentNode.Same(Yours, Hq);

    /// <summary>Nobody has to think about it: it waits for no choice and touches no edit of the branch.</summary>
    public bool IsSafe => !NeedsChoice && !Overrides;
}

/// <summary>HQ put a list into another order.</summary>
public sealed record ReviewOrder(string Path, string Label, MergeCase Case, MergeChoice Default, IReadOnlyList<string> Yours, IReadOnlyList<string> Hq)
{
    /// <summary>Both put it into another order.</summary>
    public bool NeedsChoice => Case == MergeCase.Conflict;
}

/// <summary>A value of the branch's own that the offered version leaves alone.</summary>
public sealed record KeptEdit(FieldInfo Field, ContentNode? Hq, ContentNode? Yours);

/// <summary>What one version changed, for the changelog.</summary>
public sealed record VersionNote(int Number, DateTimeOffset PublishedAt, string Summary, IReadOnlyList<FieldInfo> Changed);

/// <summary>The numbers above a review.</summary>
/// <param name="Changes">Rows that are not already equal, and reordered lists.</param>
/// <param name="NeedChoice">Rows and orders that wait for the branch's own choice: <see cref="ReviewRow.NeedsChoice"/>, <see cref="ReviewOrder.NeedsChoice"/>.</param>
/// <param name="AlreadyEqual">Rows where both sides say the same.</param>
/// <param name="KeptEdits">The branch's own values the version leaves alone.</param>
/// <param name="Mandatory">Rows with a deadline for new quotes.</param>
/// <param name="Overrides">Locked rows where the branch has a value of its own: <see cref="ReviewRow.Overrides"/>.</param>
public sealed record ReviewCounts(int Changes, int NeedChoice, int AlreadyEqual, int KeptEdits, int Mandatory, int Overrides)
{
    /// <summary>It can be accepted together with others, or by an agent: nothing waits for a choice and no edit of the branch is touched.</summary>
    public bool IsSafe => NeedChoice == 0 && Overrides == 0;
}

/// <summary>What would come of some decisions, complete or not.</summary>
/// <param name="Merged">The package as it would be; null when an entered value cannot even be read.</param>
/// <param name="Tree">The same as a tree.</param>
/// <param name="Missing">Rows that still need a choice.</param>
/// <param name="Problems">Everything that stands against accepting; empty when it can be accepted.</param>
public sealed record ReviewPreview(PackageContent? Merged, ContentObject Tree, IReadOnlyList<string> Missing, IReadOnlyList<Refusal> Problems);

/// <summary>One decision as it is remembered in the consent.</summary>
/// <param name="Decision">What was done.</param>
/// <param name="Explicit">The person chose it; false when the default on the screen was left as it was.</param>
/// <param name="Overrode">A value of the branch's own gave way to HQ's, which HQ locked.</param>
public sealed record TakenDecision(string Path, string Label, MergeCase Case, MergeDecision Decision, bool Explicit, bool Overrode);

/// <summary>A complete and allowed decision about a review.</summary>
/// <param name="Merged">The branch's next revision.</param>
/// <param name="Pointers">To be stored with it.</param>
/// <param name="Verdict"><see cref="OfferState.Accepted"/> when all of HQ's side was taken, else <see cref="OfferState.PartlyAccepted"/>.</param>
/// <param name="ChangesValues">False when the merged package equals the current revision: no new revision is needed.</param>
/// <param name="Taken">Every row, for the consent ledger.</param>
/// <param name="Orders">Every reordered list.</param>
public sealed record ReviewOutcome(PackageContent Merged, FieldPointers Pointers, OfferState Verdict, bool ChangesValues, IReadOnlyList<TakenDecision> Taken,
    IReadOnlyDictionary<string, MergeChoice> Orders);
