using StudioVault.Domain.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>What a branch sees of an update, what a decision makes of it, and what is remembered per field.</summary>
public sealed class UpdateReviewTests
{
    private const string AlbumPrice = "/items/album/unitPrice";
    private const string HqAlbumPrice = "/items/album/unitPrice/EUR";

    [Fact]
    public void A_declined_price_comes_back_only_with_a_new_price_and_says_what_was_declined()
    {
        var story = new PackageStory().Publish(("/turnaroundDays", "40"));
        story.Accept();
        story.Publish((HqAlbumPrice, "\"495.00\""));
        story.Accept((AlbumPrice, MergeDecision.Branch));
        Assert.Equal("480.00", story.Value(AlbumPrice));

        story.Publish(("/description", "\"One photographer, from morning to the first dances.\""));
        Assert.Equal(["/description"], story.Review().Rows.Select(r => r.Path));
        story.Accept();

        story.Publish((HqAlbumPrice, "\"505.00\""));
        var row = Assert.Single(story.Review().Rows);
        Assert.Equal((AlbumPrice, MergeCase.Clean, (MergeChoice?)MergeChoice.Hq), (row.Path, row.Case, row.Default));
        Assert.Equal((3, 1, 5), (row.Declined!.Number, row.BaseFrom!.Number, row.HqFrom!.Number));
        Assert.Equal("480.00", ((ContentValue)row.Base!).Text);
    }

    [Fact]
    public void Several_versions_fold_into_one_difference_with_a_changelog()
    {
        var story = new PackageStory().Publish((HqAlbumPrice, "\"490.00\"")).Publish(("/travel/radiusKm", "50")).Publish((HqAlbumPrice, "\"495.00\""));
        var review = story.Review();
        Assert.Equal([AlbumPrice, "/travel/radiusKm"], review.Rows.Select(r => r.Path));
        Assert.Equal([2, 3, 4], review.Changelog.Select(n => n.Number));
        Assert.Equal(["Linen album: price"], review.Changelog[0].Changed.Select(f => f.Label));
        Assert.Equal(["Travel radius included"], review.Changelog[1].Changed.Select(f => f.Label));
    }

    [Fact]
    public void Nothing_is_offered_after_everything_was_decided()
    {
        var story = new PackageStory().Edit((AlbumPrice, "\"520.00\"")).Publish((HqAlbumPrice, "\"495.00\""), ("/travel/radiusKm", "60"), ("/items/prints", null));
        var outcome = story.Accept();
        Assert.Equal(OfferState.PartlyAccepted, outcome.Verdict);
        Assert.Equal(("520.00", "60"), (story.Value(AlbumPrice), story.Value("/travel/radiusKm")));
        Assert.True(story.Review().NothingOffered);
    }

    [Fact]
    public void Taking_all_of_HQs_side_is_accepted_and_keeping_anything_is_partly_accepted()
    {
        var story = new PackageStory().Publish((HqAlbumPrice, "\"495.00\""), ("/travel/radiusKm", "60"));
        Assert.Equal(OfferState.Accepted, story.Accept().Verdict);
        story.Publish((HqAlbumPrice, "\"500.00\""), ("/travel/radiusKm", "70"));
        Assert.Equal(OfferState.PartlyAccepted, story.Accept(("/travel/radiusKm", MergeDecision.Branch)).Verdict);
    }

    [Fact]
    public void Ignoring_a_version_changes_no_value_and_offers_none_of_it_again()
    {
        var story = new PackageStory().Publish((HqAlbumPrice, "\"495.00\""), ("/clauses/weather", """{"id":"weather","title":"Weather","body":"We photograph in every weather."}"""));
        story.Ignore();
        Assert.True(story.Review().NothingOffered);
        Assert.Equal("480.00", story.Value(AlbumPrice));
        Assert.Equal(1, story.Pointers.SyncedFrom(AlbumPrice));
        Assert.Equal(2, story.Pointers.DecidedAt(AlbumPrice));

        story.Publish(("/travel/radiusKm", "60")).Accept();
        Assert.Equal("480.00", story.Value(AlbumPrice));
        Assert.Null(story.Value("/clauses/weather/body"));
        Assert.True(story.Review().NothingOffered);
    }

