using System.Globalization;
using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>
/// The review of an update offer: what the screen shows and what accepting writes come out of this one pure computation, so
/// they cannot differ. <see cref="Digest"/> names it; accepting carries the digest that was on the screen.
/// </summary>
public sealed class UpdateReview
{
    private readonly ReviewRequest _request;
    private readonly MergeSides _sides;
    private readonly ContentObject _base;
    private readonly ContentObject _decided;
    private readonly FieldRules _rules;
    private readonly Dictionary<string, ReviewRow> _rowOf;

    private UpdateReview(ReviewRequest request, MergeSides sides, ContentObject @base, ContentObject decided, FieldRules rules, IReadOnlyList<ReviewRow> rows,
        IReadOnlyList<ReviewOrder> orders, Dictionary<string, ReviewRow> rowOf, IReadOnlyList<KeptEdit> kept, IReadOnlyList<VersionNote> changelog)
    {
        (_request, _sides, _base, _decided, _rules, _rowOf) = (request, sides, @base, decided, rules, rowOf);
        (Rows, Orders, Kept, Changelog) = (rows, orders, kept, changelog);
        Counts = new(rows.Count(r => !r.IsAlreadyEqual) + orders.Count, rows.Count(r => r.NeedsChoice) + orders.Count(o => o.NeedsChoice), rows.Count(r => r.IsAlreadyEqual), kept.Count,
            rows.Count(r => r.IsMandatory), rows.Count(r => r.Overrides));
        Digest = ComputeDigest();
    }

    public int Target => _request.Target;

    /// <summary>Everything offered, in HQ's document order.</summary>
    public IReadOnlyList<ReviewRow> Rows { get; }

    public IReadOnlyList<ReviewOrder> Orders { get; }

    /// <summary>The branch's own values that stay untouched.</summary>
    public IReadOnlyList<KeptEdit> Kept { get; }

    /// <summary>The versions folded into this offer, oldest first.</summary>
    public IReadOnlyList<VersionNote> Changelog { get; }

    public ReviewCounts Counts { get; }

    /// <summary>HQ's version as the branch would sell it, the branch's local fields kept.</summary>
    public ContentObject Hq => _sides.Hq;

    /// <summary>SHA-256 of everything the decision depends on, 64 lower-case hex digits.</summary>
    public string Digest { get; }

    public bool NothingOffered => Rows.Count == 0 && Orders.Count == 0;

    /// <summary>Computes the review.</summary>
    /// <returns>The review, or <c>refuse.package.price_missing</c> when HQ has no price in the branch's currency.</returns>
    /// <exception cref="ArgumentException">A version the pointers need is not among the given ones.</exception>
    public static Result<UpdateReview> Of(ReviewRequest request)
    {
        var versions = request.Versions.ToDictionary(v => v.Number);
        var projections = new Dictionary<int, ContentObject>();
        foreach (var number in request.Pointers.Versions.Append(request.Target).Distinct())
        {
            if (!versions.TryGetValue(number, out var version)) throw new ArgumentException($"Version {number} is missing.", nameof(request));
            if (!version.Content.ProjectTo(request.Branch.Currency).TryGet(out var projected, out var refusal)) return refusal;
            projections[number] = projected.ToTree();
        }

        var branch = request.Branch.ToTree();
        var rules = new FieldRules(versions[request.Target].Content.Rules, request.Today);
        var @base = request.Pointers.Base(Projection);
        var decided = request.Pointers.Decided(Projection);
        var sides = WithRules(new MergeSides(@base, decided, branch, projections[request.Target]), rules);
        // Without decisions the merge cannot be refused.
        var merge = ThreeWayMerge.Run(sides).Value;

        var history = new History([.. request.Versions.OrderBy(v => v.Number)], number => TryProjection(number));
        var rowOf = new Dictionary<string, ReviewRow>(StringComparer.Ordinal);
        var rows = Group(BuildRows(request, sides, @base, decided, rules, merge, history, rowOf), rowOf);
        var orders = merge.Orders.Select(o => new ReviewOrder(o.Path, FieldCatalogue.Describe(o.Path, sides.Hq, branch).Label, o.Case, o.Default, o.Branch, o.Hq)).ToArray();
        return new UpdateReview(request, sides, @base, decided, rules, rows, orders, rowOf, KeptEdits(sides, merge, rules), history.Changelog(request, rules));

        ContentObject Projection(int number) => projections[number];

        ContentObject? TryProjection(int number)
        {
            if (projections.TryGetValue(number, out var tree)) return tree;
            return versions.TryGetValue(number, out var version) && version.Content.ProjectTo(request.Branch.Currency).TryGet(out var projected, out _)
                ? projections[number] = projected.ToTree() : null;
        }
    }

