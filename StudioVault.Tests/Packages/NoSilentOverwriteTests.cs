using FsCheck;
using FsCheck.Fluent;
using StudioVault.Domain.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>
/// Features row 1.16: HQ publishes, locks and recalls, branches edit, accept, accept in part or as proposed, ignore, go back and undo,
/// at random. Whatever happens, a field of a branch changes only by an action of that branch, and only where that action said so.
/// </summary>
public sealed class NoSilentOverwriteTests
{
    private const int Branches = 3;

    [Fact]
    public void A_field_of_a_branch_changes_only_through_an_action_of_that_branch()
    {
        var seen = new Seen();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(250).WithEndSize(40),
            Prop.ForAll(Histories, steps =>
            {
                var world = new World(seen);
                foreach (var step in steps) world.Take(step);
            }));
        // Histories in which nothing of a branch's own was ever at stake would show nothing.
        Assert.True(seen is { Kept: > 0, Overridden: > 0 }, $"{seen.Kept} own values kept by default, {seen.Overridden} replaced by a lock");
    }

    private static readonly Arbitrary<Step[]> Histories = Arb.From(
        from count in Gen.Choose(1, 30)
        from steps in Gen.ArrayOf(
            from act in Gen.Choose(0, 99)
            from branch in Gen.Choose(0, Branches - 1)
            from pick in Gen.Choose(0, 9_999)
            select new Step(act, branch, pick), count)
        select steps,
        steps => Enumerable.Range(0, steps.Length).Select(i => steps.Where((_, j) => j != i).ToArray()));

    private sealed record Step(int Act, int Branch, int Pick);

    /// <summary>What accepting as proposed met, over all histories.</summary>
    private sealed class Seen
    {
        public int Kept { get; set; }
        public int Overridden { get; set; }
    }

    /// <summary>The model: HQ's versions, and per branch the values it should have, kept by the simplest means.</summary>
    private sealed class World
    {
        private readonly Seen _seen;

        private static readonly string[] Paths =
        [
            "/description", "/turnaroundDays", "/travel/radiusKm", "/gallery/originalsDays", "/clauses/cancellation/body", "/clauses/rescheduling/body",
            "/items/album/unitPrice", "/items/album/title", "/items/album/quantity", "/items/coverage/unitPrice", "/items/coverage/deliverables/edited/quantity",
        ];

        private readonly List<PublishedVersion> _versions = [];
        private readonly HashSet<int> _yanked = [];
        private readonly Own[] _branches;
        private readonly TemplateId _template = TemplateId.New();

        public World(Seen seen)
        {
            _seen = seen;
            Publish(PackageStory.Tree(PackageStory.Classic));
            _branches = [.. Enumerable.Range(0, Branches).Select(_ => new Own(_versions[0].Content.ProjectTo("EUR").Value))];
        }

        public void Take(Step step)
        {
            var before = _branches.Select(b => b.Content.ToTree()).ToArray();
            var allowed = Do(step, _branches[step.Branch]);
            for (var i = 0; i < Branches; i++)
            {
                var changes = ContentDiff.Between(before[i], _branches[i].Content.ToTree());
                if (i != step.Branch) Assert.Empty(changes);
                else Assert.All(changes, c => Assert.True(allowed(c), $"{c.Path} changed by {step}"));
                Assert.Empty(_branches[i].Content.Problems());
            }
        }

        /// <summary>Does the step; answers which changes to the branch's values it gave leave for.</summary>
        private Func<ContentChange, bool> Do(Step step, Own own)
        {
            switch (step.Act)
            {
                case < 30:
                    Publish(Edited(_versions[^1].Content.ToTree(), step.Pick, hq: true));
                    return Nothing;
                case < 35:
                    if (_versions.Count > 1) _yanked.Add(_versions.Count);
                    return Nothing;
                case < 50:
                    {
                        var wanted = Edited(own.Content.ToTree(), step.Pick, hq: false);
                        var (rules, hq) = Ruling(own);
                        if (rules.CheckEdit(own.Content.ToTree(), wanted, hq).Count > 0) return Nothing;
                        var meant = ContentDiff.Between(own.Content.ToTree(), wanted).Select(c => c.Path).ToHashSet();
                        own.Revise(PackageContent.From(wanted).Value, own.Pointers);
                        own.Ruled = null;
                        return c => meant.Contains(c.Path);
                    }
                case < 58:
                    {
                        var (content, pointers) = own.Revisions[step.Pick % own.Revisions.Count];
                        var (rules, hq) = Ruling(own);
                        var (wanted, kept) = rules.Within(own.Content.ToTree(), content.ToTree(), hq);
                        if (!PackageContent.From(wanted).TryGet(out var back, out _) || back.Problems().Count > 0) return Nothing;
                        own.Revise(back, own.Pointers.BackTo(pointers, kept.Select(k => k.Path)));
                        own.Ruled = null;
                        return c => ContentNode.Same(c.After, ContentTree.Find(content.ToTree(), c.Path));
                    }
                case < 66:
                    {
                        if (Review(own) is { } review)
                        {
                            own.Ruled = new(review.Target, own.Content, own.Pointers, review.Digest);
                            own.Remember(review.Ignored());
                        }
                        Assert.True(Review(own) is null or { NothingOffered: true });
                        return Nothing;
                    }
                case < 74:
                    return Undo(own);
                case < 90:
                    return Review(own) is { NothingOffered: false } offer ? Accept(own, offer, step.Pick, all: step.Act < 82) : Nothing;
                default:
                    return Review(own) is { NothingOffered: false } proposed ? AcceptAsProposed(own, proposed) : Nothing;
            }
        }

        private static bool Nothing(ContentChange _) => false;

        /// <summary>Takes the last decision back where nothing was built on it: the branch is asked exactly what it was asked then.</summary>
        private Func<ContentChange, bool> Undo(Own own)
        {
            if (own.Ruled is not { } ruled || ruled.Target != _versions.Count || _yanked.Contains(ruled.Target)) return Nothing;
            if (ContentNode.Same(ruled.Content.ToTree(), own.Content.ToTree())) own.Remember(ruled.Pointers);
            else own.Revise(ruled.Content, ruled.Pointers);
            own.Ruled = null;
            Assert.Equal(ruled.Digest, Review(own)?.Digest);
            return c => ContentNode.Same(c.After, ContentTree.Find(ruled.Content.ToTree(), c.Path));
        }

        private Func<ContentChange, bool> Accept(Own own, UpdateReview review, int pick, bool all)
        {
            // One choice per group; the rest of the bits of the random number choose the sides.
            var decisions = new Dictionary<string, MergeDecision>();
            var i = 0;
            foreach (var group in review.Rows.GroupBy(r => r.Field.Group?.Id ?? r.Path))
            {
                var side = all || (pick >> i++ % 13 & 1) == 0 ? MergeDecision.Hq : MergeDecision.Branch;
                foreach (var row in group.Where(r => !r.IsAlreadyEqual)) decisions[row.Path] = side;
            }
            var before = own.Content.ToTree();
            var result = review.Decide(new(decisions, new Dictionary<string, MergeChoice>()), review.Digest);
            if (result.IsRefused)
            {
                // Only an invariant of the mixture may stand in the way, and then nothing is written.
                Assert.Equal("refuse.package.semantic_conflict", result.Refusal.Code);
                return Nothing;
            }
            var outcome = result.Value;
            own.Ruled = new(review.Target, own.Content, own.Pointers, review.Digest);
            own.Revise(outcome.Merged, outcome.Pointers);
            foreach (var row in review.Rows)
            {
                var expected = decisions.TryGetValue(row.Path, out var decided) && decided.Choice == MergeChoice.Branch ? row.Yours : row.Hq;
                Assert.True(ContentNode.Same(expected, ContentTree.Find(outcome.Merged.ToTree(), row.Path)), row.Path);
            }
            Assert.True(Review(own) is null or { NothingOffered: true });
            return change => decisions.Any(d => d.Value.Choice == MergeChoice.Hq && (TreePath.Covers(d.Key, change.Path) || TreePath.Covers(change.Path, d.Key)));
        }

        /// <summary>
        /// Everything is left as it stands on the screen: a value the branch has otherwise than HQ gave it changes only where HQ holds it,
        /// by a rule the offer shows, and then the offer is not called safe.
        /// </summary>
        private Func<ContentChange, bool> AcceptAsProposed(Own own, UpdateReview review)
        {
            // What has no default stays out: whatever changes, changes by a default.
            var decisions = MergeDecisions.Of(review.Rows.Where(r => r is { IsAlreadyEqual: false, Default: null }).Select(r => (r.Path, MergeDecision.Branch)));
            var (before, given) = (own.Content.ToTree(), own.Pointers.Base(Projected));
            var rules = new FieldRules(_versions[review.Target - 1].Content.Rules, PackageStory.Day);
            if (!review.Decide(decisions, review.Digest).TryGet(out var outcome, out var refusal))
            {
                Assert.Equal("refuse.package.semantic_conflict", refusal.Code);
                return Nothing;
            }

            own.Ruled = new(review.Target, own.Content, own.Pointers, review.Digest);
            own.Revise(outcome.Merged, outcome.Pointers);
            var after = outcome.Merged.ToTree();
            foreach (var change in ContentDiff.Between(before, after))
            {
                if (ContentNode.Same(change.Before, ContentTree.Find(given, change.Path))) continue;
                Assert.True(rules.LockAt(change.Path) is not null, $"{change.Path} is the branch's own, and no lock takes it");
                Assert.Contains(review.Rows, r => r.Overrides && (TreePath.Covers(r.Path, change.Path) || TreePath.Covers(change.Path, r.Path)));
                Assert.Contains(outcome.Taken, t => t.Overrode && (TreePath.Covers(t.Path, change.Path) || TreePath.Covers(change.Path, t.Path)));
                Assert.False(review.Counts.IsSafe);
                _seen.Overridden++;
            }

            // The order of a list is the branch's own where it put it into another one.
            Assert.All(ContentDiff.Reordered(before, after), path => Assert.DoesNotContain(path, ContentDiff.Reordered(given, before)));
            _seen.Kept += review.Rows.Count(r => r is { IsConflict: true, IsLocked: false } && ContentNode.Same(r.Yours, ContentTree.Find(after, r.Path)));
            return _ => true;
        }

        /// <summary>The rules that hold a branch's own hand: of the newest version it ruled on that HQ did not call back.</summary>
        private (FieldRules Rules, ContentObject Hq) Ruling(Own own)
        {
            var version = _versions.Last(v => v.Number <= own.Pointers.DefaultDecidedAt && !_yanked.Contains(v.Number));
            return (new FieldRules(version.Content.Rules, PackageStory.Day), Projected(version.Number));
        }

        private ContentObject Projected(int version) => _versions[version - 1].Content.ProjectTo("EUR").Value.ToTree();

        /// <summary>The review of the newest version that was not recalled, or null when the branch has ruled on it.</summary>
        private UpdateReview? Review(Own own)
        {
            var target = _versions.LastOrDefault(v => !_yanked.Contains(v.Number))!.Number;
            return target <= own.Pointers.DefaultDecidedAt ? null
                : UpdateReview.Of(new(_template, _versions, target, own.Pointers, own.Content, own.Content.Hash(), PackageStory.Day)).Value;
        }

        private void Publish(ContentObject content)
        {
            if (TemplateContent.From(content).Value is var typed && typed.Problems().Count == 0)
                _versions.Add(new(_versions.Count + 1, DateTimeOffset.UnixEpoch.AddDays(_versions.Count), "", typed.Hash(), typed));
        }

        private static ContentObject Edited(ContentObject tree, int pick, bool hq)
        {
            var path = Paths[pick % Paths.Length];
            var value = pick / Paths.Length;
            var next = (value % 8) switch
            {
                0 => ContentTree.With(tree, "/items/extra", Line("extra", value, hq)),
                1 => ContentTree.With(tree, value % 16 == 1 ? "/items/album" : "/items/extra", null),
                2 => ContentTree.With(tree, "/items/album", Line("album", value, hq)),
                3 => Plan(tree, 10 + value % 4 * 10),
                6 when hq => Lock(tree, pick % Paths.Length),
                4 when tree.Find("items") is ContentList { Count: > 1 } items => ContentTree.With(tree, "/items", ContentList.Of([.. items.Elements.Skip(1), items.Elements.First()])),
                _ => path.EndsWith("unitPrice", StringComparison.Ordinal) && hq ? ContentTree.With(tree, $"{path}/EUR", ContentValue.String($"{1 + value % 5}00.00"))
                    : path.EndsWith("unitPrice", StringComparison.Ordinal) ? ContentTree.With(tree, path, ContentValue.String($"{1 + value % 5}00.00"))
                    : path.EndsWith("body", StringComparison.Ordinal) || path.EndsWith("title", StringComparison.Ordinal) || path == "/description" ? ContentTree.With(tree, path, ContentValue.String($"Wording {value % 4}"))
                    : ContentTree.With(tree, path, ContentValue.Number(30L + value % 4)),
            };
            return next ?? tree;
        }

        /// <summary>HQ holds a field from now on, or holds it no more.</summary>
        private static ContentObject? Lock(ContentObject tree, int which) => ContentTree.With(tree, $"/rules/lock-{which}",
            ContentTree.Find(tree, $"/rules/lock-{which}") is null ? PackageStory.Node($$"""{"id":"lock-{{which}}","path":"{{Paths[which]}}","mode":"locked","basis":"Law"}""") : null);

        private static ContentObject Plan(ContentObject tree, int booking) =>
            ContentTree.With(ContentTree.With(tree, "/depositPlan/booking/percent", ContentValue.String($"{booking}"))!, "/depositPlan/balance/percent", ContentValue.String($"{100 - booking}"))!;

        private static ContentNode Line(string id, int value, bool hq) => PackageStory.Node($$"""
            {"id":"{{id}}","title":"Line {{id}}","kind":"product","quantity":{{1 + value % 3}},"unitPrice":{{(hq ? """{"EUR":"90.00"}""" : "\"95.00\"")}},"inclusion":"add_on","deliverables":[]}
            """);
    }

    /// <summary>A decision, with how the branch stood before it.</summary>
    private sealed record Ruling(int Target, PackageContent Content, FieldPointers Pointers, string Digest);

    private sealed class Own
    {
        public Own(PackageContent adopted)
        {
            (Content, Pointers) = (adopted, FieldPointers.At(1));
            Revisions.Add((Content, Pointers));
        }

        public List<(PackageContent Content, FieldPointers Pointers)> Revisions { get; } = [];

        public PackageContent Content { get; private set; }

        public FieldPointers Pointers { get; private set; }

        /// <summary>Its last decision, while nothing came after it.</summary>
        public Ruling? Ruled { get; set; }

        public void Remember(FieldPointers pointers) => Pointers = pointers;

        public void Revise(PackageContent content, FieldPointers pointers)
        {
            (Content, Pointers) = (content, FieldPointers.Parse(pointers.ToJson()));
            Revisions.Add((Content, Pointers));
        }
    }
}