    [Fact]
    public void Going_back_to_a_revision_brings_its_values_and_asks_nothing_again()
    {
        var story = new PackageStory().Publish((HqAlbumPrice, "\"495.00\""), ("/items/prints", null));
        story.Accept();
        story.RevertTo(1);
        Assert.Equal("480.00", story.Value(AlbumPrice));
        Assert.NotNull(ContentTree.Find(story.Branch, "/items/prints"));
        Assert.True(story.Review().NothingOffered);
        Assert.Equal((1, 2), (story.Pointers.SyncedFrom(AlbumPrice), story.Pointers.DecidedAt(AlbumPrice)));

        // The next version asks about what it changes only, and the price still counts as untouched since version 1.
        story.Publish(("/travel/radiusKm", "60")).Accept();
        Assert.Equal((1, "480.00"), (story.Pointers.SyncedFrom(AlbumPrice), story.Value(AlbumPrice)));
        story.Publish((HqAlbumPrice, "\"505.00\""));
        var row = Assert.Single(story.Review().Rows);
        Assert.Equal((MergeCase.Clean, 2), (row.Case, row.Declined!.Number));
    }

    [Fact]
    public void HQ_returns_to_the_value_the_branch_kept()
    {
        var story = new PackageStory().Publish((HqAlbumPrice, "\"495.00\""));
        story.Accept((AlbumPrice, MergeDecision.Branch));
        story.Publish((HqAlbumPrice, "\"480.00\""));
        var row = Assert.Single(story.Review().Rows);
        Assert.Equal((MergeCase.HqReturnedToOldValue, (MergeChoice?)MergeChoice.Hq, 1), (row.Case, row.Default, row.BaseFrom!.Number));
        Assert.False(story.Accept().ChangesValues);
        Assert.Equal(3, story.Pointers.SyncedFrom(AlbumPrice));
    }

    [Fact]
    public void An_entered_value_takes_neither_side_and_is_not_asked_again()
    {
        var story = new PackageStory().Edit((AlbumPrice, "\"520.00\"")).Publish((HqAlbumPrice, "\"495.00\""));
        var outcome = story.Accept((AlbumPrice, MergeDecision.Enter(ContentValue.String("510.00"))));
        Assert.Equal(("510.00", OfferState.PartlyAccepted), (story.Value(AlbumPrice), outcome.Verdict));
        Assert.True(story.Review().NothingOffered);
    }

    [Theory]
    [InlineData("\"-5.00\"", "refuse.package.semantic_conflict at /items/album/unitPrice")]
    [InlineData("\"cheap\"", "refuse.package.field_shape at /items/album/unitPrice")]
    [InlineData("{\"EUR\":\"1\"}", "refuse.package.decision_shape at /items/album/unitPrice")]
    public void An_entered_value_that_makes_no_sense_is_refused(string value, string refusal) =>
        Assert.StartsWith(refusal, new PackageStory().Publish((HqAlbumPrice, "\"495.00\"")).Refused((AlbumPrice, MergeDecision.Enter(PackageStory.Node(value)))), StringComparison.Ordinal);

    [Fact]
    public void A_merged_package_whose_instalments_do_not_make_the_whole_is_refused()
    {
        // The branch split its booking instalment; HQ moves the same plan. Taking HQ's shares beside the branch's extra instalment makes 120 %.
        var story = new PackageStory()
            .Edit(("/depositPlan/booking/percent", "\"10\""), ("/depositPlan/second", """{"id":"second","title":"In spring","percent":"20","due":"days_before_event","dueDays":90}"""))
            .Publish(("/depositPlan/booking/percent", "\"50\""), ("/depositPlan/balance/percent", "\"50\""));
        Assert.StartsWith("refuse.package.semantic_conflict at /depositPlan", story.Refused(("/depositPlan/booking/percent", MergeDecision.Hq)), StringComparison.Ordinal);
        var preview = story.Review().Preview(MergeDecisions.Of(("/depositPlan/booking/percent", MergeDecision.Hq)));
        Assert.Equal("refuse.package.semantic_conflict", Assert.Single(preview.Problems).Code);
        Assert.NotNull(preview.Merged);
    }

