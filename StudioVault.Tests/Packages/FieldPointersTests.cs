using StudioVault.Domain.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>The memory per field, on random trees: version 1 is a scenario's base, 2 its decided, 3 its HQ tree.</summary>
public sealed class FieldPointersTests
{
    [Fact]
    public void Taken_fields_are_synced_with_the_new_version_and_declined_ones_stay_with_theirs() => TreeScenario.Holds(TreeScenario.Remembering, s =>
    {
        var life = new Life(s);
        foreach (var version in new[] { 2, 3 })
        {
            var (before, offered) = (life.Base, life.Offered(version));
            var decisions = Mixed(offered, version);
            life.Decide(version, decisions);
            if (!ContentNode.Same(life.Decided, life.Version(version)) || !IsInStep(before, life.Base, life.Version(version), offered, decisions)) return false;
        }
        return true;
    });

    [Fact]
    public void Deciding_again_about_the_same_version_offers_nothing_and_changes_no_pointer() => TreeScenario.Holds(TreeScenario.Remembering, s =>
    {
        var life = new Life(s);
        life.Decide(3, Mixed(life.Offered(3), 1));
        var json = life.Pointers.ToJson();
        if (!life.Offered(3).NothingOffered) return false;
        life.Decide(3, MergeDecisions.None);
        return life.Pointers.ToJson() == json;
    });

    [Fact]
    public void Ignoring_one_version_after_the_other_is_ignoring_both_at_once() => TreeScenario.Holds(TreeScenario.Remembering, s => DeclinedTwiceOrOnce(s, ignored: true));

    [Fact]
    public void Declining_all_of_one_version_after_the_other_is_declining_both_at_once() => TreeScenario.Holds(TreeScenario.Remembering, s => DeclinedTwiceOrOnce(s, ignored: false));

    [Fact]
    public void Accepting_one_version_after_the_other_leaves_the_branch_synced_with_the_last() => TreeScenario.Holds(TreeScenario.Remembering, s =>
    {
        var life = new Life(s);
        foreach (var version in new[] { 2, 3 }) life.Decide(version, All(life.Offered(version), MergeChoice.Hq));
        return ContentNode.Same(life.Base, s.Hq) && life.Pointers.Exceptions.Count == 0;
    });

    [Fact]
    public void Going_back_restores_where_the_values_came_from_and_the_next_decision_keeps_it() => TreeScenario.Holds(TreeScenario.Remembering, s =>
    {
        var life = new Life(s);
        var (was, from) = (life.Pointers, life.Base);
        life.Decide(2, All(life.Offered(2), MergeChoice.Hq));
        life.Back(was, s.Branch);
        if (!ContentNode.Same(life.Base, from) || !ContentNode.Same(life.Decided, s.Decided)) return false;
        var offered = life.Offered(3);
        life.Decide(3, All(offered, MergeChoice.Branch));
        return IsInStep(from, life.Base, s.Hq, offered, All(offered, MergeChoice.Branch));
    });

    [Fact]
    public void Pointers_survive_their_stored_form() => TreeScenario.Holds(TreeScenario.Remembering, s =>
    {
        var life = new Life(s);
        foreach (var version in new[] { 2, 3 }) life.Decide(version, Mixed(life.Offered(version), version));
        return FieldPointers.Parse(life.Pointers.ToJson()).ToJson() == life.Pointers.ToJson();
    });

    [Fact]
    public void The_stored_form_is_a_default_and_its_exceptions()
    {
        var story = new PackageStory().Publish(("/items/album/unitPrice/EUR", "\"495.00\""), ("/turnaroundDays", "40"));
        story.Accept(("/items/album/unitPrice", MergeDecision.Branch));
        Assert.Equal("""{"default":{"synced_from":2,"decided_at":2,"stands_on":2},"fields":{"/items/album/unitPrice":{"synced_from":1}},"orders":{}}""", story.Pointers.ToJson());
        Assert.Equal([1, 2], story.Pointers.Versions);
    }

    [Fact]
    public void Stands_on_is_the_newest_version_something_was_taken_of()
    {
        var story = new PackageStory().Publish(("/turnaroundDays", "40"));
        story.Accept();
        Assert.Equal(2, story.Pointers.StandsOn);
        story.Publish(("/turnaroundDays", "38")).Ignore();
        Assert.Equal((2, 3), (story.Pointers.StandsOn, story.Pointers.DefaultDecidedAt));
        story.Publish(("/travel/radiusKm", "60"));
        story.Accept(("/travel/radiusKm", MergeDecision.Branch));
        Assert.Equal(2, story.Pointers.StandsOn);
        story.Publish(("/description", "\"Another.\""));
        story.Accept();
        Assert.Equal(5, story.Pointers.StandsOn);
        Assert.Equal(1, story.RevertTo(1).Pointers.StandsOn);
        // Stored before it was remembered: the version its values were taken from is the best that is known.
        Assert.Equal(4, FieldPointers.Parse("""{"default":{"synced_from":4,"decided_at":5},"fields":{},"orders":{}}""").StandsOn);
    }

