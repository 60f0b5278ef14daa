using StudioVault.Domain.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>The laws under features table A1, on random trees and histories.</summary>
public sealed class MergeLawsTests
{
    [Fact]
    public void Where_HQ_changed_nothing_the_branch_stays_as_it_is_to_the_byte() => TreeScenario.Holds(TreeScenario.Fresh, s =>
        Json(Run(new(s.Base, s.Branch, s.Base)).Merged) == Json(s.Branch) && Run(new(s.Base, s.Branch, Reread(s.Base))).NothingOffered);

    [Fact]
    public void Where_HQ_came_back_to_the_base_the_branch_stays_as_it_is() => TreeScenario.Holds(TreeScenario.Remembering, s =>
        ContentNode.Same(Run(new(s.Base, s.Decided, s.Branch, Reread(s.Base))).Merged, s.Branch) || OrderOnly(s));

    [Fact]
    public void Where_the_branch_changed_nothing_it_becomes_HQs_the_order_of_lists_included() => TreeScenario.Holds(TreeScenario.Fresh, s =>
    {
        var result = Run(new(s.Base, Reread(s.Base), s.Hq), mayDuplicate: true);
        return ContentNode.Same(result.Merged, s.Hq) && !result.Conflicts.Any();
    });

    [Fact]
    public void Two_equal_edits_never_conflict() => TreeScenario.Holds(TreeScenario.Fresh, s =>
    {
        var result = Run(new(s.Base, s.Hq, Reread(s.Hq)));
        return ContentNode.Same(result.Merged, s.Hq) && result.Fields.All(f => f.Case == MergeCase.Convergent) && result.Orders.All(o => o.Case == MergeCase.Convergent);
    });

    [Fact]
    public void Accepting_everything_gives_HQs_values_at_every_offered_path_and_then_nothing_is_offered() => TreeScenario.Holds(TreeScenario.Remembering, s =>
    {
        var offered = Run(s.Sides);
        var result = Run(s.Sides, All(offered, MergeChoice.Hq));
        return offered.Fields.All(f => ContentNode.Same(ContentTree.Find(result.Merged, f.Path), f.Hq))
            && Run(new(s.Hq, s.Hq, result.Merged, Reread(s.Hq))).NothingOffered;
    });

    [Fact]
    public void Declining_everything_leaves_the_branch_as_it_is_to_the_byte_and_then_nothing_is_offered() => TreeScenario.Holds(TreeScenario.Remembering, s =>
    {
        var result = Run(s.Sides, All(Run(s.Sides), MergeChoice.Branch));
        return Json(result.Merged) == Json(s.Branch) && Run(new(s.Base, s.Hq, result.Merged, Reread(s.Hq))).NothingOffered;
    });

    [Fact]
    public void A_field_that_is_not_offered_keeps_the_branchs_value() => TreeScenario.Holds(TreeScenario.Remembering, s =>
    {
        foreach (var choice in new[] { MergeChoice.Hq, MergeChoice.Branch })
        {
            var offered = Run(s.Sides);
            var merged = Run(s.Sides, All(offered, choice)).Merged;
            var touched = offered.Fields.Select(f => f.Missing ?? f.Path).ToArray();
            bool Untouched(string path) => !touched.Any(t => TreePath.Covers(t, path) || TreePath.Covers(path, t));
            var kept = TreeScenario.Nodes(s.Branch).Where(n => n.Node is ContentValue && Untouched(n.Path));
            if (!kept.All(n => ContentNode.Same(ContentTree.Find(merged, n.Path), n.Node))) return false;
            var news = TreeScenario.Nodes(merged).Where(n => n.Node is ContentValue && Untouched(n.Path));
            if (!news.All(n => ContentNode.Same(ContentTree.Find(s.Branch, n.Path), n.Node))) return false;
        }
        return true;
    });

    [Fact]
    public void By_default_a_value_the_branch_has_otherwise_than_it_was_synced_stays() => TreeScenario.Holds(TreeScenario.Remembering, s =>
        new[] { false, true }.All(mayDuplicate => ContentDiff.Between(s.Branch, Run(s.Sides, mayDuplicate: mayDuplicate).Merged)
            .All(c => ContentNode.Same(c.Before, Plainly.Synced(c.Path, s.Base, s.Branch)))));

    [Fact]
    public void Offered_and_conflicts_are_what_their_definition_says() => TreeScenario.Holds(TreeScenario.Fresh, s =>
    {
        var result = Run(s.Sides);
        var expected = Plainly.Offered(s.Base, s.Hq).Order(StringComparer.Ordinal).ToArray();
        var conflicts = expected.Where(p => Plainly.IsConflict(p, s.Base, s.Branch, s.Hq));
        return result.Fields.Select(f => f.Path).Order(StringComparer.Ordinal).SequenceEqual(expected)
            && result.Conflicts.Select(f => f.Path).Order(StringComparer.Ordinal).SequenceEqual(conflicts);
    });

