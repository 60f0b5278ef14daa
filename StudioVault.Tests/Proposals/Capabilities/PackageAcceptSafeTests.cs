using System.Text.Json.Nodes;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Proposals.Capabilities;

public sealed class PackageAcceptSafeTests(PostgresServer server) : CapabilityTest(server)
{
    [Fact]
    public async Task Accepts_what_needs_no_choice_in_the_name_of_whoever_approved_and_goes_back()
    {
        var package = await AdoptAsync();
        await PublishAsync(Version2());
        var args = Of(await OpenOfferAsync(Porto));
        var write = await PreparedAsync(PackageAcceptSafe.Name, args);
        Assert.Equal("Accept version 2 of Wedding Classic: 1 change, no conflict", write.Title);
        Assert.Equal("€1,450.00 > €1,500.00", Change(write, write.Changes.Single().Name));
        var accepted = await ExecutedAsync(PackageAcceptSafe.Name, args);
        Assert.Equal((2, "1500.00"), await PriceAsync(package));
        Assert.Equal(Approver.Value, await SqlAsync("select decided_by from packages.offer_decisions order by decided_at desc limit 1"));
        Assert.Equal(Approver.ToString(), await SqlAsync("select consent::jsonb->>'by' from packages.offer_decisions order by decided_at desc limit 1"));
        Assert.Equal("refuse.package.already_decided", (await PrepareAsync(PackageAcceptSafe.Name, args)).Refusal!.Code);

        var back = await PreparedAsync(PackageRevert.Name, accepted.Undo!.Args);
        Assert.Equal("Take Wedding Classic back to revision 1: 1 change", back.Title);
        Assert.Equal("€1,500.00 > €1,450.00", Change(back, back.Changes.Single().Name));
        var reverted = await UndoAsync(accepted);
        Assert.Equal((3, "1450.00"), await PriceAsync(package));
        Assert.Equal(Approver.Value, await SqlAsync("select created_by from packages.package_revisions where number = 3"));
        await RefusedAfterAsync("refuse.proposal.nothing_changes", PackageRevert.Name, accepted.Undo.Args);
        await UndoAsync(reverted);
        Assert.Equal((4, "1500.00"), await PriceAsync(package));
    }

    [Fact]
    public async Task A_conflict_and_a_snoozed_update_are_the_branchs_own_affair()
    {
        var package = await AdoptAsync();
        Assert.Null((await EditAsync(package, c => In(c, "items", "coverage")["unitPrice"] = "1400.00")).Refusal);
        await PublishAsync(Version2());
        var offer = await OpenOfferAsync(Porto);
        await RefusedAsync("refuse.package.not_safe", PackageAcceptSafe.Name, Of(offer));
        Assert.Null((await Offers.SnoozeAsync(Ana, Porto, offer, new Snooze.NextVersion(), null, Ct)).Refusal);
        await RefusedAsync("refuse.package.offer_snoozed", PackageAcceptSafe.Name, Of(offer));
        await RefusedAsync("refuse.kernel.not_found", PackageAcceptSafe.Name, Of(OfferId.New()));
    }

    [Fact]
    public async Task A_lock_on_what_the_branch_changed_is_not_taken_unseen()
    {
        var package = await AdoptAsync();
        Assert.Null((await EditAsync(package, c => In(c, "clauses", "archive")["body"] = "Ours.")).Refusal);
        var content = Version2();
        In(content, "clauses", "archive")["body"] = "HQ's.";
        content["rules"]!.AsArray().Add(JsonNode.Parse("""{"id":"archive","path":"/clauses/archive/body","mode":"locked","basis":"Law"}"""));
        await PublishAsync(content);
        await RefusedAsync("refuse.package.not_safe", PackageAcceptSafe.Name, Of(await OpenOfferAsync(Porto)));
        Assert.False((await Packages.InboxAsync(Ana, Porto, InboxTab.ToDecide, null, Ct)).Value.Rows.Single().IsSafe);
    }

    [Fact]
    public async Task A_package_the_branch_does_not_have_is_not_taken_on_by_the_way()
    {
        await PublishAsync(WeddingContent(), "The first one.");
        await RefusedAsync("refuse.package.not_safe", PackageAcceptSafe.Name, Of(await OpenOfferAsync(Porto)));
    }

    [Fact]
    public async Task A_new_quote_does_not_disturb_it_and_an_edit_does()
    {
        var package = await AdoptAsync();
        await PublishAsync(Version2());
        var args = Of(await OpenOfferAsync(Porto));
        var etag = await EtagAsync(PackageAcceptSafe.Name, args);
        Assert.Null((await Projects.QuoteAsync(PortoStaff, Porto, package, 1, "Rosa", new DateOnly(2099, 6, 12), Ct)).Refusal);
        Assert.Null((await Offers.ViewAsync(Ana, Porto, await OpenOfferAsync(Porto), Ct)).Refusal);
        Assert.Equal(etag, await EtagAsync(PackageAcceptSafe.Name, args));
        Assert.Null((await EditAsync(package, c => c["turnaroundDays"] = 30)).Refusal);
        Assert.NotEqual(etag, await EtagAsync(PackageAcceptSafe.Name, args));
    }

    // Carried out it would do no harm: one more revision that says the same.
    private async Task RefusedAfterAsync(string code, string name, JsonObject args) => Assert.Equal(code, (await PrepareAsync(name, args)).Refusal?.Code);

    private static JsonObject Version2()
    {
        var content = WeddingContent();
        In(content, "items", "coverage")["unitPrice"]!["EUR"] = "1500.00";
        return content;
    }

    private static JsonObject Of(OfferId offer) => Args(("offerId", offer.ToString()));

    private async Task<(int, string)> PriceAsync(BranchPackageId package)
    {
        var (revision, content) = await CurrentAsync(package);
        return (revision, (string)In(content, "items", "coverage")["unitPrice"]!);
    }
}
