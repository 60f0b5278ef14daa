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
        Assert.Equal(content["depositPlan"]!.ToJsonString().Length > 0, (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value.Revision > 1);
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

    private sealed class Progress(List<(int, int)> seen) : IProgress<(int Done, int Of)>
    {
        public void Report((int Done, int Of) value) => seen.Add(value);
    }
}
