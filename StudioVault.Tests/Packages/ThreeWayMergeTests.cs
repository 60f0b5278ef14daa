using StudioVault.Domain.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>The merge core, by example: each row of features table A1, removed nodes, order, entered values. The laws stand in MergeLawsTests.</summary>
public sealed class ThreeWayMergeTests
{
    private const string Album = """{"items":[{"id":"album","title":"Album","unitPrice":"480.00","quantity":1}]}""";

    [Fact]
    public void Nothing_new_is_not_offered_whatever_the_branch_did()
    {
        var result = Merge(Album, Priced("520.00"), Album);
        Assert.True(result.NothingOffered);
        AssertJson(Priced("520.00"), result.Merged);
    }

    [Fact]
    public void Clean_takes_HQs_price_where_the_branch_kept_it() => One(Merge(Album, Album, Priced("495.00")), "/items/album/unitPrice", MergeCase.Clean, MergeChoice.Hq, Priced("495.00"));

    [Fact]
    public void Convergent_is_shown_as_already_equal()
    {
        var result = Merge(Album, Priced("495.00"), Priced("495.00"));
        One(result, "/items/album/unitPrice", MergeCase.Convergent, MergeChoice.Hq, Priced("495.00"));
    }

    [Fact]
    public void Conflict_keeps_the_branch_price_where_both_changed_it() => One(Merge(Album, Priced("520.00"), Priced("495.00")), "/items/album/unitPrice", MergeCase.Conflict, MergeChoice.Branch, Priced("520.00"), true);

    [Fact]
    public void Keeps_the_branch_price_when_only_the_text_changed()
    {
        var result = Merge(Album, Priced("520.00"), Album.Replace("Album", "Linen album", StringComparison.Ordinal));
        One(result, "/items/album/title", MergeCase.Clean, MergeChoice.Hq, Priced("520.00").Replace("Album", "Linen album", StringComparison.Ordinal));
    }

    [Fact]
    public void HQ_adds_takes_the_whole_element() => One(Merge("""{"items":[]}""", """{"items":[]}""", Album), "/items/album", MergeCase.HqAdds, MergeChoice.Hq, Album);

    [Fact]
    public void HQ_adds_what_the_branch_already_calls_so_under_another_id_has_no_default()
    {
        var branch = """{"items":[{"id":"our-album","title":" album ","unitPrice":"520.00","quantity":1}]}""";
        var result = Merge("""{"items":[]}""", branch, Album);
        var field = One(result, "/items/album", MergeCase.HqAddsPossibleDuplicate, null, branch);
        Assert.Equal("our-album", field.DuplicateOf);
        Assert.Equal(["/items/album"], result.Undecided.Select(f => f.Path));

        var taken = Merge("""{"items":[]}""", branch, Album, ("/items/album", MergeDecision.Hq));
        Assert.Equal(["our-album", "album"], ((ContentList)taken.Merged.Find("items")!).Ids);
        Assert.Empty(taken.Undecided);
    }

    [Fact]
    public void HQ_gives_a_line_a_new_id_without_anything_being_there_twice()
    {
        var result = Merge(Album, Album, Album.Replace("\"album\"", "\"linen-album\"", StringComparison.Ordinal));
        Assert.Equal([MergeCase.HqAdds, MergeCase.HqRemovesUnchanged], result.Fields.Select(f => f.Case));
    }

    [Fact]
    public void HQ_removes_what_the_branch_left_as_it_was() => One(Merge(Album, Album, """{"items":[]}"""), "/items/album", MergeCase.HqRemovesUnchanged, MergeChoice.Hq, """{"items":[]}""");

    [Fact]
    public void HQ_removes_what_the_branch_had_changed_and_it_stays_as_a_local_line()
    {
        One(Merge(Album, Priced("520.00"), """{"items":[]}"""), "/items/album", MergeCase.HqRemovesModified, MergeChoice.Branch, Priced("520.00"), true);

        // Ruled on: neither is in HQ's versions any more, so it is never offered again …
        Assert.True(Merge4(Album, """{"items":[]}""", Priced("520.00"), """{"items":[]}""").NothingOffered);
        // … unless HQ adds it again.
        One(Merge4(Album, """{"items":[]}""", Priced("520.00"), Album), "/items/album", MergeCase.HqReturnedToOldValue, MergeChoice.Branch, Priced("520.00"));
        One(Merge4(Album, """{"items":[]}""", Priced("520.00"), Priced("495.00")), "/items/album", MergeCase.Conflict, MergeChoice.Branch, Priced("520.00"), true);
    }