    /// <summary>The paths of all lines, deliverables, instalments and clauses of a package, for <see cref="ReviewRequest.UsedByOpenQuotes"/>.</summary>
    public static IEnumerable<string> ElementsOf(PackageContent content)
    {
        foreach (var item in content.Items)
        {
            var at = TreePath.Of("/items", item.Id);
            yield return at;
            foreach (var deliverable in item.Deliverables) yield return TreePath.Of($"{at}/deliverables", deliverable.Id);
        }
        foreach (var instalment in content.DepositPlan) yield return TreePath.Of("/depositPlan", instalment.Id);
        foreach (var clause in content.Clauses) yield return TreePath.Of("/clauses", clause.Id);
    }

    /// <summary>The merged package under decisions that may be incomplete: undecided rows stay as the branch has them.</summary>
    /// <param name="decisions">By <see cref="ReviewRow.Path"/>; rows without one follow their default, groups move together.</param>
    public ReviewPreview Preview(MergeDecisions decisions)
    {
        var problems = new List<Refusal>();
        var complete = Complete(decisions, problems, out var missing, out _);
        var result = ThreeWayMerge.Run(_sides, complete);
        if (result.IsRefused)
        {
            problems.Add(result.Refusal);
            result = ThreeWayMerge.Run(_sides);
        }
        var tree = result.Value.Merged;
        var merged = PackageContent.Read(tree, problems);
        if (merged is not null) problems.AddRange(merged.Problems().Select(p => PackageRefusals.SemanticConflict.At(p.Path ?? "", p.Sentence)));
        if (missing.Count > 0) problems.Add(PackageRefusals.DecisionMissing.At(missing[0], missing.Count));
        return new(merged, tree, missing, problems);
    }

    /// <summary>
    /// The branch decides about everything offered. Refused, and nothing happens, with the first of:
    /// <c>refuse.package.preview_stale</c>, <c>decision_not_offered</c>, <c>decision_shape</c>, <c>decision_contradiction</c>,
    /// <c>group_split</c>, <c>field_locked</c>, <c>out_of_bounds</c>, <c>decision_missing</c>, <c>semantic_conflict</c>, or a
    /// shape refusal of an entered value.
    /// </summary>
    /// <param name="decisions">By <see cref="ReviewRow.Path"/>; rows without one follow the default that was shown.</param>
    /// <param name="digest">The <see cref="Digest"/> of the review the person looked at.</param>
    public Result<ReviewOutcome> Decide(MergeDecisions decisions, string digest)
    {
        if (digest != Digest) return PackageRefusals.PreviewStale;
        var problems = new List<Refusal>();
        var complete = Complete(decisions, problems, out var missing, out var chosen);
        if (problems.Count > 0) return problems[0];
        if (missing.Count > 0) return PackageRefusals.DecisionMissing.At(missing[0], missing.Count);
        if (!ThreeWayMerge.Run(_sides, complete).TryGet(out var result, out var refusal)) return refusal;
        if (!PackageContent.From(result.Merged).TryGet(out var merged, out refusal)) return refusal;
        if (merged.Problems() is [var problem, ..]) return PackageRefusals.SemanticConflict.At(problem.Path ?? "", problem.Sentence);

        var done = new Dictionary<string, MergeDecision>(StringComparer.Ordinal);
        foreach (var field in result.Fields)
        {
            if (field.Case != MergeCase.Convergent || field.Missing is null) done[_rowOf[field.Path].Path] = field.Taken!.Value;
        }
        var taken = Rows.Select(r => (Row: r, Done: done.GetValueOrDefault(r.Path, MergeDecision.Hq)))
            .Select(t => new TakenDecision(t.Row.Path, t.Row.Field.Label, t.Row.Case, t.Done, chosen.Contains(t.Row.Path), t.Row.Overrides && t.Done == MergeDecision.Hq)).ToArray();
        var all = result.Fields.All(f => f.Case == MergeCase.Convergent || f.Taken is { Choice: MergeChoice.Hq, Value: null } || (f.Taken is { Value: { } value } && ContentNode.Same(value, f.Hq)))
            && result.Orders.All(o => o.Case == MergeCase.Convergent || o.Taken == MergeChoice.Hq);
        return new ReviewOutcome(merged, _request.Pointers.After(_base, _decided, result, Target, IsLocked), all ? OfferState.Accepted : OfferState.PartlyAccepted,
            !ContentNode.Same(result.Merged, _sides.Branch), taken, result.Orders.ToDictionary(o => o.Path, o => o.Taken));
    }