    public sealed class Groups
    {
        [Fact]
        public void Tax_and_payment_plan_take_the_worst_default_among_them()
        {
            var story = new PackageStory().Edit(("/depositPlan/booking/percent", "\"40\""), ("/depositPlan/balance/percent", "\"60\""))
                .Publish(("/depositPlan/booking/percent", "\"20\""), ("/depositPlan/balance/percent", "\"80\""), ("/tax/ratePercent", "\"19\""));
            var rows = story.Review().Rows;
            Assert.All(rows, r => Assert.Equal(("payment-terms", (MergeChoice?)MergeChoice.Branch), (r.Field.Group?.Id, r.Default)));
            story.Accept();
            Assert.Equal(("40", "25"), (story.Value("/depositPlan/booking/percent"), story.Value("/tax/ratePercent")));
        }

        [Fact]
        public void Choosing_for_one_member_chooses_for_all()
        {
            var story = new PackageStory().Publish(("/depositPlan/booking/percent", "\"20\""), ("/depositPlan/balance/percent", "\"80\""), ("/tax/ratePercent", "\"19\""));
            story.Accept(("/tax/ratePercent", MergeDecision.Branch));
            Assert.Equal(("30", "70", "25"), (story.Value("/depositPlan/booking/percent"), story.Value("/depositPlan/balance/percent"), story.Value("/tax/ratePercent")));
        }

        [Fact]
        public void Splitting_a_group_is_refused() => Assert.StartsWith("refuse.package.group_split at /depositPlan/booking/percent",
            new PackageStory().Publish(("/depositPlan/booking/percent", "\"20\""), ("/depositPlan/balance/percent", "\"80\""))
                .Refused(("/depositPlan/booking/percent", MergeDecision.Hq), ("/depositPlan/balance/percent", MergeDecision.Branch)), StringComparison.Ordinal);

        [Fact]
        public void Price_quantity_and_inclusion_of_a_line_belong_together() => Assert.StartsWith("refuse.package.group_split",
            new PackageStory().Publish((HqAlbumPrice, "\"900.00\""), ("/items/album/quantity", "2")).Refused((AlbumPrice, MergeDecision.Branch), ("/items/album/quantity", MergeDecision.Hq)), StringComparison.Ordinal);
    }

    public sealed class Locks
    {
        private const string Lock = """{"id":"cancel","path":"/clauses/cancellation/body","mode":"locked","basis":"Consumer law","expires":"2027-12-31","mandatoryBy":"2026-12-15"}""";

        [Fact]
        public void A_value_entered_inside_a_line_that_is_put_back_keeps_to_locks_and_limits()
        {
            const string bounded = """{"id":"album","path":"/items/album/unitPrice","mode":"bounded","maxPercent":"20","basis":"Brand"}""";
            const string locked = """{"id":"name","path":"/items/album/title","mode":"locked","basis":"Brand"}""";
            var story = new PackageStory().Edit(("/items/album", null)).Publish((HqAlbumPrice, "\"500.00\""), ("/items/album/title", "\"Fine album\""), ("/rules/album", bounded), ("/rules/name", locked));
            Assert.Equal("/items/album", Assert.Single(story.Review().Rows, r => r.Inside.Count > 0).Path);
            Assert.StartsWith("refuse.package.out_of_bounds at /items/album/unitPrice", story.Refused((AlbumPrice, MergeDecision.Enter(ContentValue.String("900.00")))), StringComparison.Ordinal);
            Assert.StartsWith("refuse.package.field_locked at /items/album/title", story.Refused(("/items/album/title", MergeDecision.Enter(ContentValue.String("My album")))), StringComparison.Ordinal);
            story.Accept((AlbumPrice, MergeDecision.Enter(ContentValue.String("600.00"))));
            Assert.Equal(("600.00", "Fine album"), (story.Value(AlbumPrice), story.Value("/items/album/title")));
        }

