using System.Globalization;
using System.Text.Json.Nodes;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Packages;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>What a recall leaves behind: rules that hold nobody any more, and a question that is answered once nothing of the version is left.</summary>
public sealed class RecallTests(PostgresServer server) : PackagesTest(server)
{
    [Fact]
    public async Task Rules_of_a_recalled_version_do_not_bind_an_edit_and_the_page_says_the_same()
    {
        var package = await AdoptAsync();
        var content = Turnaround(42);
        content["rules"]!.AsArray().Add(JsonNode.Parse("""{"id":"archive","path":"/clauses/archive/body","mode":"locked","basis":"Tax law"}"""));
        await PublishAsync(content);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        Assert.Equal("refuse.package.field_locked", (await EditAsync(package, c => In(c, "clauses", "archive")["body"] = "Ours.")).Refusal?.Code);

        Assert.Null((await Yank.RunAsync(Hq, Wedding, 2, "Counsel says no.", Ct)).Refusal);
        Assert.False((await ViewAsync(package)).Standing.At("/clauses/archive/body").IsLocked);
        Assert.Null((await EditAsync(package, c => In(c, "clauses", "archive")["body"] = "Ours.")).Refusal);
        // Those of the version before it hold again.
        Assert.Equal("refuse.package.field_locked", (await EditAsync(package, c => In(c, "clauses", "cancellation")["body"] = "Never.")).Refusal?.Code);
    }

    [Fact]
    public async Task After_a_recall_page_and_command_measure_limits_from_the_version_before_and_what_is_own_from_the_one_ruled_on()
    {
        var package = await AdoptAsync();
        var content = WeddingContent();
        In(content, "items", "album")["unitPrice"]!["EUR"] = "1000.00";
        await PublishAsync(content);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        Assert.Equal(1200m, (await ViewAsync(package)).Standing.At("/items/album/unitPrice").Bounds?.Highest);

        Assert.Null((await Yank.RunAsync(Hq, Wedding, 2, "A zero too many.", Ct)).Refusal);
        var standing = (await ViewAsync(package)).Standing;
        Assert.Equal((576m, 0), (standing.At("/items/album/unitPrice").Bounds?.Highest, standing.OwnCount));
        Assert.Equal(0, (await Packages.PackagesAsync(Ana, Porto, null, Ct)).Value.Single().OwnFields);
        Assert.Equal("refuse.package.out_of_bounds", (await EditAsync(package, c => In(c, "items", "album")["unitPrice"] = "600.00")).Refusal?.Code);
        Assert.Null((await EditAsync(package, c => In(c, "items", "album")["unitPrice"] = "570.00")).Refusal);
    }

    [Fact]
    public async Task Where_HQ_called_back_all_of_it_no_rule_holds()
    {
        var package = await AdoptAsync();
        Assert.Null((await Yank.RunAsync(Hq, Wedding, 1, "Not yet.", Ct)).Refusal);
        Assert.Null((await EditAsync(package, c => In(c, "clauses", "cancellation")["body"] = "Ours.")).Refusal);
        Assert.Null((await Edits.RevertAsync(Ana, Porto, package, 2, 1, "Back.", null, Ct)).Refusal);
    }

    [Fact]
    public async Task Taking_the_version_that_mends_a_recalled_one_answers_HQs_question_and_says_so()
    {
        var package = await TookRecalledAsync();
        await PublishAsync(Mended());
        var decided = await AcceptAsync(Ana, Porto);
        Assert.Equal([2], decided.Value.SettledRecalls);

        Assert.Null((await ViewAsync(package)).Yank);
        Assert.Equal(42, (int)(await CurrentAsync(package)).Content["turnaroundDays"]!);
        Assert.Empty((await Packages.InboxAsync(Ana, Porto, InboxTab.ToDecide, null, Ct)).Value.Rows);
        Assert.Equal(0, (await Packages.WaitingAsync(Ana, Porto, Ct)).Value);
        var payload = JsonNode.Parse((string)(await SqlAsync("select payload::text from audit.entries where action = 'package.accept' and branch_id = $1 order by at desc limit 1", Porto.Value))!)!.AsObject();
        Assert.Equal("[2]", payload["settledRecalls"]!.ToJsonString());
        Assert.Equal("accepted *, which settles what HQ called back: version 2",
            string.Concat(AuditSentences.Say("package.accept", false, payload, CultureInfo.InvariantCulture).Select(w => w.IsThing ? "*" : w.Text)));
    }