    [Fact]
    public void Both_removed_it_is_already_equal() => One(Merge(Album, """{"items":[]}""", """{"items":[]}"""), "/items/album", MergeCase.Convergent, MergeChoice.Hq, """{"items":[]}""");

    [Fact]
    public void Both_added_it_differently_is_one_conflict_at_the_whole() =>
        One(Merge("""{"items":[]}""", Priced("520.00"), Priced("495.00")), "/items/album", MergeCase.Conflict, MergeChoice.Branch, Priced("520.00"), true);

    [Fact]
    public void The_branch_added_inside_what_HQ_removes_and_keeps_all_of_it()
    {
        var branch = Album.Replace("\"quantity\":1", "\"quantity\":1,\"note\":\"sewn\"", StringComparison.Ordinal);
        One(Merge(Album, branch, """{"items":[]}"""), "/items/album", MergeCase.HqRemovesModified, MergeChoice.Branch, branch, true);
    }

    [Fact]
    public void HQ_returned_to_the_value_the_branch_kept()
    {
        var field = One(Merge4(Album, Priced("495.00"), Album, Album), "/items/album/unitPrice", MergeCase.HqReturnedToOldValue, MergeChoice.Hq, Album);
        Assert.False(field.IsConflict);
    }

    [Fact]
    public void HQ_returned_to_the_old_value_and_the_branchs_own_one_still_stays() =>
        One(Merge4(Album, Priced("495.00"), Priced("520.00"), Album), "/items/album/unitPrice", MergeCase.HqReturnedToOldValue, MergeChoice.Branch, Priced("520.00"));

    [Fact]
    public void A_declined_value_is_not_offered_again_until_HQ_changes_it()
    {
        Assert.True(Merge4(Album, Priced("495.00"), Album, Priced("495.00")).NothingOffered);
        One(Merge4(Album, Priced("495.00"), Album, Priced("505.00")), "/items/album/unitPrice", MergeCase.Clean, MergeChoice.Hq, Priced("505.00"));
    }

    public sealed class WhereTheBranchRemovedIt
    {
        private const string Sold = """{"items":[{"id":"print","title":"Print","unitPrice":"20.00"},{"id":"album","title":"Album","unitPrice":"480.00","deliverables":[{"id":"book","quantity":1}]}]}""";
        private const string Removed = """{"items":[{"id":"print","title":"Print","unitPrice":"20.00"}]}""";
        private static readonly string Changed = Sold.Replace("480.00", "495.00", StringComparison.Ordinal).Replace("\"quantity\":1", "\"quantity\":2,\"format\":\"A4\"", StringComparison.Ordinal);

        [Fact]
        public void Each_change_is_offered_at_its_own_path_and_it_stays_removed()
        {
            var result = Merge(Sold, Removed, Changed);
            Assert.Equal(["/items/album/unitPrice", "/items/album/deliverables/book/quantity", "/items/album/deliverables/book/format"], result.Fields.Select(f => f.Path));
            Assert.All(result.Fields, f =>
            {
                Assert.Equal((MergeCase.BranchRemovedHqChanges, true, (MergeChoice?)MergeChoice.Branch, "/items/album"), (f.Case, f.IsConflict, f.Default, f.Missing));
            });
            AssertJson(Removed, result.Merged);
        }

        [Fact]
        public void Taking_one_of_HQs_changes_brings_it_back_whole_in_its_place() =>
            AssertJson(Changed, Merge(Sold, Removed, Changed, ("/items/album/unitPrice", MergeDecision.Hq)).Merged);

        [Fact]
        public void An_entered_value_brings_it_back_with_that_value() =>
            AssertJson(Changed.Replace("495.00", "520.00", StringComparison.Ordinal), Merge(Sold, Removed, Changed, ("/items/album/unitPrice", MergeDecision.Enter(ContentValue.String("520.00")))).Merged);

        [Fact]
        public void The_node_itself_may_be_named_in_a_decision()
        {
            AssertJson(Changed, Merge(Sold, Removed, Changed, ("/items/album", MergeDecision.Hq)).Merged);
            AssertJson(Removed, Merge(Sold, Removed, Changed, ("/items/album", MergeDecision.Branch)).Merged);
        }

