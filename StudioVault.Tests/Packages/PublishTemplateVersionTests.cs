using System.Text.Json.Nodes;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Packages;

public sealed class PublishTemplateVersionTests(PostgresServer server) : PackagesTest(server)
{
    [Fact]
    public async Task Opening_a_draft_that_is_there_writes_nothing()
    {
        await PublishAsync(WeddingContent(), "The first one.");
        var begun = (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value;
        var entries = await SqlAsync("select count(*) from audit.entries");
        Assert.Equal(begun, (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value);
        Assert.Equal(entries, await SqlAsync("select count(*) from audit.entries"));
        Assert.Equal("refuse.kernel.not_allowed", (await Drafts.OpenAsync(Ana, Wedding, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task Offers_the_version_to_every_branch_and_tells_each_of_them()
    {
        var published = await PublishAsync(WeddingContent());
        Assert.Equal((1, 2), (published.Version, published.Offers));
        Assert.Equal(2L, await SqlAsync("select count(*) from packages.update_offers where state = 'Offered' and is_adoption"));
        Assert.Equal(2L, await SqlAsync("select count(*) from live.outbox where topic = 'OFFER_CHANGED@1.0' and space_id is not null"));
        Assert.Equal(0L, await SqlAsync("select count(*) from live.outbox where payload_sha256 <> encode(sha256(convert_to(payload, 'UTF8')), 'hex')"));
        Assert.Equal(0L, await SqlAsync("select count(*) from packages.branch_packages"));
    }

    [Fact]
    public async Task Writes_no_row_of_a_branch_but_the_offer()
    {
        await AdoptAsync();
        var before = await SqlAsync("select string_agg(p::text, '|' order by branch_id) || (select string_agg(r::text, '|' order by branch_id) from packages.package_revisions r) from packages.branch_packages p");
        var content = WeddingContent();
        content["turnaroundDays"] = 30;
        await PublishAsync(content);
        Assert.Equal(before, await SqlAsync("select string_agg(p::text, '|' order by branch_id) || (select string_agg(r::text, '|' order by branch_id) from packages.package_revisions r) from packages.branch_packages p"));
    }

    [Fact]
    public async Task A_published_version_never_changes()
    {
        await PublishAsync(WeddingContent());
        await using var change = Superuser.CreateCommand("update packages.template_versions set summary = 'x'");
        // Both guards stand in the way; which one answers first is PostgreSQL's affair.
        var refused = await Assert.ThrowsAsync<PostgresException>(() => change.ExecuteNonQueryAsync(Ct));
        Assert.Contains(refused.SqlState, new[] { SchemaProtection.InsertOnlyState, SchemaProtection.NoAuditState });
    }

    [Fact]
    public async Task A_newer_version_supersedes_what_is_still_open()
    {
        await AdoptAsync();
        foreach (var days in new[] { 40, 38 })
        {
            var content = WeddingContent();
            content["turnaroundDays"] = days;
            await PublishAsync(content);
        }

        Assert.Equal(2L, await SqlAsync("select count(*) from packages.update_offers where version = 2 and state = 'Superseded'"));
        Assert.Equal(2L, await SqlAsync("select count(*) from packages.update_offers where version = 3 and state = 'Offered'"));
    }

    [Fact]
    public async Task A_class_below_the_computed_one_is_refused()
    {
        await PublishAsync(WeddingContent());
        var content = WeddingContent();
        content["travel"]!["radiusKm"] = 20;
        Assert.Equal("refuse.change.understated_class", (await TryPublishAsync(content, declared: ChangeClass.Minor)).Refusal?.Code);
    }

    [Fact]
    public async Task The_class_is_computed_against_what_was_not_called_back()
    {
        await AdoptAsync();
        await PublishAsync(AlbumAt("4800.00"), "A slip.");
        Assert.Null((await Yank.RunAsync(Hq, Wedding, 2, "A zero too many.", Ct)).Refusal);
        Assert.Equal("refuse.change.understated_class", (await TryPublishAsync(AlbumAt("500.00"), declared: ChangeClass.Minor)).Refusal?.Code);
        var draft = (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value;
        var radius = (await Blast.ComputeAsync(Hq, new PublishOrder(Wedding, draft.Revision, "s", ChangeClass.Patch, null, null, null, 3), null, Ct)).Value;
        Assert.Equal(ChangeClass.Major, radius.Class);
        Assert.Contains("EUR 480.00 before, 500.00 now", Assert.Single(radius.Reasons).Sentence, StringComparison.Ordinal);
        Assert.Null((await TryPublishAsync(AlbumAt("500.00"))).Refusal);
    }

    [Fact]
    public async Task What_stood_before_a_recall_can_be_published_again_and_what_was_recalled_cannot()
    {
        await AdoptAsync();
        await PublishAsync(AlbumAt("470.00"), "Cheaper.");
        Assert.Null((await AcceptAsync(BerlinManager, Berlin)).Refusal);
        Assert.Null((await Yank.RunAsync(Hq, Wedding, 2, "Too cheap.", Ct)).Refusal);
        Assert.Equal(PublishRefusals.NothingChanged.Code, (await TryPublishAsync(AlbumAt("470.00"))).Refusal?.Code);
        // Whoever took version 2 pays more again, and whoever did not gets nothing new.
        Assert.Equal("refuse.change.understated_class", (await TryPublishAsync(WeddingContent(), declared: ChangeClass.Minor)).Refusal?.Code);
        Assert.Equal(2, (await PublishAsync(WeddingContent(), "As before.")).Offers);
        Assert.Null((await AcceptAsync(BerlinManager, Berlin)).Refusal);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
    }

    [Fact]
    public async Task A_recall_after_the_look_asks_for_another_look()
    {
        await AdoptAsync();
        await PublishAsync(AlbumAt("470.00"), "Cheaper.");
        var draft = (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value;
        var saved = (await Drafts.SaveAsync(Hq, Wedding, draft.Revision, AlbumAt("475.00").ToJsonString(), "s", Ct)).Value;
        var order = new PublishOrder(Wedding, saved.Revision, "s", ChangeClass.Major, null, null, "test", 3);
        var looked = (await Blast.ComputeAsync(Hq, order, null, Ct)).Value.Digest;
        Assert.Null((await Yank.RunAsync(Hq, Wedding, 2, "Too cheap.", Ct)).Refusal);
        Assert.Equal("refuse.package.radius_stale", (await Publish.RunAsync(Hq, order with { RadiusDigest = looked }, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task The_log_says_the_class_that_was_declared_and_the_one_that_was_computed()
    {
        await PublishAsync(WeddingContent());
        Assert.Null((await TryPublishAsync(AlbumAt("470.00"), declared: ChangeClass.Major)).Refusal);
        Assert.Equal("Major Minor", await SqlAsync("select (payload::jsonb ->> 'class') || ' ' || (payload::jsonb ->> 'computedClass') from audit.entries where action = 'template.publish' and outcome = 'done' and payload::jsonb ->> 'version' = '2'"));
        Assert.Equal("Major", await SqlAsync("select class from packages.template_versions where number = 2"));
    }

    [Theory]
    [InlineData("snooze", 2_000)]
    [InlineData("keep", 2_000)]
    [InlineData("note", 2_000)]
    [InlineData("recall", 500)]
    [InlineData("cadence", 500)]
    [InlineData("wave", 60)]
    [InlineData("first wave", 60)]
    public async Task What_everybody_reads_is_not_endless(string what, int longest)
    {
        await AdoptAsync();
        await PublishAsync(AlbumAt("470.00"), "Cheaper.", Porto);
        var look = await LookAsync(Ana, Porto);
        Assert.Equal(("refuse.kernel.too_long", $"This text is longer than {longest.ToString(System.Globalization.CultureInfo.CurrentCulture)} characters."), await SayAsync(longest + 1));
        // What stands around it does not count, and so much is not too much.
        Assert.NotEqual("refuse.kernel.too_long", (await SayAsync(longest)).Code);

        async Task<(string? Code, string? Sentence)> SayAsync(int length)
        {
            var words = " " + new string('x', length) + " ";
            var refusal = what switch
            {
                "snooze" => (await Offers.SnoozeAsync(Ana, Porto, look.Id, new Snooze.NextVersion(), words, Ct)).Refusal,
                "keep" => (await Offers.KeepAfterYankAsync(Ana, Porto, look.Id, words, Ct)).Refusal,
                "note" => (await Decide.AcceptAsync(Ana, Porto, look.Id, look.Digest, MergeDecisions.None, words, Ct)).Refusal,
                "recall" => (await Yank.RunAsync(Hq, Wedding, 2, words, Ct)).Refusal,
                "wave" => (await Waves.RunAsync(Hq, Wedding, 2, words, null, Ct)).Refusal,
                "cadence" => (await TryPublishAsync(AlbumAt("460.00"), cadenceReason: words)).Refusal,
                _ => (await FirstWaveAsync(words)).Refusal,
            };
            return (refusal?.Code, refusal?.Sentence);
        }
    }

    [Fact]
    public async Task A_wave_has_a_name()
    {
        Assert.Equal("refuse.package.wave_name_missing", (await FirstWaveAsync(" ")).Refusal?.Code);
        await PublishAsync(WeddingContent(), "Pilot.", Porto);
        Assert.Equal("refuse.package.wave_name_missing", (await Waves.RunAsync(Hq, Wedding, 1, " ", null, Ct)).Refusal?.Code);
        Assert.Equal(1L, await SqlAsync("select count(*) from packages.publish_waves"));
    }

    [Fact]
    public async Task Sooner_than_the_cadence_budget_needs_a_reason()
    {
        await PublishAsync(WeddingContent());
        var content = WeddingContent();
        content["turnaroundDays"] = 30;
        Assert.Equal(PublishRefusals.CadenceReasonMissing.Code, (await TryPublishAsync(content, cadenceReason: null)).Refusal?.Code);
    }

    [Fact]
    public async Task The_typed_number_must_be_the_next_version() =>
        Assert.Equal(PublishRefusals.WrongVersionTyped.Code, (await TryPublishAsync(WeddingContent(), typed: 7)).Refusal?.Code);

    [Fact]
    public async Task The_same_content_again_is_refused()
    {
        await PublishAsync(WeddingContent());
        Assert.Equal(PublishRefusals.NothingChanged.Code, (await TryPublishAsync(WeddingContent())).Refusal?.Code);
    }

    [Fact]
    public async Task A_draft_that_moved_meanwhile_is_not_published()
    {
        var draft = (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value;
        await Drafts.SaveAsync(Hq, Wedding, draft.Revision, WeddingContent().ToJsonString(), "mine", Ct);
        var result = await Publish.RunAsync(Hq, new PublishOrder(Wedding, draft.Revision, "s", ChangeClass.Major, null, null, null, 1), Ct);
        Assert.Equal(PublishRefusals.DraftMoved.Code, result.Refusal?.Code);
    }

    [Fact]
    public async Task Two_editors_never_overwrite_each_other()
    {
        var draft = (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value;
        Assert.Null((await Drafts.SaveAsync(Hq, Wedding, draft.Revision, WeddingContent().ToJsonString(), "first", Ct)).Value.Theirs);
        var second = (await Drafts.SaveAsync(Hq, Wedding, draft.Revision, WeddingContent().ToJsonString(), "second", Ct)).Value;
        Assert.Equal("first", second.Theirs?.Summary);
    }

    [Theory]
    [InlineData("deposits", "refuse.package.invariant")]
    [InlineData("negative", "refuse.package.invariant")]
    [InlineData("currency", "refuse.package.price_missing")]
    public async Task Bad_content_is_refused_and_the_draft_is_kept(string fault, string code)
    {
        var content = WeddingContent();
        if (fault == "deposits") In(content, "depositPlan", "booking")["percent"] = "31";
        if (fault == "negative") In(content, "items", "album")["unitPrice"]!["EUR"] = "-1.00";
        if (fault == "currency") content["items"]!.AsArray().Add(JsonNode.Parse("""{"id":"usb","title":"USB","kind":"product","quantity":1,"unitPrice":{"GBP":"9.00"},"inclusion":"add_on","deliverables":[]}"""));
        Assert.Equal(code, (await TryPublishAsync(content)).Refusal?.Code);
        Assert.Equal(0L, await SqlAsync("select count(*) from packages.template_versions"));
        Assert.True(JsonNode.DeepEquals(content, JsonNode.Parse((await Drafts.OpenAsync(Hq, Wedding, Ct)).Value.Content)), "the draft is as it was saved, faults and all");
    }

    [Theory]
    [InlineData("""{"name":"x"}""", "refuse.compatx.missing_payload_version")]
    [InlineData("""{"schema_version":"9.0.0","name":"x"}""", "refuse.compatx.unsupported_schema_version")]
    [InlineData("""{"schema_version":"1.0.0","nmae":"x"}""", "unknown_top_level_field")]
    [InlineData("""{"schema_version":""", "refuse.package.not_json")]
    public async Task Content_of_an_unknown_shape_is_refused_when_it_is_saved(string content, string code)
    {
        var draft = (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value;
        Assert.Equal(code, (await Drafts.SaveAsync(Hq, Wedding, draft.Revision, content, "", Ct)).Refusal?.Code);
        Assert.Equal(draft.Content, (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value.Content);
    }

    [Fact]
    public async Task A_fixed_price_for_an_independent_branch_is_refused()
    {
        var content = WeddingContent();
        content["rules"]!.AsArray().Add(JsonNode.Parse("""{"id":"fixed","path":"/items/coverage/unitPrice","mode":"locked","basis":"Brand"}"""));
        Assert.Equal("refuse.pricing.rpm", (await TryPublishAsync(content)).Refusal?.Code);
        Assert.Null((await TryPublishAsync(content, wave: [Porto])).Refusal);
    }

    [Fact]
    public async Task A_wave_reaches_only_its_branches_and_a_later_one_the_rest()
    {
        var published = await PublishAsync(WeddingContent(), "Pilot.", Porto);
        Assert.Equal(1, published.Offers);
        Assert.Equal(1, (await Waves.RunAsync(Hq, Wedding, 1, "Everyone", null, Ct)).Value);
        Assert.Equal(2L, await SqlAsync("select count(*) from packages.update_offers where version = 1"));
    }

    [Fact]
    public async Task Yank_closes_open_offers_and_asks_accepters_to_look_but_reverts_nothing()
    {
        var package = await AdoptAsync();
        var content = WeddingContent();
        content["turnaroundDays"] = 30;
        await PublishAsync(content);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        var before = await CurrentAsync(package);
        Assert.Equal(2, (await Yank.RunAsync(Hq, Wedding, 2, "Wrong number of days.", Ct)).Value);
        Assert.Equal("Yanked", await SqlAsync("select state from packages.update_offers where branch_id = $1 and version = 2", Berlin.Value));
        Assert.Equal(true, await SqlAsync("select review_revert_asked_at is not null and state = 'Accepted' from packages.update_offers where branch_id = $1 and version = 2", Porto.Value));
        var after = await CurrentAsync(package);
        Assert.Equal((before.Revision, before.Content.ToJsonString()), (after.Revision, after.Content.ToJsonString()));
    }

    [Fact]
    public async Task A_later_wave_may_not_fix_a_price_of_an_independent_branch_either()
    {
        var content = WeddingContent();
        content["rules"]!.AsArray().Add(JsonNode.Parse("""{"id":"fixed","path":"/items/coverage/unitPrice","mode":"locked","basis":"Brand"}"""));
        Assert.Null((await TryPublishAsync(content, wave: [Porto])).Refusal);
        Assert.Equal("refuse.pricing.rpm", (await Waves.RunAsync(Hq, Wedding, 1, "Everyone else", null, Ct)).Refusal?.Code);
        Assert.Equal("refuse.pricing.rpm", (await Waves.RunAsync(Hq, Wedding, 1, "Berlin", [Berlin], Ct)).Refusal?.Code);
        Assert.Equal(1L, await SqlAsync("select count(*) from packages.update_offers"));
        Assert.Equal(1L, await SqlAsync("select count(*) from packages.publish_waves"));
    }

    [Fact]
    public async Task A_later_wave_names_branches_that_there_are_and_at_least_one()
    {
        await PublishAsync(WeddingContent(), "Pilot.", Porto);
        Assert.Equal(PublishRefusals.WaveUnknown.Code, (await Waves.RunAsync(Hq, Wedding, 1, "Nobody", [], Ct)).Refusal?.Code);
        Assert.Equal(PublishRefusals.WaveUnknown.Code, (await Waves.RunAsync(Hq, Wedding, 1, "Who", [Berlin, BranchId.New()], Ct)).Refusal?.Code);
        Assert.Equal(1L, await SqlAsync("select count(*) from packages.publish_waves"));
        await PastGuardsAsync($"update organization.branches set currency = 'GBP' where id = '{Berlin}'");
        Assert.Equal("refuse.package.price_missing", (await Waves.RunAsync(Hq, Wedding, 1, "Berlin", [Berlin], Ct)).Refusal?.Code);
        Assert.Equal(KernelRefusals.NotFound.Code, (await Waves.RunAsync(Hq, Wedding, 2, "Later", null, Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_allowed", (await Waves.RunAsync(Ana, Wedding, 1, "Mine", [Porto], Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task Calling_a_version_back_brings_back_what_was_folded_into_it()
    {
        await AdoptAsync();
        await PublishAsync(Turnaround(40), "Two.");
        await PublishAsync(Turnaround(38), "Three.");
        await Offers.SnoozeAsync(BerlinManager, Berlin, await OpenOfferAsync(Berlin), new Snooze.Until(new DateOnly(2099, 1, 1)), "Season", Ct);
        var told = (long)(await SqlAsync("select count(*) from live.outbox where topic = 'OFFER_CHANGED@1.0'"))!;
        Assert.Equal(2, (await Yank.RunAsync(Hq, Wedding, 3, "Mistake.", Ct)).Value);

        Assert.Equal("Offered|2", await OpenAsync(Porto));
        Assert.Equal("Snoozed|2", await OpenAsync(Berlin));
        Assert.Equal("2099-01-01|Season", await SqlAsync("select snoozed_until || '|' || reason from packages.update_offers where branch_id = $1 and state = 'Snoozed'", Berlin.Value));
        Assert.Equal(told + 4, await SqlAsync("select count(*) from live.outbox where topic = 'OFFER_CHANGED@1.0'"));
        Assert.Equal(0L, await SqlAsync("select count(*) from live.outbox where payload_sha256 <> encode(sha256(convert_to(payload, 'UTF8')), 'hex')"));
        // It is a whole offer again: read, accepted, and no other is left.
        var review = (await Packages.ReviewAsync(Ana, Porto, await OpenOfferAsync(Porto), Ct)).Value;
        Assert.Equal((2, "/turnaroundDays", "40"), (review.Version, review.Review!.Rows.Single().Path, (review.Review.Rows.Single().Hq as ContentValue)?.Text));
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        Assert.Equal(0L, await SqlAsync("select count(*) from packages.update_offers where branch_id = $1 and state in ('Offered', 'Viewed', 'Snoozed')", Porto.Value));
    }

    [Fact]
    public async Task What_a_branch_has_ruled_on_is_not_offered_again_by_a_recall()
    {
        await AdoptAsync();
        await PublishAsync(Turnaround(40), "Two.");
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        Assert.Null((await Decide.IgnoreAsync(BerlinManager, Berlin, await OpenOfferAsync(Berlin), "No.", Ct)).Refusal);
        await PublishAsync(Turnaround(38), "Three.");
        Assert.Null((await Yank.RunAsync(Hq, Wedding, 3, "Mistake.", Ct)).Refusal);
        Assert.Equal(0L, await SqlAsync("select count(*) from packages.update_offers where state in ('Offered', 'Viewed', 'Snoozed')"));
    }

    [Fact]
    public async Task After_a_recall_the_version_before_it_can_be_offered_to_more_branches()
    {
        await AdoptAsync();
        await PublishAsync(Turnaround(40), "Two.", Porto);
        await PublishAsync(Turnaround(38), "Three.");
        Assert.Equal(PublishRefusals.NotNewest.Code, (await Waves.RunAsync(Hq, Wedding, 2, "Rest", null, Ct)).Refusal?.Code);
        Assert.Null((await Yank.RunAsync(Hq, Wedding, 3, "Mistake.", Ct)).Refusal);
        Assert.Equal(PublishRefusals.AlreadyYanked.Code, (await Waves.RunAsync(Hq, Wedding, 3, "Rest", null, Ct)).Refusal?.Code);

        // Berlin was never offered version 2, so a recall does not offer it; a wave does.
        Assert.Equal("Offered|2", await OpenAsync(Porto));
        Assert.Null(await OpenAsync(Berlin));
        Assert.Equal(1, (await Waves.RunAsync(Hq, Wedding, 2, "Rest", null, Ct)).Value);
        Assert.Equal("Offered|2", await OpenAsync(Berlin));
    }

    [Fact]
    public async Task A_branch_that_took_a_recalled_version_with_a_later_one_is_asked_too_where_it_still_says_the_same()
    {
        var package = await AdoptAsync();
        await PublishAsync(Turnaround(40), "Two.");
        var three = Turnaround(40);
        three["travel"]!["radiusKm"] = 60;
        await PublishAsync(three, "Three.");
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        Assert.Null((await Decide.IgnoreAsync(BerlinManager, Berlin, await OpenOfferAsync(Berlin), "No.", Ct)).Refusal);
        Assert.Equal(1, (await Yank.RunAsync(Hq, Wedding, 2, "Forty is wrong.", Ct)).Value);

        var yank = (await Packages.PackageAsync(Ana, Porto, package, null, Ct)).Value.Yank!;
        Assert.Equal((2, "Forty is wrong.", 2, 3), (yank.Version, yank.Reason, yank.TakenIn, yank.TakenBy));
        var row = Assert.Single((await Packages.InboxAsync(Ana, Porto, InboxTab.ToDecide, null, Ct)).Value.Rows);
        Assert.Equal((3, "Forty is wrong."), (row.Version, row.YankReason));
        Assert.Equal(2, (await Packages.ReviewAsync(Ana, Porto, row.Id, Ct)).Value.YankedVersion);
        Assert.Empty((await Packages.InboxAsync(BerlinManager, Berlin, InboxTab.ToDecide, null, Ct)).Value.Rows);

        // Asked once more when that later version is called back as well, although the first question was answered.
        Assert.Null((await Offers.KeepAfterYankAsync(Ana, Porto, row.Id, "We like it.", Ct)).Refusal);
        Assert.Null((await Yank.RunAsync(Hq, Wedding, 3, "Sixty too.", Ct)).Refusal);
        Assert.Equal((3, "Sixty too."), (await Packages.PackageAsync(Ana, Porto, package, null, Ct)).Value.Yank is { } again ? (again.Version, again.Reason) : default);
    }

    [Fact]
    public async Task A_later_version_that_took_the_fault_back_asks_nobody()
    {
        await AdoptAsync();
        await PublishAsync(Turnaround(40), "Two.");
        var three = WeddingContent();
        three["travel"]!["radiusKm"] = 60;
        await PublishAsync(three, "Three: the turnaround as it was.");
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        Assert.Equal(0, (await Yank.RunAsync(Hq, Wedding, 2, "Forty was wrong.", Ct)).Value);
    }

    [Fact]
    public async Task Nothing_is_published_whose_blast_radius_nobody_has_looked_at()
    {
        var draft = (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value;
        var order = new PublishOrder(Wedding, draft.Revision, "The first one.", ChangeClass.Major, null, null, null, 1);
        Assert.Equal("refuse.package.radius_missing", (await Publish.RunAsync(Hq, order, Ct)).Refusal?.Code);
        Assert.Equal("refuse.package.radius_stale", (await Publish.RunAsync(Hq, order with { RadiusDigest = new string('0', 64) }, Ct)).Refusal?.Code);

        var ofPorto = (await Blast.ComputeAsync(Hq, order with { Branches = [Porto] }, null, Ct)).Value.Digest;
        Assert.Equal("refuse.package.radius_stale", (await Publish.RunAsync(Hq, order with { RadiusDigest = ofPorto }, Ct)).Refusal?.Code);
        Assert.Equal("refuse.package.radius_stale", (await Publish.RunAsync(Hq, order with { Branches = [Berlin], RadiusDigest = ofPorto }, Ct)).Refusal?.Code);
        var ofAll = (await Blast.ComputeAsync(Hq, order, null, Ct)).Value.Digest;
        await PastGuardsAsync($"update organization.branches set ownership = 'Independent' where id = '{Porto}'");
        Assert.Equal("refuse.package.radius_stale", (await Publish.RunAsync(Hq, order with { RadiusDigest = ofAll }, Ct)).Refusal?.Code);
        Assert.Equal(0L, await SqlAsync("select count(*) from packages.template_versions"));

        // One look at every branch is enough for a pilot among them.
        ofAll = (await Blast.ComputeAsync(Hq, order, null, Ct)).Value.Digest;
        Assert.Null((await Publish.RunAsync(Hq, order with { Branches = [Porto], RadiusDigest = ofAll }, Ct)).Refusal);
    }

    [Fact]
    public async Task Only_hq_publishes()
    {
        var draft = (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value;
        var order = new PublishOrder(Wedding, draft.Revision, "s", ChangeClass.Major, null, null, null, 1);
        Assert.Equal("refuse.kernel.not_allowed", (await Publish.RunAsync(Ana, order, Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_allowed", (await Drafts.OpenAsync(Ana, Wedding, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task The_blast_radius_publishes_for_real_and_leaves_nothing_behind()
    {
        var package = await AdoptAsync();
        Assert.Null((await EditAsync(package, c => In(c, "items", "album")["unitPrice"] = "520.00")).Refusal);
        Assert.Null((await Projects.QuoteAsync(Ana, Porto, package, 2, "Marta e João", new DateOnly(2099, 6, 1), Ct)).Refusal);
        var content = WeddingContent();
        In(content, "items", "album")["unitPrice"]!["EUR"] = "495.00";
        var draft = (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value;
        var saved = (await Drafts.SaveAsync(Hq, Wedding, draft.Revision, content.ToJsonString(), "Album.", Ct)).Value;
        var entries = await SqlAsync("select count(*) from audit.entries");
        var seen = new List<(int, int)>();
        var report = await Blast.ComputeAsync(Hq, new PublishOrder(Wedding, saved.Revision, "Album.", ChangeClass.Patch, null, null, null, 0), new Progress(seen), Ct);
        Assert.Null(report.Refusal);
        var radius = report.Value;
        Assert.Equal((2, ChangeClass.Major, 2), (radius.Version, radius.Class, radius.Offers));
        Assert.Equal((1, 1, 0), (radius.Following, radius.Customised, radius.Adopting));
        Assert.Equal((1, 0, 0), (radius.OpenQuotes, radius.Booked, radius.PinsMoved));
        Assert.Equal(1, radius.Branches.Single(b => b.BranchId == Porto).Conflicts);
        Assert.Equal(0, radius.Branches.Single(b => b.BranchId == Berlin).Conflicts);
        Assert.Equal((2, 2), seen[^1]);
        Assert.Equal(1L, await SqlAsync("select count(*) from packages.template_versions"));
        Assert.Equal(entries, await SqlAsync("select count(*) from audit.entries"));
    }

    [Fact]
    public async Task A_manager_decides_while_the_blast_radius_is_computed_and_is_in_it()
    {
        await AdoptAsync();
        await PublishAsync(Turnaround(30), "Two.");
        var look = await LookAsync(BerlinManager, Berlin);
        var order = await WiderAsync();
        Result<Decided>? decided = null;
        var report = await Blast.ComputeAsync(Hq, order, new Hook(() => decided ??= Wait(Decide.AcceptAsync(BerlinManager, Berlin, look.Id, look.Digest, MergeDecisions.None, null, Ct))), Ct);
        Assert.NotNull(decided);
        Assert.Null(decided.Value.Refusal);
        Assert.Null(report.Refusal);
        // Berlin was merged first, and took version 2 after that.
        Assert.Equal((1, 2), (report.Value.Branches.Single(b => b.BranchId == Berlin).Fields, report.Value.Branches.Single(b => b.BranchId == Porto).Fields));
        Assert.Equal(2, report.Value.Offers);
        Assert.Null((await Publish.RunAsync(Hq, order with { RadiusDigest = report.Value.Digest }, Ct)).Refusal);
    }

    [Fact]
    public async Task Where_many_move_meanwhile_only_those_are_merged_again()
    {
        await AdoptAsync();
        await PublishAsync(Turnaround(30), "Two.");
        var look = await LookAsync(BerlinManager, Berlin);
        var (decided, seen) = (false, new List<(int, int)>());
        var blast = new BlastRadius(Door) { FewEnough = 0 };
        var report = await blast.ComputeAsync(Hq, await WiderAsync(), new Hook(() =>
        {
            if (decided) return;
            decided = true;
            Assert.Null(Wait(Decide.AcceptAsync(BerlinManager, Berlin, look.Id, look.Digest, MergeDecisions.None, null, Ct)).Refusal);
        }, seen), Ct);
        Assert.Null(report.Refusal);
        Assert.Equal(1, report.Value.Branches.Single(b => b.BranchId == Berlin).Fields);
        Assert.Equal([(1, 2), (2, 2), (2, 2)], seen);
    }

    [Fact]
    public async Task Branches_that_never_stand_still_are_said_to_be_so()
    {
        var package = await AdoptAsync();
        var blast = new BlastRadius(Door) { FewEnough = 0 };
        var order = await WiderAsync();
        var report = await blast.ComputeAsync(Hq, order, new Hook(() => Assert.Null(Wait(Projects.QuoteAsync(Ana, Porto, package, 1, "Marta e João", new DateOnly(2099, 6, 1), Ct)).Refusal)), Ct);
        Assert.Equal("refuse.package.radius_stale", report.Refusal?.Code);
    }

    [Fact]
    public async Task A_blast_radius_nobody_waits_for_any_more_ends()
    {
        await AdoptAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var seen = new List<(int, int)>();
        var order = await WiderAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Blast.ComputeAsync(Hq, order, new Hook(stop.Cancel, seen), stop.Token));
        Assert.Equal([(1, 2)], seen);
    }

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    /// <summary>A draft with 30 days of turnaround and a wider radius, to be published as the next version.</summary>
    private async Task<PublishOrder> WiderAsync()
    {
        var content = Turnaround(30);
        content["travel"]!["radiusKm"] = 60;
        var draft = (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value;
        var saved = (await Drafts.SaveAsync(Hq, Wedding, draft.Revision, content.ToJsonString(), "Wider.", Ct)).Value;
        return new PublishOrder(Wedding, saved.Revision, "Wider.", ChangeClass.Major, null, null, "test", draft.LatestVersion + 1);
    }

    private async Task<Result<Published>> FirstWaveAsync(string name)
    {
        var draft = (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value;
        var saved = (await Drafts.SaveAsync(Hq, Wedding, draft.Revision, AlbumAt("455.00").ToJsonString(), "s", Ct)).Value;
        return await RunPublishAsync(new PublishOrder(Wedding, saved.Revision, "s", ChangeClass.Major, [Porto], name, "test", draft.LatestVersion + 1));
    }

    private static JsonObject AlbumAt(string price)
    {
        var content = WeddingContent();
        In(content, "items", "album")["unitPrice"]!["EUR"] = price;
        return content;
    }

    private static JsonObject Turnaround(int days)
    {
        var content = WeddingContent();
        content["turnaroundDays"] = days;
        return content;
    }

    private async Task<string?> OpenAsync(BranchId branch) =>
        (string?)await SqlAsync("select state || '|' || version from packages.update_offers where branch_id = $1 and state in ('Offered', 'Viewed', 'Snoozed')", branch.Value);

    /// <summary>Does something each time a branch was merged.</summary>
    private sealed class Hook(Action then, List<(int, int)>? seen = null) : IProgress<(int Done, int Of)>
    {
        public void Report((int Done, int Of) value)
        {
            seen?.Add(value);
            then();
        }
    }

    private sealed class Progress(List<(int, int)> seen) : IProgress<(int Done, int Of)>
    {
        public void Report((int Done, int Of) value) => seen.Add(value);
    }
}