    [Fact]
    public async Task Whoever_keeps_the_recalled_value_is_asked_on()
    {
        var package = await TookRecalledAsync();
        await PublishAsync(Mended());
        Assert.Empty((await AcceptAsync(Ana, Porto, MergeDecisions.Of(("/turnaroundDays", MergeDecision.Branch)))).Value.SettledRecalls);
        Assert.Equal(2, (await ViewAsync(package)).Yank?.Version);
        Assert.Equal(1, (await Packages.WaitingAsync(Ana, Porto, Ct)).Value);
    }

    [Fact]
    public async Task A_later_version_that_says_the_same_answers_nothing()
    {
        var package = await TookRecalledAsync();
        var third = Turnaround(40);
        third["travel"]!["radiusKm"] = 60;
        await PublishAsync(third);
        Assert.Empty((await AcceptAsync(Ana, Porto)).Value.SettledRecalls);
        Assert.Equal(2, (await ViewAsync(package)).Yank?.Version);
    }

    [Fact]
    public async Task A_value_of_ones_own_in_place_of_the_recalled_one_answers_it_too()
    {
        var package = await TookRecalledAsync();
        await PublishAsync(Mended());
        Assert.Equal([2], (await AcceptAsync(Ana, Porto, MergeDecisions.Of(("/turnaroundDays", MergeDecision.Enter(ContentValue.Number(45L)))))).Value.SettledRecalls);
        Assert.Null((await ViewAsync(package)).Yank);
    }

    [Fact]
    public async Task What_the_recalled_version_added_and_the_branch_made_its_own_is_not_gone()
    {
        var package = await AdoptAsync();
        var second = WeddingContent();
        second["items"]!.AsArray().Add(JsonNode.Parse("""{"id":"drone","title":"Drone","kind":"product","quantity":1,"unitPrice":{"EUR":"90.00"},"inclusion":"add_on","deliverables":[]}"""));
        await PublishAsync(second);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        Assert.Null((await EditAsync(package, c => In(c, "items", "drone")["title"] = "Our drone")).Refusal);
        Assert.Null((await Yank.RunAsync(Hq, Wedding, 2, "Drones are forbidden.", Ct)).Refusal);
        await PublishAsync(WeddingContent(), "No drones.");
        // By default what the branch changed stays, although HQ removes it.
        Assert.Empty((await AcceptAsync(Ana, Porto)).Value.SettledRecalls);
        Assert.NotNull((await ViewAsync(package)).Yank);
    }

    [Fact]
    public async Task Taking_the_answer_back_asks_again()
    {
        var package = await TookRecalledAsync();
        await PublishAsync(Mended());
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        Assert.Null((await ViewAsync(package)).Yank);

        Assert.Null((await Undoing.RunAsync(Ana, Porto, offer, Ct)).Refusal);
        Assert.Equal(40, (int)(await CurrentAsync(package)).Content["turnaroundDays"]!);
        Assert.Equal(2, (await ViewAsync(package)).Yank?.Version);
        Assert.Equal(1, await SqlAsync("select jsonb_array_length(payload::jsonb->'askedAgain') from audit.entries where action = 'package.undo_decision' and outcome = 'done'"));
    }

    /// <summary>Porto took forty days with version 2, which HQ called back.</summary>
    private async Task<BranchPackageId> TookRecalledAsync()
    {
        var package = await AdoptAsync();
        await PublishAsync(Turnaround(40));
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        Assert.Null((await Yank.RunAsync(Hq, Wedding, 2, "Forty is wrong.", Ct)).Refusal);
        Assert.Equal(2, (await ViewAsync(package)).Yank?.Version);
        return package;
    }

    private async Task<PackageView> ViewAsync(BranchPackageId package) => (await Packages.PackageAsync(Ana, Porto, package, null, Ct)).Value;

    private static JsonObject Mended()
    {
        var content = Turnaround(42);
        content["travel"]!["radiusKm"] = 60;
        return content;
    }

    private static JsonObject Turnaround(int days)
    {
        var content = WeddingContent();
        content["turnaroundDays"] = days;
        return content;
    }
}