        [Fact]
        public void Bringing_it_back_and_leaving_it_out_at_once_is_refused() => Assert.Equal("refuse.package.decision_contradiction",
            Refused(Sold, Removed, Changed, ("/items/album/unitPrice", MergeDecision.Hq), ("/items/album/deliverables/book/quantity", MergeDecision.Branch)));

        [Fact]
        public void What_HQ_took_away_inside_it_is_already_equal()
        {
            var result = Merge(Sold, Removed, Sold.Replace("\"title\":\"Album\",", "", StringComparison.Ordinal));
            One(result, "/items/album/title", MergeCase.Convergent, MergeChoice.Hq, Removed);
        }

        [Fact]
        public void A_key_HQ_adds_inside_it_does_not_come_alone()
        {
            var hq = Sold.Replace("\"title\":\"Album\"", "\"title\":\"Album\",\"note\":\"new\"", StringComparison.Ordinal);
            var result = Merge(Sold, Removed, hq);
            Assert.Equal(["/items/album/note"], result.Conflicts.Select(f => f.Path));
            AssertJson(Removed, result.Merged);
        }

        [Fact]
        public void A_line_declined_when_it_was_new_is_offered_whole_when_HQ_changes_it()
        {
            // v1 without it, v2 adds it, declined; v3 changes its price.
            var result = Merge4(Removed, Sold, Removed, Changed);
            Assert.All(result.Fields, f => Assert.Equal((MergeCase.HqAdds, false, (MergeChoice?)MergeChoice.Hq), (f.Case, f.IsConflict, f.Default)));
            AssertJson(Changed, result.Merged);
        }

        [Fact]
        public void A_node_the_branch_replaced_by_another_kind_stays_replaced()
        {
            var result = Merge("""{"tax":{"rate":"23"}}""", """{"tax":"none"}""", """{"tax":{"rate":"25"}}""");
            One(result, "/tax/rate", MergeCase.Conflict, MergeChoice.Branch, """{"tax":"none"}""", true);
            AssertJson("""{"tax":{"rate":"25"}}""", Merge("""{"tax":{"rate":"23"}}""", """{"tax":"none"}""", """{"tax":{"rate":"25"}}""", ("/tax/rate", MergeDecision.Hq)).Merged);
        }
    }

    public sealed class Kinds
    {
        [Fact]
        public void A_node_that_became_another_kind_is_one_difference() =>
            One(Merge("""{"a":{"x":1,"y":2}}""", """{"a":{"x":1,"y":2}}""", """{"a":"gone"}"""), "/a", MergeCase.Clean, MergeChoice.Hq, """{"a":"gone"}""");

        [Fact]
        public void Missing_is_not_null()
        {
            One(Merge("""{"a":null}""", """{"a":null}""", "{}"), "/a", MergeCase.HqRemovesUnchanged, MergeChoice.Hq, "{}");
            One(Merge("""{"a":1}""", "{}", """{"a":null}"""), "/a", MergeCase.BranchRemovedHqChanges, MergeChoice.Branch, "{}", true);
            One(Merge("{}", """{"a":null}""", """{"a":1}"""), "/a", MergeCase.Conflict, MergeChoice.Branch, """{"a":null}""", true);
        }

        [Fact]
        public void Scalars_in_an_array_are_one_value()
        {
            One(Merge("""{"a":[1,2]}""", """{"a":[1,2]}""", """{"a":[2,1]}"""), "/a", MergeCase.Clean, MergeChoice.Hq, """{"a":[2,1]}""");
            One(Merge("""{"a":[1,2]}""", """{"a":[1,3]}""", """{"a":[2,2]}"""), "/a", MergeCase.Conflict, MergeChoice.Branch, """{"a":[1,3]}""", true);
        }

        [Fact]
        public void An_empty_array_is_a_list_beside_a_list_and_a_value_beside_values()
        {
            One(Merge("""{"a":[]}""", """{"a":[]}""", """{"a":[{"id":"x"}]}"""), "/a/x", MergeCase.HqAdds, MergeChoice.Hq, """{"a":[{"id":"x"}]}""");
            One(Merge("""{"a":[{"id":"x"}]}""", """{"a":[{"id":"x"}]}""", """{"a":[]}"""), "/a/x", MergeCase.HqRemovesUnchanged, MergeChoice.Hq, """{"a":[]}""");
            One(Merge("""{"a":[]}""", """{"a":[]}""", """{"a":["x"]}"""), "/a", MergeCase.Clean, MergeChoice.Hq, """{"a":["x"]}""");
            One(Merge("""{"a":["x"]}""", """{"a":["y"]}""", """{"a":[]}"""), "/a", MergeCase.Conflict, MergeChoice.Branch, """{"a":["y"]}""", true);
        }