    /// <summary>The pointers after the branch ignored the whole version: ruled on, nothing taken; locked fields stay pending.</summary>
    public FieldPointers Ignored()
    {
        var decline = new MergeDecisions(Rows.Where(r => !r.IsAlreadyEqual).ToDictionary(r => r.Path, _ => MergeDecision.Branch), Orders.ToDictionary(o => o.Path, _ => MergeChoice.Branch));
        return _request.Pointers.After(_base, _decided, ThreeWayMerge.Run(_sides, decline).Value, Target, IsLocked, ignored: true);
    }

    private bool IsLocked(string path) => _rowOf.TryGetValue(path, out var row) && row.IsLocked;

    /// <summary>
    /// Local fields are the branch's: HQ is taken to have the branch's value. A locked field is offered for as long as the branch
    /// has another value: it is taken to have been ruled on at that value.
    /// </summary>
    private static MergeSides WithRules(MergeSides sides, FieldRules rules)
    {
        var (b, s, l, h) = sides;
        foreach (var rule in rules.InForce)
        {
            if (rules.For(rule.Path) != rule || TreePath.Names(rule.Path) is not { Length: > 0 } names) continue;
            var mine = ContentTree.Find(l, rule.Path);
            if (rule.Mode == FieldMode.Local)
            {
                s = (ContentObject)ContentTree.Overlay(s, l, names);
                h = (ContentObject)ContentTree.Overlay(h, l, names);
            }
            else if (rule.Mode == FieldMode.Locked)
            {
                var hqs = ContentTree.Find(h, rule.Path);
                if (!ContentDiff.SameButOrder(mine, hqs) && ContentDiff.SameButOrder(ContentTree.Find(s, rule.Path), hqs)) s = (ContentObject)ContentTree.Overlay(s, l, names);
            }
        }
        return new(b, s, l, h);
    }

    private static List<ReviewRow> BuildRows(ReviewRequest request, MergeSides sides, ContentObject @base, ContentObject decided, FieldRules rules, MergeResult merge, History history,
        Dictionary<string, ReviewRow> rowOf)
    {
        var rows = new List<ReviewRow>();
        for (var i = 0; i < merge.Fields.Count; i++)
        {
            var first = merge.Fields[i];
            var members = new List<OfferedField> { first };
            if (first.Missing is not null)
            {
                while (i + 1 < merge.Fields.Count && merge.Fields[i + 1].Missing == first.Missing) members.Add(merge.Fields[++i]);
            }
            var row = Row(request, sides, @base, decided, rules, members, history);
            rows.Add(row);
            rowOf[row.Path] = row;
            foreach (var member in members) rowOf[member.Path] = row;
        }
        return rows;
    }

