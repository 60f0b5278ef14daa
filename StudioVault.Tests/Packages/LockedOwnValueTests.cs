using System.Globalization;
using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Components;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Packages;
using StudioVault.Tests.Support;
using StudioVault.Web.Packages;
using StudioVault.Web.Packages.Updates;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Packages;

/// <summary>A lock that would take a value of the branch's own is said everywhere before it does, and is found again afterwards.</summary>
public sealed class LockedOwnValueTests(PostgresServer server) : PackagePageTest(server)
{
    private static readonly (string, object) Route = ("Slug", "wedding-classic");
    private const string Address = "/hq/templates/wedding-classic/publish";

    [Fact]
    public async Task The_inbox_says_that_HQ_holds_a_field_the_branch_changed()
    {
        await OwnTurnaroundAsync();
        await PublishAsync(Locked(), "Forty days everywhere.");
        var row = Assert.Single((await Packages.InboxAsync(Ana, Porto, InboxTab.ToDecide, null, Ct)).Value.Rows);
        Assert.Equal((0, 1, false), (row.NeedChoice, row.Overrides, row.IsSafe));
        var page = Open<InboxPage>(Ana, "/updates");
        Shows(page, "HQ holds a field you changed");
        Assert.DoesNotContain("No conflict", page.Markup, StringComparison.Ordinal);
        // Berlin has nothing of its own there.
        Shows(Open<InboxPage>(BerlinManager, "/updates"), "No conflict");
    }

    [Fact]
    public async Task The_review_says_it_on_the_card_and_beside_the_decision_for_as_long_as_it_is_so()
    {
        await OwnTurnaroundAsync();
        var second = Locked();
        second["travel"]!["radiusKm"] = 60;
        await PublishAsync(second, "Forty days everywhere.");
        var page = await ReviewAsync();
        Shows(page, "Accepting puts HQ’s value in place of yours");
        Shows(page, "HQ has locked it.");
        Shows(page, "value of yours replaced");
        Shows(page, "HQ’s replaces yours when you accept.");
        Assert.Contains(page.FindAll(".tag"), t => Said(t) == "HQ’s replaces yours");
        Assert.False(page.Find(".decision-bar .btn-primary").HasAttribute("disabled"));

        await page.InvokeAsync(() => page.FindAll(".change-quiet button")[0].Click());
        await page.InvokeAsync(() => page.Find("input[value='Not yet']").Change("Not yet"));
        Shows(page, "You keep yours");
        Assert.Empty(page.FindAll(".replaces"));
        Assert.DoesNotContain("value of yours replaced", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_gave_way_stands_in_the_receipt_in_the_signed_consent_and_in_the_audit_entry()
    {
        var package = await OwnTurnaroundAsync();
        await PublishAsync(Locked(), "Forty days everywhere.");
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        Assert.Equal(40, (int)(await CurrentAsync(package)).Content["turnaroundDays"]!);

        Shows(Open<ReviewPage>(Ana, $"/updates/{offer}", null, (nameof(ReviewPage.Id), offer.Value)), "Took HQ’s, which is locked, in place of yours");
        var consent = (await new ConsentQueries(Door, Key).ConsentAsync(Ana, Porto, offer, Ct)).Value;
        Assert.Equal(("/turnaroundDays", "30", true, false), (consent.Rows.Single().Field.Path, (consent.Rows.Single().Yours as ContentValue)?.Text, consent.Rows.Single().Overrode, consent.Rows.Single().Chosen));
        Assert.True((bool)JsonNode.Parse(consent.Consent)!["decisions"]!["/turnaroundDays"]!["overrode"]!);
        var payload = JsonNode.Parse((string)(await SqlAsync("select payload::text from audit.entries where action = 'package.accept' and branch_id = $1 order by at desc limit 1", Porto.Value))!)!.AsObject();
        Assert.Equal("""["/turnaroundDays"]""", payload["ownReplaced"]!.ToJsonString());
        Assert.Equal("accepted *, where HQ's lock replaced a value of the branch's own",
            string.Concat(AuditSentences.Say("package.accept", false, payload, CultureInfo.InvariantCulture).Select(w => w.IsThing ? "*" : w.Text)));
    }

    [Fact]
    public async Task Where_nothing_of_the_branchs_own_gave_way_no_record_says_so()
    {
        await OwnTurnaroundAsync();
        var second = WeddingContent();
        second["travel"]!["radiusKm"] = 60;
        await PublishAsync(second);
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        Assert.Equal(false, await SqlAsync("select payload::jsonb ? 'ownReplaced' from audit.entries where action = 'package.accept' and branch_id = $1 order by at desc limit 1", Porto.Value));
        Assert.DoesNotContain((await Packages.ReviewAsync(Ana, Porto, offer, Ct)).Value.Receipt!.Rows, r => r.Overrode);
    }

    [Fact]
    public async Task HQ_is_told_before_it_publishes_which_branch_would_lose_a_value()
    {
        await OwnTurnaroundAsync();
        var draft = (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value;
        Assert.Null((await Drafts.SaveAsync(Hq, Wedding, draft.Revision, Locked().ToJsonString(), "Forty days everywhere.", Ct)).Refusal);
        var page = Open<PublishPage>(BrowserOf(Hq), Address + "?step=radius", Route);
        page.WaitForElement(".radius-table", TimeSpan.FromSeconds(10));
        var rows = page.FindAll(".radius-table tbody tr");
        Assert.Equal(["Northlight Porto", "Northlight Berlin"], rows.Select(r => r.QuerySelector("th")!.FirstChild!.TextContent));
        Assert.Contains("A lock on what it changed", Said(rows[0]), StringComparison.Ordinal);
        Assert.Equal("1", Said(rows[0].QuerySelector("td[data-label='Own values lost to a lock']")!));
        Assert.Contains("A safe update", Said(rows[1]), StringComparison.Ordinal);
        Shows(page, "loses own values to a lock 1");

        Shows(Open<PublishPage>(BrowserOf(Hq), Address + "?step=publish", Route), "0 conflicts in 0 branches, 1 own value lost to a lock in 1 branch, 0 open quotes stay as sent");
    }

    private async Task<BranchPackageId> OwnTurnaroundAsync()
    {
        var package = await AdoptAsync();
        Assert.Null((await EditAsync(package, c => c["turnaroundDays"] = 30)).Refusal);
        return package;
    }

    private static JsonObject Locked()
    {
        var content = WeddingContent();
        content["turnaroundDays"] = 40;
        content["rules"]!.AsArray().Add(JsonNode.Parse("""{"id":"days","path":"/turnaroundDays","mode":"locked","basis":"Brand"}"""));
        return content;
    }

    private async Task<IRenderedComponent<IComponent>> ReviewAsync()
    {
        var offer = await OpenOfferAsync(Porto);
        return Open<ReviewPage>(Ana, $"/updates/{offer}", null, (nameof(ReviewPage.Id), offer.Value));
    }
}
