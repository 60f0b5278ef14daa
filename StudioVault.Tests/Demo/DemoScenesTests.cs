using StudioVault.Domain.Agreements;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Demo;
using Xunit;

namespace StudioVault.Tests.Demo;

/// <summary>Every scene that docs/demo.md promises is there when the histories are lived through with the real merge.</summary>
public sealed class DemoScenesTests
{
    private static readonly DateOnly Today = new(2026, 11, 21);
    private static readonly DemoGroup Group = DemoGroup.Load(Today);
    private static readonly Dictionary<(string, string), DemoReplay> Replays = Group.Packages.ToDictionary(p => (p.Branch, p.Template), p => new DemoReplay(Group, p));

    public static TheoryData<string> Slugs => [.. Group.Templates.Select(t => t.Slug)];

    public static TheoryData<string> Scenes => [.. Group.Scenes.Select(Title)];

    [Theory, MemberData(nameof(Slugs))]
    public void Every_version_can_be_published_and_sold_in_every_branch_it_is_offered_to(string slug)
    {
        var template = Group.Template(slug);
        foreach (var content in template.Versions.Select(v => v.Content).Concat(template.Draft is { } draft ? [draft.Content] : []))
        {
            var parsed = TemplateContent.Parse(content.ToJsonString()).Value;
            Assert.Empty(parsed.Problems());
            foreach (var branch in template.OfferedTo) Assert.Empty(parsed.ProjectTo(Group.Branch(branch).Currency).Value.Problems());
        }
    }

    [Fact]
    public void Every_branch_edit_keeps_to_the_rules_HQ_had_set_by_then()
    {
        foreach (var package in Group.Packages.Where(p => p.Adopted is not null))
            foreach (var edit in package.History.OfType<DemoEdit>())
            {
                var version = Group.Template(package.Template).Versions.Last(v => v.PublishedOn <= edit.On);
                var rules = new FieldRules(TemplateContent.Parse(version.Content.ToJsonString()).Value.Rules, edit.On);
                Assert.All(edit.Changes.Set?.Keys ?? [], path => Assert.NotEqual(FieldMode.Locked, rules.ModeOf(path)));
            }
    }

    [Fact]
    public void Every_conflict_in_a_history_was_decided_by_somebody() => Assert.All(Replays.Values, r => Assert.Empty(r.Unspoken));

    [Fact]
    public void Porto_meets_four_changed_fields_one_conflict_and_keeps_two_edits()
    {
        var porto = Replays[("porto", "wedding-classic")];
        var review = porto.ReviewDraft();
        Assert.Equal(["/items/album/unitPrice", "/travel/radiusKm", "/gallery/originalsDays", "/clauses/gallery-deletion/body"], review.Fields.Select(f => f.Path));
        Assert.Equal("/items/album/unitPrice", Assert.Single(review.Conflicts).Path);
        Assert.Equal("8", ContentTree.Find(review.Merged, "/items/second-photographer/quantity")!.ToString());
        Assert.Equal("60", ContentTree.Find(review.Merged, "/items/coverage/deliverables/preview/quantity")!.ToString());
        Assert.Equal("520.00", ContentTree.Find(review.Merged, "/items/album/unitPrice")!.ToString());
    }

    [Fact]
    public void The_prepared_draft_meets_four_kinds_of_answer_in_the_other_branches()
    {
        Assert.Equal(MergeCase.Convergent, Draft("london", "/travel/radiusKm").Case);
        Assert.Equal(MergeCase.Conflict, Draft("edinburgh", "/travel/radiusKm").Case);
        Assert.Equal(MergeCase.Conflict, Draft("zurich", "/items/album/unitPrice").Case);
        Assert.Equal(MergeCase.BranchRemovedHqChanges, Draft("krakow", "/items/album/unitPrice").Case);
        Assert.Equal(MergeCase.Conflict, Draft("florence", "/gallery/originalsDays").Case);
        Assert.Equal(MergeCase.Conflict, Draft("new-york", "/clauses/gallery-deletion/body").Case);
        Assert.All((string[])["lisbon", "berlin", "copenhagen", "malmo", "toronto"], branch => Assert.Empty(Replays[(branch, "wedding-classic")].ReviewDraft().Conflicts));

        static OfferedField Draft(string branch, string path) => Replays[(branch, "wedding-classic")].ReviewDraft().Fields.Single(f => f.Path == path);
    }