        [Theory]
        [InlineData("1", "1.0")]
        [InlineData("100", "1e2")]
        [InlineData("0.10", "1E-1")]
        [InlineData("0", "-0.000")]
        [InlineData("12345678901234567890.123", "1234567890123456789012.3e-2")]
        public void The_same_number_spelled_otherwise_is_no_change(string a, string b) => Assert.True(Merge($"{{\"n\":{a}}}", $"{{\"n\":{a}}}", $"{{\"n\":{b}}}").NothingOffered);

        [Theory]
        [InlineData("0.1", "0.10000000000000000001")]
        [InlineData("9007199254740993", "9007199254740992")]
        [InlineData("1", "true")]
        [InlineData("1", "\"1\"")]
        [InlineData("\"450.00\"", "\"450.0\"")]
        [InlineData("1e400", "1e401")]
        public void Nothing_is_rounded_and_nothing_converted(string a, string b)
        {
            var result = Merge($"{{\"n\":{a}}}", $"{{\"n\":{a}}}", $"{{\"n\":{b}}}");
            One(result, "/n", MergeCase.Clean, MergeChoice.Hq, $"{{\"n\":{b}}}");
        }

        [Fact]
        public void Slashes_and_tildes_in_names_are_escaped_in_paths() =>
            One(Merge("""{"a/b":{"c~d":1}}""", """{"a/b":{"c~d":1}}""", """{"a/b":{"c~d":2}}"""), "/a~1b/c~0d", MergeCase.Clean, MergeChoice.Hq, """{"a/b":{"c~d":2}}""");

        [Fact]
        public void An_id_outside_a_list_is_a_field_like_others() => One(Merge("""{"id":"x"}""", """{"id":"x"}""", """{"id":"y"}"""), "/id", MergeCase.Clean, MergeChoice.Hq, """{"id":"y"}""");
    }

    public sealed class Decisions
    {
        [Fact]
        public void A_decision_wins_over_the_default()
        {
            AssertJson(Album, Merge(Album, Album, Priced("495.00"), ("/items/album/unitPrice", MergeDecision.Branch)).Merged);
            AssertJson(Priced("495.00"), Merge(Album, Priced("520.00"), Priced("495.00"), ("/items/album/unitPrice", MergeDecision.Hq)).Merged);
            AssertJson(Priced("510.00"), Merge(Album, Priced("520.00"), Priced("495.00"), ("/items/album/unitPrice", MergeDecision.Enter(ContentValue.String("510.00")))).Merged);
        }

        [Theory]
        [InlineData("/items/album/title")]
        [InlineData("/items/album")]
        [InlineData("/nowhere")]
        [InlineData("items")]
        [InlineData("")]
        public void A_decision_about_what_is_not_offered_is_refused(string path) => Assert.Equal("refuse.package.decision_not_offered", Refused(Album, Album, Priced("495.00"), (path, MergeDecision.Hq)));

        [Theory]
        [InlineData("""{"amount":"495.00"}""")]
        [InlineData("""[{"id":"x"}]""")]
        public void An_entered_value_has_to_be_of_a_kind_that_fits(string value) =>
            Assert.Equal("refuse.package.decision_shape", Refused(Album, Album, Priced("495.00"), ("/items/album/unitPrice", MergeDecision.Enter(Tree($"{{\"v\":{value}}}").Find("v")!))));

        [Fact]
        public void An_entered_element_keeps_its_id()
        {
            Assert.Equal("refuse.package.decision_shape", Refused("""{"items":[]}""", """{"items":[]}""", Album, ("/items/album", MergeDecision.Enter(Tree("""{"id":"book"}""")))));
            AssertJson("""{"items":[{"id":"album","title":"Ours"}]}""",
                Merge("""{"items":[]}""", """{"items":[]}""", Album, ("/items/album", MergeDecision.Enter(Tree("""{"id":"album","title":"Ours"}""")))).Merged);
        }
    }

