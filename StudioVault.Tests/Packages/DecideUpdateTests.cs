using System.Text;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Packages;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Packages;

public sealed class DecideUpdateTests(PostgresServer server) : PackagesTest(server)
{
    [Fact]
    public async Task Adopting_takes_hqs_content_with_the_branchs_own_tax()
    {
        await PublishAsync(WeddingContent());
        var adopted = await AcceptAsync(BerlinManager, Berlin);
        Assert.Equal((1, "accepted"), (adopted.Value.Revision, adopted.Value.Verdict));
        Assert.Equal("19", await SqlAsync("select content->'tax'->>'ratePercent' from packages.package_revisions where branch_id = $1", Berlin.Value));
        Assert.Equal(false, await SqlAsync("select is_customised from packages.branch_packages where branch_id = $1", Berlin.Value));
    }

    [Fact]
    public async Task Keeps_the_branch_price_and_takes_the_rest()
    {
        var package = await AdoptAsync();
        Assert.Null((await EditAsync(package, c => In(c, "items", "album")["unitPrice"] = "520.00")).Refusal);
        await PublishFiveAsync();
        var decided = await AcceptAsync(Ana, Porto);
        Assert.Equal(3, decided.Value.Revision);
        var (_, content) = await CurrentAsync(package);
        Assert.Equal("520.00", (string?)In(content, "items", "album")["unitPrice"]);
        Assert.Equal(60, (int?)content["travel"]!["radiusKm"]);
        Assert.Contains("180", (string?)In(content, "clauses", "archive")["body"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_hqs_price_or_another_one_where_the_manager_says_so()
    {
        var package = await AdoptAsync();
        await EditAsync(package, c => In(c, "items", "album")["unitPrice"] = "520.00");
        await PublishFiveAsync();
        var decided = await AcceptAsync(Ana, Porto, MergeDecisions.Of(("/items/album/unitPrice", MergeDecision.Enter(ContentValue.String("510.00"))), ("/travel/radiusKm", MergeDecision.Branch)));
        Assert.Null(decided.Refusal);
        Assert.Equal("partly_accepted", decided.Value.Verdict);
        var (_, content) = await CurrentAsync(package);
        Assert.Equal("510.00", (string?)In(content, "items", "album")["unitPrice"]);
        Assert.Equal(40, (int?)content["travel"]!["radiusKm"]);
    }

    [Fact]
    public async Task What_was_declined_is_not_offered_again_until_hq_changes_it_anew()
    {
        var package = await AdoptAsync();
        var v2 = WeddingContent();
        In(v2, "items", "album")["unitPrice"]!["EUR"] = "490.00";
        await PublishAsync(v2);
        Assert.Null((await AcceptAsync(Ana, Porto, MergeDecisions.Of(("/items/album/unitPrice", MergeDecision.Branch)))).Refusal);

        var v3 = WeddingContent();
        In(v3, "items", "album")["unitPrice"]!["EUR"] = "490.00";
        v3["description"] = "A whole day, from morning to dance.";
        await PublishAsync(v3);
        Assert.Equal(["/description"], await OfferedAsync());
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);

        var v4 = WeddingContent();
        In(v4, "items", "album")["unitPrice"]!["EUR"] = "499.00";
        v4["description"] = "A whole day, from morning to dance.";
        await PublishAsync(v4);
        Assert.Equal(["/items/album/unitPrice"], await OfferedAsync());
        Assert.Equal("480.00", (string?)In((await CurrentAsync(package)).Content, "items", "album")["unitPrice"]);
    }

    [Fact]
    public async Task Ignoring_keeps_every_value_and_needs_a_reason()
    {
        var package = await AdoptAsync();
        await PublishFiveAsync();
        var offer = await OpenOfferAsync(Porto);
        Assert.Equal("refuse.kernel.reason_required", (await Decide.IgnoreAsync(Ana, Porto, offer, " ", Ct)).Refusal?.Code);
        Assert.Null((await Decide.IgnoreAsync(Ana, Porto, offer, "Not before the season ends.", Ct)).Refusal);
        Assert.Equal(1, (await CurrentAsync(package)).Revision);
        var next = WeddingContent();
        MakeFive(next);
        next["turnaroundDays"] = 35;
        await PublishAsync(next);
        Assert.Equal(["/turnaroundDays"], await OfferedAsync());
    }

    [Fact]
    public async Task Several_pending_versions_are_one_difference()
    {
        await AdoptAsync();
        await PublishFiveAsync();
        var next = WeddingContent();
        MakeFive(next);
        next["turnaroundDays"] = 35;
        await PublishAsync(next, "Faster.");
        var review = (await Packages.ReviewAsync(Ana, Porto, await OpenOfferAsync(Porto), Ct)).Value;
        Assert.Equal([3, 2], review.Changelog.Select(c => c.Version));
        Assert.Equal(4, review.Review!.Rows.Count);
    }

    [Fact]
    public async Task A_preview_that_moved_is_refused_and_writes_nothing()
    {
        var package = await AdoptAsync();
        await PublishFiveAsync();
        var review = await LookAsync(Ana, Porto);
        Assert.Null((await Projects.QuoteAsync(Rui, Porto, package, 1, "Marta e João", new DateOnly(2099, 6, 1), Ct)).Refusal);
        var result = await Decide.AcceptAsync(Ana, Porto, review.Id, review.Digest, MergeDecisions.None, null, Ct);
        Assert.Equal("refuse.package.preview_stale", result.Refusal?.Code);
        Assert.Equal(1, (await CurrentAsync(package)).Revision);
    }

    [Fact]
    public async Task The_second_of_two_managers_is_told_who_decided_what()
    {
        await AdoptAsync();
        await PublishFiveAsync();
        var review = await LookAsync(Ana, Porto);
        Assert.Null((await Decide.IgnoreAsync(Rui, Porto, review.Id, "No.", Ct)).Refusal);
        var refusal = (await Decide.AcceptAsync(Ana, Porto, review.Id, review.Digest, MergeDecisions.None, null, Ct)).Refusal;
        Assert.Equal(OfferRefusals.AlreadyDecided.Code, refusal?.Code);
        Assert.StartsWith("Rui ignored version 2", refusal!.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_eight_who_accept_at_once_exactly_one_wins()
    {
        await AdoptAsync();
        await PublishFiveAsync();
        var review = await LookAsync(Ana, Porto);
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Decide.AcceptAsync(i % 2 == 0 ? Ana : Rui, Porto, review.Id, review.Digest, MergeDecisions.None, null, Ct)));
        Assert.Single(results, r => !r.IsRefused);
        Assert.All(results.Where(r => r.IsRefused), r => Assert.Equal(OfferRefusals.AlreadyDecided.Code, r.Refusal!.Code));
        Assert.Equal(2L, await SqlAsync("select max(number)::bigint from packages.package_revisions where branch_id = $1", Porto.Value));
        Assert.Equal(1L, await SqlAsync("select count(*) from packages.offer_decisions d join packages.update_offers o on o.id = d.offer_id where o.version = 2 and d.branch_id = $1", Porto.Value));
    }

    [Fact]
    public async Task Another_branchs_offer_is_not_there()
    {
        await AdoptAsync();
        await PublishFiveAsync();
        var offer = await OpenOfferAsync(Porto);
        Assert.Equal("refuse.kernel.not_found", (await Packages.ReviewAsync(BerlinManager, Porto, offer, Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_found", (await Packages.ReviewAsync(BerlinManager, Berlin, offer, Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_found", (await Decide.IgnoreAsync(BerlinManager, Berlin, offer, "x", Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_allowed", (await Decide.IgnoreAsync(PortoStaff, Porto, offer, "x", Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_allowed", (await Decide.IgnoreAsync(Hq, Porto, offer, "x", Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task A_yanked_version_cannot_be_accepted()
    {
        await AdoptAsync();
        await PublishFiveAsync();
        var review = await LookAsync(Ana, Porto);
        await Yank.RunAsync(Hq, Wedding, 2, "Mistake.", Ct);
        Assert.Equal("refuse.package.yanked", (await Decide.AcceptAsync(Ana, Porto, review.Id, review.Digest, MergeDecisions.None, null, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task The_consent_is_signed_and_names_what_was_on_the_screen()
    {
        await AdoptAsync();
        await PublishFiveAsync();
        var review = await LookAsync(Ana, Porto);
        await Decide.AcceptAsync(Ana, Porto, review.Id, review.Digest, MergeDecisions.None, null, Ct);
        var consent = (string)(await SqlAsync("select consent from packages.offer_decisions where offer_id = $1", review.Id.Value))!;
        var signature = (string)(await SqlAsync("select signature from packages.offer_decisions where offer_id = $1", review.Id.Value))!;
        Assert.Contains(review.Digest, consent, StringComparison.Ordinal);
        Assert.True(Key.Verify(Encoding.UTF8.GetBytes(consent), signature));
        Assert.False(Key.Verify(Encoding.UTF8.GetBytes(consent.Replace("accepted", "ignored", StringComparison.Ordinal)), signature));
    }

    [Fact]
    public async Task The_review_of_a_decided_offer_shows_what_was_decided_about_each_change()
    {
        await AdoptAsync();
        await PublishFiveAsync();
        var review = await LookAsync(Ana, Porto);
        Assert.Null(review.Receipt);
        var kept = review.Review!.Rows.First(r => r.IsSafe);
        await Decide.AcceptAsync(Ana, Porto, review.Id, review.Digest, MergeDecisions.Of((kept.Path, MergeDecision.Branch)), null, Ct);

        var receipt = (await Packages.ReviewAsync(Rui, Porto, review.Id, Ct)).Value.Receipt!;
        Assert.Equal("partly_accepted", receipt.Verdict);
        Assert.Equal(review.Review.Rows.Select(r => r.Path).Order(StringComparer.Ordinal), receipt.Rows.Select(r => r.Field.Path).Order(StringComparer.Ordinal));
        var row = receipt.Rows.Single(r => r.Field.Path == kept.Path);
        Assert.Equal((MergeDecision.Branch, true, kept.Field.Label), (row.Decision, row.Chosen, row.Field.Label));
        Assert.All(receipt.Rows.Where(r => r != row), r => Assert.Equal((MergeDecision.Hq, false), (r.Decision, r.Chosen)));
        Assert.True(Key.Verify(Encoding.UTF8.GetBytes(receipt.Consent), receipt.Signature));
    }

    [Fact]
    public async Task A_decision_can_still_be_read_after_the_package_took_a_later_version()
    {
        await AdoptAsync();
        await PublishFiveAsync();
        var first = await OpenOfferAsync(Porto);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        var content = WeddingContent();
        MakeFive(content);
        content["turnaroundDays"] = 35;
        await PublishAsync(content, "Faster.");
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);

        var review = (await Packages.ReviewAsync(Ana, Porto, first, Ct)).Value;
        Assert.Equal(("accepted", "Wider travel, shorter archive."), (review.Receipt!.Verdict, review.Summary));
        Assert.DoesNotContain(review.Changelog, c => c.Version > review.Version);
    }

    [Fact]
    public async Task Opening_an_offer_again_writes_nothing_and_tells_nobody()
    {
        await PublishAsync(WeddingContent(), "The first one.");
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await Offers.ViewAsync(Ana, Porto, offer, Ct)).Refusal);
        Assert.Null((await Offers.ViewAsync(Rui, Porto, offer, Ct)).Refusal);
        Assert.Equal(1L, await SqlAsync("select count(*) from audit.entries where action = 'offer.view'"));
        Assert.Equal("refuse.kernel.not_found", (await Offers.ViewAsync(BerlinManager, Berlin, offer, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task A_snoozed_offer_keeps_its_day_when_a_newer_version_comes()
    {
        await AdoptAsync();
        await PublishFiveAsync();
        var offer = await OpenOfferAsync(Porto);
        Assert.Equal(OfferRefusals.SnoozeInThePast.Code, (await Offers.SnoozeAsync(Ana, Porto, offer, new Snooze.Until(new DateOnly(2020, 1, 1)), null, Ct)).Refusal?.Code);
        Assert.Null((await Offers.SnoozeAsync(Ana, Porto, offer, new Snooze.Until(new DateOnly(2099, 1, 1)), "Season", Ct)).Refusal);
        var next = WeddingContent();
        MakeFive(next);
        next["turnaroundDays"] = 35;
        await PublishAsync(next);
        Assert.Equal("Snoozed|2099-01-01|Season", await SqlAsync("select state || '|' || snoozed_until || '|' || reason from packages.update_offers where branch_id = $1 and version = 3", Porto.Value));
        Assert.Null((await Offers.WakeAsync(Ana, Porto, await OpenOfferAsync(Porto), Ct)).Refusal);
    }

    [Fact]
    public async Task A_decision_while_the_database_is_away_is_refused_with_a_next_step()
    {
        await AdoptAsync();
        await PublishFiveAsync();
        var review = await LookAsync(Ana, Porto);
        await App.DisposeAsync();
        await using var away = Npgsql.NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=x;Database=x;Timeout=1");
        var door = new StudioVault.Infrastructure.Door.WriteDoor(new(away), Wake, new("test"), Microsoft.Extensions.Logging.Abstractions.NullLogger<StudioVault.Infrastructure.Door.WriteDoor>.Instance);
        var refusal = (await new DecideUpdate(door, Key).AcceptAsync(Ana, Porto, review.Id, review.Digest, MergeDecisions.None, null, Ct)).Refusal;
        Assert.Equal(KernelRefusals.StorageUnavailable.Code, refusal?.Code);
        Assert.NotEmpty(refusal!.NextStep);
    }

    [Fact]
    public async Task Nobody_accepts_what_nobody_of_the_branch_has_opened()
    {
        var package = await AdoptAsync();
        await PublishFiveAsync();
        var review = (await Packages.ReviewAsync(Ana, Porto, await OpenOfferAsync(Porto), Ct)).Value;
        Assert.Equal("refuse.package.not_viewed", (await Decide.AcceptAsync(Ana, Porto, review.Id, review.Digest, MergeDecisions.None, null, Ct)).Refusal?.Code);
        Assert.Equal(1, (await CurrentAsync(package)).Revision);
        // A colleague's look is the branch's look.
        Assert.Null((await Offers.ViewAsync(Rui, Porto, review.Id, Ct)).Refusal);
        Assert.Null((await Decide.AcceptAsync(Ana, Porto, review.Id, review.Digest, MergeDecisions.None, null, Ct)).Refusal);
    }

    [Fact]
    public async Task Nothing_is_decided_while_it_sleeps_and_waking_asks_to_look_again()
    {
        await AdoptAsync();
        await PublishFiveAsync();
        var review = await LookAsync(Ana, Porto);
        Assert.Null((await Offers.SnoozeAsync(Ana, Porto, review.Id, new Snooze.NextVersion(), null, Ct)).Refusal);
        Assert.Equal("refuse.package.offer_snoozed", (await Decide.AcceptAsync(Ana, Porto, review.Id, review.Digest, MergeDecisions.None, null, Ct)).Refusal?.Code);
        Assert.Equal("refuse.package.offer_snoozed", (await Decide.IgnoreAsync(Ana, Porto, review.Id, "No.", Ct)).Refusal?.Code);
        // Opening its page does not wake it.
        Assert.Null((await Offers.ViewAsync(Ana, Porto, review.Id, Ct)).Refusal);
        Assert.Equal("Snoozed", await SqlAsync("select state from packages.update_offers where id = $1", review.Id.Value));
        Assert.Null((await Offers.WakeAsync(Ana, Porto, review.Id, Ct)).Refusal);
        Assert.Equal("refuse.package.not_snoozed", (await Offers.WakeAsync(Ana, Porto, review.Id, Ct)).Refusal?.Code);
        Assert.Equal("refuse.package.not_viewed", (await Decide.AcceptAsync(Ana, Porto, review.Id, review.Digest, MergeDecisions.None, null, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task A_decision_that_writes_no_value_still_says_whether_the_package_is_HQs()
    {
        await AdoptAsync();
        await PublishFiveAsync();
        await LookAsync(Ana, Porto);
        Assert.Null((await Decide.IgnoreAsync(Ana, Porto, await OpenOfferAsync(Porto), "Not now.", Ct)).Refusal);
        Assert.True(await IsCustomisedAsync());

        // HQ comes round to what the branch has: both sides say the same, no revision is made.
        await PublishAsync(WeddingContent(), "As it was.");
        var decided = await AcceptAsync(Ana, Porto, MergeDecisions.None);
        Assert.Null(decided.Refusal);
        Assert.Null(decided.Value.Revision);
        Assert.False(await IsCustomisedAsync());
    }

    [Fact]
    public async Task Declining_everything_by_hand_makes_the_package_the_branchs_own()
    {
        await AdoptAsync();
        var content = WeddingContent();
        content["turnaroundDays"] = 30;
        await PublishAsync(content);
        Assert.Null((await AcceptAsync(Ana, Porto, MergeDecisions.Of(("/turnaroundDays", MergeDecision.Branch)))).Value.Revision);
        Assert.True(await IsCustomisedAsync());
    }

    [Fact]
    public async Task A_value_of_a_field_left_to_the_branch_is_its_own_whichever_action_measures_it()
    {
        var package = await AdoptAsync();
        Assert.Null((await EditAsync(package, c => c["tax"]!["ratePercent"] = "6")).Refusal);
        Assert.True(await IsCustomisedAsync());
        await PublishFiveAsync();
        var offer = await OpenOfferAsync(Porto);

        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        Assert.True(await IsCustomisedAsync());
        Assert.Equal(1, (await Packages.PackagesAsync(Ana, Porto, null, Ct)).Value.Single().OwnFields);
        Assert.Null((await Undoing.RunAsync(Ana, Porto, offer, Ct)).Refusal);
        Assert.True(await IsCustomisedAsync());
        Assert.Null((await Edits.RevertAsync(Ana, Porto, package, 4, 1, "Back.", null, Ct)).Refusal);
        Assert.False(await IsCustomisedAsync());
    }

    [Fact]
    public async Task An_ignored_version_is_not_what_the_branch_stands_on()
    {
        var package = await AdoptAsync();
        await PublishFiveAsync();
        await LookAsync(Ana, Porto);
        Assert.Null((await Decide.IgnoreAsync(Ana, Porto, await OpenOfferAsync(Porto), "Not now.", Ct)).Refusal);
        Assert.Null((await AcceptAsync(BerlinManager, Berlin)).Refusal);

        var inbox = (await Packages.InboxAsync(Ana, Porto, InboxTab.Ignored, null, Ct)).Value;
        Assert.Equal((1, 2), (inbox.Rows.Single().FromVersion, inbox.Rows.Single().Version));
        Assert.Empty(inbox.Current);
        Assert.Equal(["Wedding Classic"], (await Packages.InboxAsync(BerlinManager, Berlin, InboxTab.ToDecide, null, Ct)).Value.Current);
        var view = (await Packages.PackageAsync(Ana, Porto, package, null, Ct)).Value;
        Assert.Equal((2, 1), (view.DecidedVersion, view.StandsOn));
        Assert.Equal(1, (await Packages.PackagesAsync(Ana, Porto, null, Ct)).Value.Single().StandsOn);
        var templates = new TemplateQueries(Door);
        Assert.Equal((1, 1), (await templates.ListAsync(Hq, null, Ct)).Value.Single() is var row ? (row.Following, row.Behind) : default);
        Assert.Equal([("berlin", 2), ("porto", 1)], (await templates.FindAsync(Hq, "wedding-classic", Ct)).Value.Adoption.Select(a => (a.Slug, a.StandsOn!.Value)).Order());

        // The next update is from what it has, and its log leaves out what was ignored.
        var next = WeddingContent();
        MakeFive(next);
        next["turnaroundDays"] = 35;
        await PublishAsync(next, "Faster.");
        var review = (await Packages.ReviewAsync(Ana, Porto, await OpenOfferAsync(Porto), Ct)).Value;
        Assert.Equal((1, 3), (review.FromVersion, review.Version));
        Assert.Equal([3], review.Changelog.Select(c => c.Version));
    }

    private async Task<bool> IsCustomisedAsync() => (bool)(await SqlAsync("select is_customised from packages.branch_packages where branch_id = $1", Porto.Value))!;

    private async Task<string[]> OfferedAsync() => [.. (await Packages.ReviewAsync(Ana, Porto, await OpenOfferAsync(Porto), Ct)).Value.Review!.Rows.Select(r => r.Path)];

    private async Task PublishFiveAsync()
    {
        var content = WeddingContent();
        MakeFive(content);
        await PublishAsync(content, "Wider travel, shorter archive.");
    }

    private static void MakeFive(System.Text.Json.Nodes.JsonObject content)
    {
        In(content, "items", "album")["unitPrice"]!["EUR"] = "495.00";
        content["travel"]!["radiusKm"] = 60;
        In(content, "clauses", "archive")["body"] = "Originals are kept for 180 days after delivery, and the client is notified 30 days before deletion.";
    }
}