        [Fact]
        public void A_locked_list_in_another_order_is_nothing_to_take()
        {
            const string rule = """{"id":"clauses","path":"/clauses","mode":"locked","basis":"Law","mandatoryBy":"2026-01-01"}""";
            var story = new PackageStory().Publish(("/rules/clauses", rule));
            story.Accept();
            var clauses = (ContentList)story.Branch.Find("clauses")!;
            var turned = ContentTree.With(story.Branch, "/clauses", ContentList.Of([.. clauses.Elements.Reverse()]))!;
            var rules = new FieldRules(story.Versions[^1].Content.Rules, PackageStory.Day);
            Assert.Empty(rules.CheckEdit(story.Branch, turned, story.Hq));
            Assert.Empty(rules.MandatoryPending(turned, story.Hq));
            Assert.NotEmpty(rules.MandatoryPending(ContentTree.With(turned, "/clauses/cancellation/body", ContentValue.String("Never."))!, story.Hq));
            story.Edit(("/clauses", ContentTree.ToJson(turned.Find("clauses")!)));
            Assert.True(story.Review().NothingOffered);
        }

        [Fact]
        public void A_locked_field_the_branch_changed_leaves_no_choice_but_is_not_safe_to_take_unseen()
        {
            var story = new PackageStory().Edit(("/clauses/cancellation/body", "\"Ours.\""))
                .Publish(("/clauses/cancellation/body", "\"You may cancel within 14 days.\""), ("/rules/cancel", Lock));
            var review = story.Review();
            var row = Assert.Single(review.Rows);
            Assert.Equal((true, false, true, false), (row.IsConflict, row.NeedsChoice, row.Overrides, row.IsSafe));
            Assert.Equal((0, 1, false), (review.Counts.NeedChoice, review.Counts.Overrides, review.Counts.IsSafe));
        }

        [Fact]
        public void A_lock_overrides_an_own_value_also_where_HQ_went_back_to_what_it_had()
        {
            // Declined at version 2, edited since; version 3 is version 1's value again, and holds it.
            var story = new PackageStory().Publish(("/turnaroundDays", "50"));
            story.Accept(("/turnaroundDays", MergeDecision.Branch));
            story.Edit(("/turnaroundDays", "30")).Publish(("/turnaroundDays", "42"), ("/rules/days", """{"id":"days","path":"/turnaroundDays","mode":"locked","basis":"Brand"}"""));
            var review = story.Review();
            var row = Assert.Single(review.Rows);
            Assert.Equal((MergeCase.HqReturnedToOldValue, false, true, false), (row.Case, row.NeedsChoice, row.Overrides, row.IsSafe));
            Assert.Equal((1, false), (review.Counts.Overrides, review.Counts.IsSafe));
            Assert.True(Assert.Single(story.Accept().Taken).Overrode);
        }

        [Fact]
        public void A_lock_on_what_the_branch_left_as_it_was_overrides_nothing()
        {
            var story = new PackageStory().Publish(("/turnaroundDays", "50"), ("/rules/days", """{"id":"days","path":"/turnaroundDays","mode":"locked","basis":"Brand"}"""));
            Assert.Equal((0, true), (story.Review().Counts.Overrides, story.Review().Counts.IsSafe));
            Assert.False(Assert.Single(story.Accept().Taken).Overrode);
        }