    [Fact]
    public void Each_field_is_decided_on_its_own() => TreeScenario.Holds(TreeScenario.Remembering, s =>
    {
        // One field the other way than its default: exactly that field differs, where it stands free of others.
        var standard = Run(s.Sides, mayDuplicate: true);
        foreach (var field in standard.Fields.Where(f => f.Missing is null && f.Case != MergeCase.Convergent))
        {
            var other = field.Taken!.Value.Choice == MergeChoice.Hq ? MergeDecision.Branch : MergeDecision.Hq;
            var changes = ContentDiff.Between(standard.Merged, Run(s.Sides, MergeDecisions.Of((field.Path, other)), mayDuplicate: true).Merged);
            if (changes.Any(c => !TreePath.Covers(field.Path, c.Path) && !TreePath.Covers(c.Path, field.Path))) return false;
        }
        return true;
    }, cases: 300);

    [Fact]
    public void The_same_input_gives_the_same_answer_however_it_was_read() => TreeScenario.Holds(TreeScenario.Remembering, s =>
    {
        var (a, b) = (Run(s.Sides), Run(new(Reread(s.Base), Reread(s.Decided), Reread(s.Branch), Reread(s.Hq))));
        return Json(a.Merged) == Json(b.Merged) && a.Fields.Select(f => (f.Path, f.Case, f.Default)).SequenceEqual(b.Fields.Select(f => (f.Path, f.Case, f.Default)));
    });

    [Fact]
    public void What_is_merged_can_be_read_again() => TreeScenario.Holds(TreeScenario.Remembering, s =>
    {
        var merged = Run(s.Sides, mayDuplicate: true).Merged;
        return ContentTree.Parse(ContentTree.ToUtf8(merged)).TryGet(out var again, out _) && ContentNode.Same(merged, again);
    });

    private static MergeResult Run(MergeSides sides, MergeDecisions? decisions = null, bool mayDuplicate = false)
    {
        var result = ThreeWayMerge.Run(sides, decisions, mayDuplicate);
        return result.IsRefused ? throw new InvalidOperationException(result.Refusal.ToString()) : result.Value;
    }

    private static MergeDecisions All(MergeResult offered, MergeChoice choice) =>
        new(offered.Fields.ToDictionary(f => f.Path, _ => MergeDecision.Of(choice)), offered.Orders.ToDictionary(o => o.Path, _ => choice));

    private static string Json(ContentNode node) => ContentTree.ToJson(node);

    private static ContentObject Reread(ContentObject tree) => ContentTree.Parse(ContentTree.ToUtf8(tree)).Value;

    // Going back to the base's order is a move of HQ's against what was decided, and offered as one.
    private static bool OrderOnly(TreeScenario s) => ContentDiff.Reordered(s.Decided, s.Base).Count > 0;

    /// <summary>The words of the specification as directly as they can be coded, without the product's walk.</summary>
    private static class Plainly
    {
        public static IEnumerable<string> Offered(ContentObject before, ContentObject after)
        {
            var (old, now) = (Map(before), Map(after));
            foreach (var path in old.Keys.Union(now.Keys))
            {
                var parent = TreePath.Parent(path)!;
                // The highest node that was added, removed or replaced: everything above it is the same kind of container on both sides.
                var above = parent;
                var whole = false;
                while (above.Length > 0 && !whole)
                {
                    whole = !(old.TryGetValue(above, out var a) && now.TryGetValue(above, out var b) && SameContainer(a, b));
                    above = TreePath.Parent(above)!;
                }
                if (whole) continue;
                var (was, isNow) = (old.GetValueOrDefault(path), now.GetValueOrDefault(path));
                if (was is not null && isNow is not null && SameContainer(was, isNow)) continue;
                if (!ContentNode.Same(was, isNow)) yield return path;
            }
        }

        public static bool IsConflict(string path, ContentObject b, ContentObject l, ContentObject h)
        {
            var (mine, hqs) = (ContentTree.Find(l, path), ContentTree.Find(h, path));
            if (ContentNode.Same(mine, hqs)) return false;
            // The branch removed or replaced something on the way: it changed that too.
            for (var at = TreePath.Parent(path)!; at.Length > 0; at = TreePath.Parent(at)!)
            {
                var container = ContentTree.Find(l, at);
                if (container is null || !SameContainer(container, ContentTree.Find(h, at)!)) return true;
            }
            return !ContentNode.Same(mine, ContentTree.Find(b, path));
        }

        /// <summary>What the base has in the branch's place: nothing, where a container on the way is of another kind in the two.</summary>
        public static ContentNode? Synced(string path, ContentObject b, ContentObject l)
        {
            for (var at = TreePath.Parent(path)!; at.Length > 0; at = TreePath.Parent(at)!)
                if (!(ContentTree.Find(b, at) is { } was && ContentTree.Find(l, at) is { } mine && SameContainer(was, mine))) return null;
            return ContentTree.Find(b, path);
        }

        private static Dictionary<string, ContentNode> Map(ContentObject tree) => TreeScenario.Nodes(tree).ToDictionary(n => n.Path, n => n.Node);

        private static bool SameContainer(ContentNode a, ContentNode b) => (a is ContentObject && b is ContentObject) || (a is ContentList && b is ContentList);
    }
}