    /// <summary>The base after a decision: HQ's value where HQ's side was taken, what it was everywhere else.</summary>
    private static bool IsInStep(ContentObject before, ContentObject after, ContentObject hq, MergeResult offered, MergeDecisions decisions)
    {
        var taken = offered.Fields.Where(f => f.Case == MergeCase.Convergent || decisions.Fields[f.Path].Choice == MergeChoice.Hq).ToArray();
        // HQ's node went in whole where the branch had none; a place the base cannot reach stays as unknown as it was.
        var wholes = taken.Where(f => f is { Missing: not null, Case: not MergeCase.Convergent }).Select(f => f.Missing!).ToHashSet();
        bool Reachable(string path) => ContentTree.Find(before, TreePath.Parent(path)!) is ContentContainer parent && parent.GetType() == ContentTree.Find(hq, TreePath.Parent(path)!)?.GetType();
        bool Inside(string path) => wholes.Any(w => TreePath.Covers(w, path));
        if (wholes.Where(Reachable).Any(w => !ContentNode.Same(ContentTree.Find(after, w), ContentTree.Find(hq, w)))) return false;
        if (taken.Where(f => !Inside(f.Path) && Reachable(f.Path)).Any(f => !ContentNode.Same(ContentTree.Find(after, f.Path), f.Hq))) return false;
        return ContentDiff.Between(before, after).All(change => Inside(change.Path) || taken.Any(f => TreePath.Covers(f.Path, change.Path)));
    }

    private static bool DeclinedTwiceOrOnce(TreeScenario s, bool ignored)
    {
        var (steps, once) = (new Life(s), new Life(s));
        var confirmed = false;
        foreach (var (life, version) in new[] { (steps, 2), (steps, 3), (once, 3) })
        {
            var offered = life.Offered(version);
            // Declining confirms what is already equal, and what was confirmed on the way is a step of its own (table A1).
            confirmed |= !ignored && (offered.Fields.Any(f => f.Case == MergeCase.Convergent) || offered.Orders.Any(o => o.Case == MergeCase.Convergent));
            life.Decide(version, All(offered, MergeChoice.Branch), ignored);
        }
        // Values only: an element that left and came back elsewhere is a move for who looks from before it left, and none for who does not.
        return (confirmed || ContentDiff.Between(steps.Base, once.Base).Count == 0) && ContentNode.Same(steps.Decided, once.Decided)
            && ContentTree.ToJson(steps.Branch) == ContentTree.ToJson(s.Branch) && ContentTree.ToJson(once.Branch) == ContentTree.ToJson(s.Branch);
    }

    private static MergeDecisions All(MergeResult offered, MergeChoice choice) =>
        new(offered.Fields.ToDictionary(f => f.Path, _ => MergeDecision.Of(choice)), offered.Orders.ToDictionary(o => o.Path, _ => choice));

    /// <summary>Some this way, some that way; what the branch lacks as a whole is decided as a whole.</summary>
    private static MergeDecisions Mixed(MergeResult offered, int seed)
    {
        MergeChoice Side(string path) => ((path.Sum(c => c) + seed) & 1) == 0 ? MergeChoice.Hq : MergeChoice.Branch;
        return new(offered.Fields.ToDictionary(f => f.Path, f => MergeDecision.Of(Side(f.Missing ?? f.Path))), offered.Orders.ToDictionary(o => o.Path, o => Side(o.Path)));
    }

    private sealed class Life(TreeScenario scenario)
    {
        public FieldPointers Pointers { get; private set; } = FieldPointers.At(1);

        public ContentObject Branch { get; private set; } = scenario.Branch;

        public ContentObject Base => Pointers.Base(Version);

        public ContentObject Decided => Pointers.Decided(Version);

        public ContentObject Version(int number) => number switch { 1 => scenario.Base, 2 => scenario.Decided, _ => scenario.Hq };

        public MergeResult Offered(int version) => ThreeWayMerge.Run(new(Base, Decided, Branch, Version(version))).Value;

        public void Decide(int version, MergeDecisions decisions, bool ignored = false)
        {
            var result = ThreeWayMerge.Run(new(Base, Decided, Branch, Version(version)), decisions).Value;
            (Branch, Pointers) = (result.Merged, FieldPointers.Parse(Pointers.After(Base, Decided, result, version, ignored: ignored).ToJson()));
        }

        public void Back(FieldPointers then, ContentObject content) => (Branch, Pointers) = (content, Pointers.BackTo(then));
    }
}