    private static ReviewRow Row(ReviewRequest request, MergeSides sides, ContentObject @base, ContentObject decided, FieldRules rules, List<OfferedField> members, History history)
    {
        // The weightiest member speaks for a node the branch does not have.
        var field = members.FirstOrDefault(m => m.Case != MergeCase.Convergent) ?? members[0];
        var path = field.Missing ?? field.Path;
        var (b, l, h) = field.Missing is null ? (field.Base, field.Branch, field.Hq)
            : (ContentTree.Find(sides.Base, path), ContentTree.Find(sides.Branch, path), ContentTree.Find(sides.Hq, path));
        var info = FieldCatalogue.Describe(path, sides.Hq, sides.Branch, sides.Base);
        var locked = field.Case == MergeCase.Convergent ? null : rules.LockAt(path);
        var used = h is null && (request.UsedByOpenQuotes?.Contains(path) ?? false);
        var preset = locked is not null ? MergeChoice.Hq
            : used && field.Case == MergeCase.HqRemovesUnchanged ? MergeChoice.Branch
            : field.Default;
        var ruled = ContentTree.Find(decided, path);
        var from = ContentTree.Find(@base, path);
        var (kind, isConflict) = (field.Case, field.IsConflict);
        if (kind == MergeCase.HqReturnedToOldValue && ContentNode.Same(ruled, h))
        {
            // HQ's value did not move: a lock is why a value of the branch's own is offered again.
            (kind, isConflict) = (h is null ? MergeCase.HqRemovesModified : l is null ? MergeCase.BranchRemovedHqChanges : MergeCase.Conflict, true);
        }
        return new(path, info, kind, isConflict, preset, b, l, h,
            from is null ? null : history.Since(path, from, request.Pointers.SyncedFrom(path)), history.Since(path, h, request.Target),
            ContentNode.Same(ruled, from) ? null : history.Since(path, ruled, request.Pointers.DecidedAt(path)),
            locked, rules.BoundsOf(path, sides.Hq), used,
            field.DuplicateOf is { } other ? FieldCatalogue.Describe(TreePath.Of(TreePath.Parent(path)!, other), sides.Branch).Label : null,
            field.Missing is null ? [] : [.. members.Select(m => new ContentChange(m.Path, m.Decided, m.Hq))]);
    }

    /// <summary>Gives the members of each group the worst default among them: no default, then the branch's side, then HQ's.</summary>
    private static List<ReviewRow> Group(List<ReviewRow> rows, Dictionary<string, ReviewRow> rowOf)
    {
        var groups = Enumerable.Range(0, rows.Count).Where(i => rows[i].Field.Group is not null && !rows[i].IsAlreadyEqual).GroupBy(i => rows[i].Field.Group!.Id);
        foreach (var group in groups.Select(g => g.ToArray()).Where(g => g.Length > 1))
        {
            var worst = group.Any(i => rows[i].Default is null) ? null : group.Any(i => rows[i].Default == MergeChoice.Branch) ? MergeChoice.Branch : (MergeChoice?)MergeChoice.Hq;
            foreach (var i in group)
            {
                if (rows[i].Default == worst) continue;
                var row = rows[i] = rows[i] with { Default = worst };
                rowOf[row.Path] = row;
                foreach (var change in row.Inside) rowOf[change.Path] = row;
            }
        }
        return rows;
    }

    private static KeptEdit[] KeptEdits(MergeSides sides, MergeResult merge, FieldRules rules)
    {
        var offered = merge.Fields.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        var around = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in offered)
        {
            for (var at = TreePath.Parent(path); at is { Length: > 0 } && around.Add(at); at = TreePath.Parent(at)) { }
        }
        return [.. ContentDiff.Between(sides.Hq, sides.Branch)
            .Where(c => !around.Contains(c.Path) && !IsOffered(c.Path))
            .Where(c => rules.ModeOf(c.Path) != FieldMode.Local)
            .Select(c => new KeptEdit(FieldCatalogue.Describe(c.Path, sides.Branch, sides.Hq), c.Before, c.After))];

