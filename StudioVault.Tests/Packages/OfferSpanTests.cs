using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Packages;
using StudioVault.Tests.Support;
using StudioVault.Web.Packages.Updates;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Packages;

/// <summary>An offer is as grave as the gravest version in it.</summary>
public sealed class OfferSpanTests(PostgresServer server) : PackagePageTest(server)
{
    [Fact]
    public async Task A_correction_of_wording_on_top_of_a_higher_price_is_not_wording()
    {
        await AdoptAsync();
        await PublishAsync(Dearer(), "A dearer album.");
        await PublishAsync(Reworded(Dearer()), "A typo.", ChangeClass.Patch);

        var row = Assert.Single((await InboxAsync()).Rows);
        Assert.Equal((1, 3, "A typo.", ChangeClass.Major, 2, new VersionLine(2, "A dearer album.")), (row.FromVersion, row.Version, row.Summary, row.Class, row.Versions, row.Gravest));
        Assert.Equal(ChangeClass.Major, (await Packages.ReviewAsync(Ana, Porto, row.Id, Ct)).Value.Class);
        var page = Open<InboxPage>(Ana, "/updates");
        Shows(page, "MAJOR by version 2, which is in it: A dearer album.");
        Shows(page, "2 versions in one");

        // It stays what it was after it was decided.
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        var accepted = (await InboxAsync(InboxTab.Accepted)).Rows.Single(r => r.Version == 3);
        Assert.Equal((ChangeClass.Major, 2), (accepted.Class, accepted.Versions));
        Assert.Equal(ChangeClass.Major, (await Packages.ReviewAsync(Ana, Porto, row.Id, Ct)).Value.Class);
    }

    [Fact]
    public async Task What_the_branch_has_ruled_on_is_no_part_of_it()
    {
        await AdoptAsync();
        await PublishAsync(Dearer(), "A dearer album.");
        Assert.Null((await Decide.IgnoreAsync(Ana, Porto, await OpenOfferAsync(Porto), "No.", Ct)).Refusal);
        await PublishAsync(Reworded(Dearer()), "A typo.", ChangeClass.Patch);
        var row = Assert.Single((await InboxAsync()).Rows);
        Assert.Equal((ChangeClass.Patch, 1, null), (row.Class, row.Versions, row.Gravest));
    }

    [Fact]
    public async Task A_version_called_back_and_mended_does_not_count()
    {
        await AdoptAsync();
        await PublishAsync(Dearer(), "A dearer album.");
        Assert.Null((await Yank.RunAsync(Hq, Wedding, 2, "Wrong price.", Ct)).Refusal);
        await PublishAsync(Reworded(WeddingContent()), "As it was, better worded.", ChangeClass.Minor);
        var row = Assert.Single((await InboxAsync()).Rows);
        Assert.Equal((ChangeClass.Minor, 1, null), (row.Class, row.Versions, row.Gravest));
        Assert.Equal([3], (await Packages.ReviewAsync(Ana, Porto, row.Id, Ct)).Value.Changelog.Select(c => c.Version));
    }

    [Fact]
    public async Task A_version_called_back_counts_where_the_offered_one_still_says_what_it_changed()
    {
        await AdoptAsync();
        await PublishAsync(Dearer(), "A dearer album.");
        Assert.Null((await Yank.RunAsync(Hq, Wedding, 2, "Wrong price.", Ct)).Refusal);
        // It is as grave itself for everybody who stands before that one, and may not say otherwise.
        await PublishAsync(Reworded(Dearer()), "A dearer album after all.", ChangeClass.Major);
        var row = Assert.Single((await InboxAsync()).Rows);
        Assert.Equal((ChangeClass.Major, 2, null), (row.Class, row.Versions, row.Gravest));
    }

    [Fact]
    public async Task A_package_the_branch_does_not_have_is_as_grave_as_its_own_version()
    {
        await PublishAsync(WeddingContent(), "The first one.");
        await PublishAsync(Dearer(), "A dearer album.");
        await PublishAsync(Reworded(Dearer()), "A typo.", ChangeClass.Patch);
        var row = Assert.Single((await InboxAsync()).Rows);
        Assert.Equal((true, ChangeClass.Patch, 1), (row.IsAdoption, row.Class, row.Versions));
    }

    private async Task PublishAsync(JsonObject content, string summary, ChangeClass declared) => Assert.Null((await TryPublishAsync(content, summary, declared: declared)).Refusal);

    private async Task<InboxView> InboxAsync(InboxTab tab = InboxTab.ToDecide) => (await Packages.InboxAsync(Ana, Porto, tab, null, Ct)).Value;

    private static JsonObject Dearer()
    {
        var content = WeddingContent();
        In(content, "items", "album")["unitPrice"]!["EUR"] = "495.00";
        return content;
    }

    private static JsonObject Reworded(JsonObject content)
    {
        content["description"] = "A whole day, from morning to dance.";
        return content;
    }
}
