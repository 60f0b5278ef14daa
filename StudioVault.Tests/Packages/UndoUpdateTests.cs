using System.Text;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Packages;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>A decision on an update is taken back while nothing was built on it; nothing is erased.</summary>
public sealed class UndoUpdateTests(PostgresServer server) : PackagesTest(server)
{
    [Fact]
    public async Task An_acceptance_taken_back_leaves_the_branch_as_it_was_and_asks_the_same_again()
    {
        var package = await AdoptAsync();
        Assert.Null((await EditAsync(package, c => c["turnaroundDays"] = 30)).Refusal);
        await PublishAsync(Second());
        var (offer, before, asked) = (await OpenOfferAsync(Porto), (await CurrentAsync(package)).Content, await AskedAsync());
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);

        var undone = await Undoing.RunAsync(Rui, Porto, offer, Ct);

        Assert.Equal(new Undone(offer, 2, 4), undone.Value);
        var (revision, content) = await CurrentAsync(package);
        Assert.Equal((4, before.ToJsonString()), (revision, content.ToJsonString()));
        Assert.Equal(offer, await OpenOfferAsync(Porto));
        Assert.Equal(asked, await AskedAsync());
        Assert.Equal("Version 2 undone.", (await Packages.PackageAsync(Ana, Porto, package, null, Ct)).Value.Current.Note);
        // Accepted again, it comes to the same.
        Assert.Equal(5, (await AcceptAsync(Ana, Porto)).Value.Revision);
        Assert.Equal(60, (int)(await CurrentAsync(package)).Content["travel"]!["radiusKm"]!);
    }

    [Fact]
    public async Task Both_the_decision_and_the_undo_stay_signed_and_audited_and_no_consent_is_shown_for_what_is_open()
    {
        await AdoptAsync();
        await PublishAsync(Second());
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        Assert.Null((await Undoing.RunAsync(Rui, Porto, offer, Ct)).Refusal);

        Assert.Equal("accepted,undone", await SqlAsync("select string_agg(verdict, ',' order by decided_at) from packages.offer_decisions where offer_id = $1", offer.Value));
        var (consent, signature) = ((string)(await SqlAsync("select consent from packages.offer_decisions where offer_id = $1 and verdict = 'undone'", offer.Value))!, (string)(await SqlAsync("select signature from packages.offer_decisions where offer_id = $1 and verdict = 'undone'", offer.Value))!);
        Assert.True(Key.Verify(Encoding.UTF8.GetBytes(consent), signature));
        Assert.Equal("""{"backTo": 1, "undone": "accepted", "version": 2, "revision": 3}""", await SqlAsync("select (payload::jsonb - 'consentSha256')::text from audit.entries where action = 'package.undo_decision'"));
        Assert.Equal("refuse.kernel.not_found", (await new ConsentQueries(Door, Key).ConsentAsync(Ana, Porto, offer, Ct)).Refusal?.Code);
        Assert.Null((await Packages.ReviewAsync(Ana, Porto, offer, Ct)).Value.Receipt);
    }

    [Fact]
    public async Task What_was_ruled_on_before_stays_ruled_on()
    {
        var package = await AdoptAsync();
        await PublishAsync(Second());
        Assert.Null((await Decide.IgnoreAsync(Ana, Porto, await OpenOfferAsync(Porto), "Too far.", Ct)).Refusal);
        var third = Second();
        third["turnaroundDays"] = 35;
        await PublishAsync(third);
        var offer = await OpenOfferAsync(Porto);
        Assert.Equal(["/turnaroundDays"], await AskedAsync());
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);

        Assert.Null((await Undoing.RunAsync(Ana, Porto, offer, Ct)).Refusal);

        // The radius that was declined with version 2 is not asked again.
        Assert.Equal(["/turnaroundDays"], await AskedAsync());
        Assert.Equal(2, (await Packages.PackageAsync(Ana, Porto, package, null, Ct)).Value.DecidedVersion);
    }

    [Fact]
    public async Task An_ignored_version_asks_again_and_no_revision_is_made()
    {
        var package = await AdoptAsync();
        await PublishAsync(Second());
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await Decide.IgnoreAsync(Ana, Porto, offer, "No.", Ct)).Refusal);
        Assert.Null((await Undoing.LookAsync(PortoStaff, Porto, offer, Ct)).Value!.Closed);
        Assert.Null((await Undoing.RunAsync(Ana, Porto, offer, Ct)).Value.Revision);
        Assert.Equal(["/travel/radiusKm"], await AskedAsync());
        Assert.Equal(1, (await CurrentAsync(package)).Revision);
        Assert.Null((await Undoing.LookAsync(Ana, Porto, offer, Ct)).Value);
    }

    [Fact]
    public async Task A_declined_new_package_asks_again_and_one_taken_up_stays()
    {
        await PublishAsync(WeddingContent());
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await Decide.IgnoreAsync(Ana, Porto, offer, "No.", Ct)).Refusal);
        Assert.Null((await Undoing.RunAsync(Ana, Porto, offer, Ct)).Refusal);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        await RefusedAsync("refuse.package.undo_taken_up", offer);
    }

    [Fact]
    public async Task What_is_given_back_is_no_more_asked_for_by_a_recall()
    {
        await AdoptAsync();
        await PublishAsync(Second());
        var third = Second();
        third["turnaroundDays"] = 35;
        await PublishAsync(third);
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        // Folded into what was accepted: the branch is asked to look.
        await Yank.RunAsync(Hq, Wedding, 2, "Wrong radius.", Ct);
        Assert.NotNull((await Packages.ReviewAsync(Ana, Porto, offer, Ct)).Value.ReviewRevertAskedAt);

        Assert.Null((await Undoing.RunAsync(Ana, Porto, offer, Ct)).Refusal);
        Assert.Null((await Packages.ReviewAsync(Ana, Porto, offer, Ct)).Value.ReviewRevertAskedAt);
        Assert.Null((await Packages.PackageAsync(Ana, Porto, (await Packages.ReviewAsync(Ana, Porto, offer, Ct)).Value.PackageId!.Value, null, Ct)).Value.Yank);
    }

    [Fact]
    public async Task What_was_offered_again_after_a_recall_can_be_taken_back_too()
    {
        await AdoptAsync();
        await PublishAsync(Second());
        var third = Second();
        third["turnaroundDays"] = 35;
        await PublishAsync(third);
        await Yank.RunAsync(Hq, Wedding, 3, "Too short.", Ct);
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        // Not the one that was called back, though its number is higher.
        Assert.Null((await Packages.ReviewAsync(Ana, Porto, offer, Ct)).Value.NewerOffer);
        Assert.Null((await Undoing.RunAsync(Ana, Porto, offer, Ct)).Refusal);
    }

    [Fact]
    public async Task A_quote_being_made_and_an_undo_wait_for_each_other()
    {
        var package = await AdoptAsync();
        await PublishAsync(Second());
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        await using var quoting = await Superuser.OpenConnectionAsync(Ct);
        await using var transaction = await quoting.BeginTransactionAsync(Ct);
        await using (var held = new Npgsql.NpgsqlCommand("select from packages.branch_packages where id = $1 for share", quoting, transaction) { Parameters = { new() { Value = package.Value } } }) await held.ExecuteNonQueryAsync(Ct);
        var undoing = Undoing.RunAsync(Ana, Porto, offer, Ct);
        await Eventually.True(async () => (long)(await SqlAsync("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%for update of p%'"))! == 1, "the undo waits");
        await transaction.RollbackAsync(Ct);
        Assert.Null((await undoing).Refusal);

        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        var both = await Task.WhenAll(
            Task.Run(async () => (await Undoing.RunAsync(Ana, Porto, offer, Ct)).Refusal?.Code),
            Task.Run(async () => (await Projects.QuoteAsync(Rui, Porto, package, 4, "Marta e João", new DateOnly(2099, 6, 1), Ct)).Refusal?.Code));
        // One of them came first; never both.
        Assert.Contains(both, new string?[][] { [null, "refuse.project.revision_moved"], ["refuse.package.undo_in_use", null] });
    }

    [Fact]
    public async Task It_stays_once_a_quote_uses_the_revision_it_made()
    {
        var package = await AdoptAsync();
        await PublishAsync(Second());
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        Assert.Null((await Projects.QuoteAsync(Ana, Porto, package, 2, "Marta e João", new DateOnly(2099, 6, 1), Ct)).Refusal);
        await RefusedAsync("refuse.package.undo_in_use", offer);
    }

    [Fact]
    public async Task It_stays_once_the_package_was_edited()
    {
        var package = await AdoptAsync();
        await PublishAsync(Second());
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await Decide.IgnoreAsync(Ana, Porto, offer, "No.", Ct)).Refusal);
        Assert.Null((await EditAsync(package, c => c["turnaroundDays"] = 30)).Refusal);
        Assert.StartsWith("Revision 2 was saved since", (await RefusedAsync("refuse.package.undo_overtaken", offer)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_stays_once_hq_offered_a_newer_version_or_called_this_one_back()
    {
        await AdoptAsync();
        await PublishAsync(Second());
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        Assert.Null((await Yank.RunAsync(Hq, Wedding, 2, "Wrong price.", Ct)).Refusal);
        Assert.StartsWith("HQ called this version back since", (await RefusedAsync("refuse.package.undo_overtaken", offer)).Sentence, StringComparison.Ordinal);
        var third = Second();
        third["turnaroundDays"] = 35;
        await PublishAsync(third);
        var next = await OpenOfferAsync(Porto);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        third["turnaroundDays"] = 36;
        await PublishAsync(third);
        Assert.StartsWith("HQ offered version 4 since", (await RefusedAsync("refuse.package.undo_overtaken", next)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_seven_days_it_stays()
    {
        await AdoptAsync();
        await PublishAsync(Second());
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await Decide.IgnoreAsync(Ana, Porto, offer, "No.", Ct)).Refusal);
        await SqlAsync("set session_replication_role = replica; update packages.offer_decisions set decided_at = decided_at - interval '7 days' where offer_id = '" + offer + "'");
        await RefusedAsync("refuse.package.undo_too_late", offer);
    }

    [Fact]
    public async Task A_record_that_does_not_say_how_it_stood_before_is_not_guessed_at()
    {
        await AdoptAsync();
        await PublishAsync(Second());
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await Decide.IgnoreAsync(Ana, Porto, offer, "No.", Ct)).Refusal);
        await SqlAsync("set session_replication_role = replica; update packages.offer_decisions set consent = (consent::jsonb - 'before')::text where offer_id = '" + offer + "'");
        await RefusedAsync("refuse.package.undo_unrecorded", offer);
    }

    [Fact]
    public async Task Of_eight_who_undo_at_once_exactly_one_does()
    {
        var package = await AdoptAsync();
        await PublishAsync(Second());
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Undoing.RunAsync(i % 2 == 0 ? Ana : Rui, Porto, offer, Ct)));
        Assert.Single(results, r => !r.IsRefused);
        Assert.All(results.Where(r => r.IsRefused), r => Assert.Contains(r.Refusal!.Code, new[] { "refuse.package.nothing_to_undo", "refuse.package.undo_overtaken", "refuse.kernel.stale_write" }));
        Assert.Equal(3, (await CurrentAsync(package)).Revision);
    }

    [Fact]
    public async Task Only_a_manager_of_the_branch_takes_it_back()
    {
        await AdoptAsync();
        await PublishAsync(Second());
        var offer = await OpenOfferAsync(Porto);
        await RefusedAsync("refuse.package.nothing_to_undo", offer);
        Assert.Null((await Decide.IgnoreAsync(Ana, Porto, offer, "No.", Ct)).Refusal);
        Assert.Equal("refuse.kernel.not_allowed", (await Undoing.RunAsync(PortoStaff, Porto, offer, Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_found", (await Undoing.RunAsync(BerlinManager, Berlin, offer, Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_found", (await Undoing.LookAsync(BerlinManager, Berlin, offer, Ct)).Refusal?.Code);
    }

    /// <summary>Version 2: a wider radius.</summary>
    private static System.Text.Json.Nodes.JsonObject Second()
    {
        var content = WeddingContent();
        content["travel"]!["radiusKm"] = 60;
        return content;
    }

    private async Task<string[]> AskedAsync() => [.. (await Packages.ReviewAsync(Ana, Porto, await OpenOfferAsync(Porto), Ct)).Value.Review!.Rows.Where(r => !r.IsAlreadyEqual).Select(r => r.Path)];

    private async Task<Refusal> RefusedAsync(string code, OfferId offer)
    {
        var refusal = (await Undoing.RunAsync(Ana, Porto, offer, Ct)).Refusal;
        Assert.Equal(code, refusal?.Code);
        return refusal!;
    }
}