        [Fact]
        public void An_order_both_changed_waits_for_a_choice()
        {
            string Turned(ContentObject tree) => ContentTree.ToJson(ContentList.Of([.. ((ContentList)tree.Find("items")!).Elements.Reverse()]));
            string Rotated(ContentObject tree) => ContentTree.ToJson(ContentList.Of([.. ((ContentList)tree.Find("items")!).Elements.Skip(1), ((ContentList)tree.Find("items")!).Elements.First()]));
            var story = new PackageStory();
            story.Edit(("/items", Turned(story.Branch)));
            story.Publish(("/items", Rotated(story.Versions[^1].Content.ToTree())));
            var review = story.Review();
            Assert.Equal((MergeCase.Conflict, true), (Assert.Single(review.Orders).Case, review.Orders[0].NeedsChoice));
            Assert.Equal((1, false), (review.Counts.NeedChoice, review.Counts.IsSafe));
        }

        [Fact]
        public void A_mandatory_field_is_offered_for_as_long_as_the_branch_has_another_value()
        {
            var story = new PackageStory().Publish(("/clauses/cancellation/body", "\"You may cancel within 14 days.\""), ("/rules/cancel", Lock));
            var row = Assert.Single(story.Review().Rows);
            Assert.Equal((true, true, (MergeChoice?)MergeChoice.Hq), (row.IsLocked, row.IsMandatory, row.Default));

            story.Accept((row.Path, MergeDecision.Branch));
            Assert.Equal(1, story.Pointers.DecidedAt(row.Path));
            Assert.Equal(row.Path, Assert.Single(story.Review().Rows).Path);
            story.Ignore();
            Assert.Equal(row.Path, Assert.Single(story.Review().Rows).Path);
            Assert.Equal("You may cancel at any time.", story.Value(row.Path));

            story.Accept();
            Assert.True(story.Review().NothingOffered);
        }

        [Fact]
        public void A_lock_put_on_a_field_the_branch_had_changed_before_offers_it_again()
        {
            var story = new PackageStory().Edit(("/clauses/cancellation/body", "\"Ours.\"")).Publish(("/rules/cancel", Lock));
            var row = Assert.Single(story.Review().Rows);
            Assert.Equal((MergeCase.Conflict, (MergeChoice?)MergeChoice.Hq), (row.Case, row.Default));
            story.Accept();
            Assert.Equal("You may cancel at any time.", story.Value(row.Path));
        }

        [Fact]
        public void New_quotes_are_blocked_after_the_deadline_and_nothing_is_written()
        {
            var story = new PackageStory().Publish(("/clauses/cancellation/body", "\"You may cancel within 14 days.\""), ("/rules/cancel", Lock));
            FieldRules On(DateOnly day) => new(story.Versions[^1].Content.Rules, day);
            Assert.False(Assert.Single(On(new(2026, 12, 15)).MandatoryPending(story.Branch, story.Hq)).IsOverdue);
            Assert.Null(On(new(2026, 12, 15)).NewQuotesBlocked(story.Branch, story.Hq));
            Assert.Equal("refuse.package.mandatory_pending", On(new(2026, 12, 16)).NewQuotesBlocked(story.Branch, story.Hq)?.Code);
            Assert.Null(On(new(2028, 1, 1)).NewQuotesBlocked(story.Branch, story.Hq));
            story.Accept();
            Assert.Null(On(new(2026, 12, 16)).NewQuotesBlocked(story.Branch, story.Hq));
        }

        [Fact]
        public void An_expired_lock_is_as_if_it_were_not_there()
        {
            var story = new PackageStory().Publish(("/clauses/cancellation/body", "\"You may cancel within 14 days.\""), ("/rules/cancel", Lock));
            story.Today = new(2028, 1, 1);
            Assert.False(Assert.Single(story.Review().Rows).IsLocked);
        }

        [Fact]
        public void A_value_entered_into_a_locked_field_is_refused() => Assert.StartsWith("refuse.package.field_locked",
            new PackageStory().Publish(("/clauses/cancellation/body", "\"You may cancel within 14 days.\""), ("/rules/cancel", Lock))
                .Refused(("/clauses/cancellation/body", MergeDecision.Enter(ContentValue.String("Never.")))), StringComparison.Ordinal);
    }