    public sealed class Order
    {
        [Theory]
        [InlineData("a b c", "a b c", "c a b", "c a b", MergeCase.Clean)]           // HQ reordered, the branch did not
        [InlineData("a b c", "c b a", "c a b", "c b a", MergeCase.Conflict)]        // both did: the branch's stays
        [InlineData("a b c", "c a b", "c a b", "c a b", MergeCase.Convergent)]      // both did the same
        [InlineData("a b c", "c b a", "a b c", "c b a", null)]                      // only the branch did
        [InlineData("a b c", "a x b c", "c a b", "c a x b", MergeCase.Clean)]       // the branch's own line follows what it followed
        [InlineData("a b c", "x a b c", "c a b", "x c a b", MergeCase.Clean)]       // … or stays first
        [InlineData("a b c", "c b a", "a y b c", "c b a y", null)]                  // HQ's new line follows what it followed there
        [InlineData("a b", "a x b", "a y b", "a x y b", null)]
        [InlineData("a b", "a b x", "a b y", "a b x y", null)]
        [InlineData("a b c", "a c", "a b y c", "a y c", null)]                      // HQ's new line follows one the branch removed
        public void Is_merged_three_ways(string @base, string branch, string hq, string expected, MergeCase? reported)
        {
            var result = Merge(List(@base), List(branch), List(hq));
            Assert.Equal(expected.Split(' '), ((ContentList)result.Merged.Find("l")!).Ids);
            Assert.Equal(reported, result.Orders is [var order] ? order.Case : null);
            Assert.DoesNotContain(result.Fields, f => f.Path == "/l");
        }

        [Fact]
        public void Can_be_decided_either_way()
        {
            var sides = new MergeSides(Tree(List("a b c")), Tree(List("c b a")), Tree(List("b a c")));
            Assert.Equal(["b", "a", "c"], Ids(MergeChoice.Hq));
            Assert.Equal(["c", "b", "a"], Ids(MergeChoice.Branch));

            IReadOnlyList<string> Ids(MergeChoice choice) => ((ContentList)ThreeWayMerge.Run(sides, new(MergeDecisions.None.Fields, new Dictionary<string, MergeChoice> { ["/l"] = choice })).Value.Merged.Find("l")!).Ids;
        }

        [Fact]
        public void Declined_once_is_not_taken_with_the_next_change()
        {
            // v1 "a b c"; v2 "c a b" declined; v3 adds a line.
            var result = Merge4(List("a b c"), List("c a b"), List("a b c"), List("c a b y"));
            Assert.Equal(["a", "b", "y", "c"], ((ContentList)result.Merged.Find("l")!).Ids);
            Assert.Empty(result.Orders);
        }

        private static string List(string ids) => $"{{\"l\":[{string.Join(',', ids.Split(' ').Select(i => $"{{\"id\":\"{i}\"}}"))}]}}";
    }

    private static string Priced(string price) => Album.Replace("480.00", price, StringComparison.Ordinal);

    private static OfferedField One(MergeResult result, string path, MergeCase kind, MergeChoice? standard, string merged, bool isConflict = false)
    {
        var field = Assert.Single(result.Fields);
        Assert.Equal((path, kind, standard, isConflict), (field.Path, field.Case, field.Default, field.IsConflict));
        AssertJson(merged, result.Merged);
        return field;
    }

    private static MergeResult Merge(string @base, string branch, string hq, params (string Path, MergeDecision Decision)[] decisions) => Merge4(@base, @base, branch, hq, decisions);

    private static MergeResult Merge4(string @base, string decided, string branch, string hq, params (string Path, MergeDecision Decision)[] decisions)
    {
        var result = ThreeWayMerge.Run(new(Tree(@base), Tree(decided), Tree(branch), Tree(hq)), MergeDecisions.Of(decisions));
        Assert.False(result.IsRefused, result.Refusal?.ToString());
        return result.Value;
    }

    private static string? Refused(string @base, string branch, string hq, params (string Path, MergeDecision Decision)[] decisions) =>
        ThreeWayMerge.Run(new(Tree(@base), Tree(branch), Tree(hq)), MergeDecisions.Of(decisions)).Refusal?.Code;

    private static ContentObject Tree(string json) => ContentTree.Parse(json).Value;

    private static void AssertJson(string expected, ContentNode actual) => Assert.Equal(expected, ContentTree.ToJson(actual));
}