    [Theory, MemberData(nameof(Scenes))]
    public void Shows(string title)
    {
        var scene = Group.Scenes.Single(s => Title(s) == title);
        var replay = Replays[(scene.Branch, scene.Template)];
        var package = Group.Package(scene.Branch, scene.Template);
        var version = Group.Template(scene.Template).Versions[scene.Version - 1];

        switch (scene.Kind)
        {
            case "ignored":
                Assert.Equal(scene.Version, package.History.OfType<DemoIgnore>().Last().Version);
                return;
            case "yanked_review":
                Assert.NotNull(version.Yanked);
                Assert.Equal(scene.Version, package.History.OfType<DemoAccept>().Last().Version);
                Assert.IsType<DemoAccept>(package.History[^1]);
                return;
            case "yanked_reverted":
                Assert.NotNull(version.Yanked);
                Assert.IsType<DemoRevert>(package.History[^1]);
                return;
            case "adoption":
                Assert.False(replay.Adopted);
                break;
        }

        Assert.Equal(scene.Version, replay.Pending);
        if (scene.Kind == "adoption") return;
        var review = replay.Review(scene.Version);
        var last = package.History[^1];
        switch (scene.Kind)
        {
            case "safe":
                Assert.NotEmpty(review.Fields);
                Assert.All(review.Fields, f => Assert.Equal(MergeChoice.Hq, f.Default));
                break;
            case "conflict" or "prose_conflict" or "text_conflict": All(MergeCase.Conflict); break;
            case "atomic_group":
                Assert.Contains(Found(), f => f.Case == MergeCase.Conflict);
                Assert.Equal(scene.Paths!.Count, Found().Count);
                break;
            case "hq_adds": All(MergeCase.HqAdds); break;
            case "hq_removes":
                All(MergeCase.HqRemovesUnchanged);
                Assert.Contains(Group.Projects, p => p is { State: ProjectState.Quote } && p.Branch == scene.Branch && p.Template == scene.Template
                    && ContentTree.Find(replay.Revisions[p.Revision - 1], scene.Paths![0]) is not null);
                break;
            case "delete_modify": All(MergeCase.HqRemovesModified); break;
            case "modify_delete": Assert.Contains(review.Fields, f => f.Case == MergeCase.BranchRemovedHqChanges && f.Missing == scene.Paths![0]); break;
            case "possible_duplicate": All(MergeCase.HqAddsPossibleDuplicate); break;
            case "convergent": All(MergeCase.Convergent); break;
            case "returned": All(MergeCase.HqReturnedToOldValue); break;
            case "mandatory_soon": Assert.InRange(Deadline(), Today.AddDays(1), Today.AddDays(28)); break;
            case "mandatory_overdue": Assert.InRange(Deadline(), Today.AddDays(-60), Today.AddDays(-1)); break;
            case "snoozed":
                var until = Assert.IsType<DemoSnooze>(last).Until;
                Assert.True(until is null || until > Today);
                break;
            case "folded":
                Assert.True(scene.Version - replay.LastDecided >= 2);
                Assert.Equal(scene.Paths!.Count, Found().Count);
                break;
            case "pilot":
                Assert.Contains(scene.Branch, version.Wave!.Branches);
                Assert.NotEmpty(Found());
                break;
            case "unhurried": Assert.IsType<DemoView>(last); break;
            default: Assert.Fail($"No test knows what \"{scene.Kind}\" means."); break;
        }

        List<OfferedField> Found() => [.. review.Fields.Where(f => scene.Paths!.Contains(f.Path))];

        void All(MergeCase expected)
        {
            Assert.Equal(scene.Paths!.Order(StringComparer.Ordinal), Found().Select(f => f.Path).Order(StringComparer.Ordinal));
            Assert.All(Found(), f => Assert.Equal(expected, f.Case));
        }

        DateOnly Deadline() => TemplateContent.Parse(version.Content.ToJsonString()).Value.Rules
            .Single(r => r.Path == scene.Paths![0]).MandatoryBy!.Value;
    }

    private static string Title(DemoScene scene) => $"{scene.Kind}: {scene.Branch}, {scene.Template} {scene.Version}";
}