    public sealed class Rules
    {
        [Fact]
        public void Local_fields_are_never_offered()
        {
            var story = new PackageStory(PackageStory.Classic.Replace("\"rules\":[]", """
            "rules":[{"id":"tax","path":"/tax","mode":"local","basis":"Each country's own"}]
            """, StringComparison.Ordinal))
                .Edit(("/tax/name", "\"IVA\""), ("/tax/ratePercent", "\"23\"")).Publish(("/tax/ratePercent", "\"19\""), ("/tax/name", "\"MwSt\""));
            var review = story.Review();
            Assert.True(review.NothingOffered);
            Assert.Empty(review.Kept);
        }

        [Fact]
        public void Bounds_in_percent_are_worked_out_exactly_from_HQs_price()
        {
            var story = new PackageStory().Publish((HqAlbumPrice, "\"495.00\""),
                ("/rules/band", """{"id":"band","path":"/items/album/unitPrice","mode":"bounded","minPercent":"-10","maxPercent":"12.5","basis":"Brand"}"""));
            Assert.Equal((445.5m, 556.875m), story.Review().Rows[0].Bounds);
            Assert.Null(story.Refused((AlbumPrice, MergeDecision.Enter(ContentValue.String("556.875")))));
            Assert.StartsWith("refuse.package.out_of_bounds", story.Refused((AlbumPrice, MergeDecision.Enter(ContentValue.String("556.8751")))), StringComparison.Ordinal);
            Assert.Null(story.Refused((AlbumPrice, MergeDecision.Enter(ContentValue.String("445.50")))));
            Assert.StartsWith("refuse.package.out_of_bounds", story.Refused((AlbumPrice, MergeDecision.Enter(ContentValue.String("445.49")))), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void HQ_removes_a_line_that_open_quotes_contain_and_it_stays_by_default()
    {
        var story = new PackageStory().Publish(("/items/prints", null));
        Assert.Equal(MergeChoice.Hq, Assert.Single(story.Review().Rows).Default);
        story.InOpenQuotes.UnionWith(UpdateReview.ElementsOf(story.Content));
        var row = Assert.Single(story.Review().Rows);
        Assert.Equal((true, (MergeChoice?)MergeChoice.Branch), (row.UsedByOpenQuotes, row.Default));
    }

    [Fact]
    public void A_line_the_branch_removed_and_HQ_changed_is_one_row_with_the_changes_inside()
    {
        var story = new PackageStory().Edit(("/items/album", null)).Publish((HqAlbumPrice, "\"495.00\""), ("/items/album/title", "\"Linen album, 40 pages\""));
        var row = Assert.Single(story.Review().Rows);
        Assert.Equal(("/items/album", MergeCase.BranchRemovedHqChanges, (MergeChoice?)MergeChoice.Branch), (row.Path, row.Case, row.Default));
        Assert.Equal(["/items/album/title", AlbumPrice], row.Inside.Select(c => c.Path));

        story.Accept((row.Path, MergeDecision.Hq));
        Assert.Equal(["coverage", "album", "prints"], story.Content.Items.Select(i => i.Id));
        Assert.Equal("495.00", story.Value(AlbumPrice));
    }

    [Fact]
    public void A_possible_duplicate_has_to_be_chosen()
    {
        const string drone = """{"id":"ID","title":"Aerial photographs","kind":"session","quantity":1,"unitPrice":PRICE,"inclusion":"add_on","deliverables":[]}""";
        var story = new PackageStory().Edit(("/items/drone", drone.Replace("ID", "drone", StringComparison.Ordinal).Replace("PRICE", "\"290.00\"", StringComparison.Ordinal)))
            .Publish(("/items/aerial", drone.Replace("ID", "aerial", StringComparison.Ordinal).Replace("PRICE", """{"EUR":"250.00","GBP":"220.00"}""", StringComparison.Ordinal)));
        Assert.Equal("Aerial photographs", Assert.Single(story.Review().Rows).DuplicateOf);
        Assert.StartsWith("refuse.package.decision_missing at /items/aerial", story.Refused(), StringComparison.Ordinal);
        Assert.Equal(["/items/aerial"], story.Review().Preview(MergeDecisions.None).Missing);
        story.Accept(("/items/aerial", MergeDecision.Branch));
        Assert.True(story.Review().NothingOffered);
    }

    [Fact]
    public void The_branchs_own_edits_that_stay_are_counted()
    {
        var story = new PackageStory().Edit(("/items/coverage/deliverables/edited/quantity", "500"), (AlbumPrice, "\"520.00\"")).Publish((HqAlbumPrice, "\"495.00\""), ("/travel/radiusKm", "60"));
        var review = story.Review();
        Assert.Equal(new ReviewCounts(2, 1, 0, 1, 0, 0), review.Counts);
        Assert.Equal("Full-day coverage: Edited photographs, quantity", Assert.Single(review.Kept).Field.Label);
    }

    public sealed class Digests
    {
        [Fact]
        public void A_decision_on_another_preview_is_stale()
        {
            var story = new PackageStory().Publish((HqAlbumPrice, "\"495.00\""));
            var seen = story.Review().Digest;
            story.Edit(("/turnaroundDays", "30"));
            Assert.Equal("refuse.package.preview_stale", story.Review().Decide(MergeDecisions.None, seen).Refusal?.Code);
        }

        [Fact]
        public void The_digest_moves_with_what_the_person_sees_and_with_nothing_else()
        {
            var story = new PackageStory().Publish((HqAlbumPrice, "\"495.00\""), ("/items/prints", null));
            var digest = story.Review().Digest;
            Assert.Equal(digest, story.Review().Digest);
            Assert.Equal(digest, UpdateReview.Of(story.Request() with { Today = story.Today.AddDays(1) }).Value.Digest);
            Assert.NotEqual(digest, UpdateReview.Of(story.Request() with { Facts = new Dictionary<string, long> { ["open_quotes"] = 11 } }).Value.Digest);
            Assert.NotEqual(digest, UpdateReview.Of(story.Request() with { UsedByOpenQuotes = new HashSet<string> { "/items/prints" } }).Value.Digest);
            Assert.NotEqual(digest, UpdateReview.Of(story.Request() with { BranchHash = new string('0', 64) }).Value.Digest);
        }
    }

    [Fact]
    public void A_currency_HQ_has_no_price_for_is_refused_by_name()
    {
        var refusal = new PackageStory().Versions[0].Content.ProjectTo("CHF").Refusal!;
        Assert.Equal(("refuse.package.price_missing", "/items/coverage/unitPrice", "\"Full-day coverage\" has no price in CHF, and prices are never converted."), (refusal.Code, refusal.Path, refusal.Sentence));
    }

    [Fact]
    public void HQs_new_order_of_lines_is_offered_and_taken_by_default()
    {
        var story = new PackageStory();
        var tree = story.Versions[0].Content.ToTree();
        var items = (ContentList)tree.Find("items")!;
        story.Publish(ContentTree.With(tree, "/items", ContentList.Of([.. items.Elements.Reverse()]))!);
        var order = Assert.Single(story.Review().Orders);
        Assert.Equal(("Line items", MergeCase.Clean), (order.Label, order.Case));

        var review = story.Review();
        var kept = review.Decide(new(MergeDecisions.None.Fields, new Dictionary<string, MergeChoice> { ["/items"] = MergeChoice.Branch }), review.Digest).Value;
        Assert.Equal(["coverage", "album", "prints"], kept.Merged.Items.Select(i => i.Id));
        Assert.Equal(OfferState.PartlyAccepted, kept.Verdict);
        story.Accept();
        Assert.Equal(["prints", "album", "coverage"], story.Content.Items.Select(i => i.Id));
        Assert.True(story.Review().NothingOffered);
    }
}