        bool IsOffered(string path)
        {
            for (var at = path; at is { Length: > 0 }; at = TreePath.Parent(at))
            {
                if (offered.Contains(at)) return true;
            }
            return false;
        }
    }

    /// <summary>A decision for every row: the person's, else the one of its group, else the default.</summary>
    private MergeDecisions Complete(MergeDecisions decisions, List<Refusal> problems, out List<string> missing, out HashSet<string> chosen)
    {
        missing = [];
        chosen = new(StringComparer.Ordinal);
        var said = new Dictionary<string, MergeDecision>(StringComparer.Ordinal);
        foreach (var (path, decision) in decisions.Fields.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            if (!_rowOf.TryGetValue(path, out var row))
            {
                problems.Add(PackageRefusals.DecisionNotOffered.At(path));
                continue;
            }
            chosen.Add(row.Path);
            if (path != row.Path)
            {
                // Said about something inside a node the branch lacks: the merge knows what it means, the rules hold there as anywhere.
                said[path] = decision;
                if (decision.Value is { } inside && _rules.CheckValue(path, inside, _sides.Hq, FieldCatalogue.Describe(path, _sides.Hq, _sides.Branch).Label) is { } no) problems.Add(no);
                continue;
            }
            said[path] = decision;
            if (decision.Value is { } entered && _rules.CheckValue(path, entered, _sides.Hq, row.Field.Label) is { } refusal) problems.Add(refusal);
        }

        foreach (var group in Rows.Where(r => r.Field.Group is not null && !r.IsAlreadyEqual).GroupBy(r => r.Field.Group!.Id))
        {
            // An entered value takes neither side, so it goes with both.
            var sides = group.Where(r => said.TryGetValue(r.Path, out var d) && d.Value is null).Select(r => said[r.Path].Choice).Distinct().ToArray();
            if (sides.Length > 1) problems.Add(PackageRefusals.GroupSplit.At(group.First().Path, group.First().Field.Group!.Title));
            if (sides.Length != 1) continue;
            foreach (var row in group) said.TryAdd(row.Path, MergeDecision.Of(sides[0]));
        }

        foreach (var row in Rows)
        {
            if (said.ContainsKey(row.Path) || row.Inside.Any(c => said.ContainsKey(c.Path))) continue;
            if (row.IsAlreadyEqual) continue;
            if (row.Default is { } preset) said[row.Path] = MergeDecision.Of(preset);
            else missing.Add(row.Path);
        }
        return new(said, decisions.Orders);
    }

    private string ComputeDigest()
    {
        var rows = new JsonArray();
        foreach (var row in Rows)
        {
            rows.Add(new JsonObject
            {
                ["path"] = row.Path,
                ["case"] = row.Case.ToString(),
                ["default"] = row.Default?.ToString(),
                ["lock"] = row.Lock?.Id,
                ["mandatory_by"] = row.Lock?.MandatoryBy?.ToString("O", CultureInfo.InvariantCulture),
                ["used"] = row.UsedByOpenQuotes,
                ["lowest"] = row.Bounds?.Lowest is { } low ? ContentWords.Plain(low) : null,
                ["highest"] = row.Bounds?.Highest is { } high ? ContentWords.Plain(high) : null,
            });
        }
        var facts = new JsonObject();
        foreach (var (name, number) in (_request.Facts ?? new Dictionary<string, long>()).OrderBy(f => f.Key, StringComparer.Ordinal)) facts[name] = number.ToString(CultureInfo.InvariantCulture);
        return CanonicalJson.Sha256(new JsonObject
        {
            ["template"] = _request.Template.ToString(),
            ["target"] = Target,
            ["target_hash"] = _request.Versions.First(v => v.Number == Target).Hash,
            ["branch_hash"] = _request.BranchHash,
            ["pointers"] = _request.Pointers.ToJsonNode(),
            ["rows"] = rows,
            ["orders"] = new JsonArray([.. Orders.Select(o => new JsonObject { ["path"] = o.Path, ["default"] = o.Default.ToString() })]),
            ["facts"] = facts,
        });
    }

    /// <summary>HQ's versions in order, to say since when a value stands.</summary>
    private sealed class History(PublishedVersion[] versions, Func<int, ContentObject?> projection)
    {
        /// <summary>The version that brought the value the given one has, or took it away where it has none.</summary>
        public VersionMark? Since(string path, ContentNode? value, int version)
        {
            var at = Array.FindIndex(versions, v => v.Number == version);
            if (at < 0) return null;
            while (at > 0 && versions[at - 1].Number == versions[at].Number - 1 && projection(versions[at - 1].Number) is { } before && ContentNode.Same(ContentTree.Find(before, path), value)) at--;
            return new(versions[at].Number, versions[at].PublishedAt);
        }

        public VersionNote[] Changelog(ReviewRequest request, FieldRules rules)
        {
            var notes = new List<VersionNote>();
            foreach (var version in versions.Where(v => v.Number > request.Pointers.DefaultDecidedAt && v.Number <= request.Target))
            {
                var changed = projection(version.Number - 1) is { } before && projection(version.Number) is { } after
                    ? ContentDiff.Between(before, after).Where(c => rules.ModeOf(c.Path) != FieldMode.Local).Select(c => FieldCatalogue.Describe(c.Path, after, before)).ToArray()
                    : [];
                notes.Add(new(version.Number, version.PublishedAt, version.Summary, changed));
            }
            return [.. notes];
        }
    }
}
