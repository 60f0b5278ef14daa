using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>What the branch's package pages read, on PostgreSQL.</summary>
public sealed class PackageQueriesTests(PostgresServer server) : PackagesTest(server)
{
    [Fact]
    public async Task The_list_says_what_is_followed_what_is_own_what_waits_and_what_is_quoted()
    {
        var package = await AdoptAsync();
        await EditAsync(package, c => In(c, "items", "coverage")["unitPrice"] = "1500.00");
        await Projects.QuoteAsync(PortoStaff, Porto, package, 2, "Sousa", Soon, Ct);
        var content = WeddingContent();
        content["turnaroundDays"] = 40;
        await PublishAsync(content);

        var row = Assert.Single((await Packages.PackagesAsync(PortoStaff, Porto, null, Ct)).Value);

        Assert.Equal(("Wedding Classic", 1, 1, new Money(1500, "EUR"), 1, 2), (row.TemplateName, row.DecidedVersion, row.OwnFields, row.Included, row.OpenQuotes, row.Update!.Version));
        Assert.False(row.Update.IsSnoozed);
    }

    [Fact]
    public async Task Another_branchs_package_and_a_revision_that_is_not_there_are_404()
    {
        var package = await AdoptAsync();

        Assert.Equal(404, (await Packages.PackageAsync(BerlinManager, Berlin, package, null, Ct)).Refusal!.Kind.HttpStatus);
        Assert.Equal(404, (await Packages.PackageAsync(BerlinManager, Porto, package, null, Ct)).Refusal!.Kind.HttpStatus);
        Assert.Equal(404, (await Packages.PackageAsync(Ana, Porto, package, 9, Ct)).Refusal!.Kind.HttpStatus);
        Assert.Equal(404, (await Packages.CompareAsync(BerlinManager, Berlin, package, 1, 1, Ct)).Refusal!.Kind.HttpStatus);
        Assert.Equal(404, (await Packages.CompareAsync(Ana, Porto, package, 1, 2, Ct)).Refusal!.Kind.HttpStatus);
    }

    [Fact]
    public async Task Two_revisions_are_compared_as_they_were_written()
    {
        var package = await AdoptAsync();
        await EditAsync(package, c => c["turnaroundDays"] = 30);
        await EditAsync(package, c => c["turnaroundDays"] = 20);

        var pair = (await Packages.CompareAsync(PortoStaff, Porto, package, 1, 2, Ct)).Value;

        Assert.Equal((42, 30), (pair.Before.TurnaroundDays, pair.After.TurnaroundDays));
    }

    [Fact]
    public async Task A_recall_names_the_revision_that_took_the_version_until_somebody_answers()
    {
        var package = await AdoptAsync();
        var content = WeddingContent();
        content["turnaroundDays"] = 40;
        await PublishAsync(content);
        await AcceptAsync(Ana, Porto);
        await EditAsync(package, c => c["name"] = "Casamento");
        await Yank.RunAsync(Hq, Wedding, 2, "Wrong number.", Ct);

        var yank = (await Packages.PackageAsync(Rui, Porto, package, null, Ct)).Value.Yank!;
        Assert.Equal((2, "Wrong number.", 2), (yank.Version, yank.Reason, yank.TakenIn));

        var refused = await Offers.KeepAfterYankAsync(PortoStaff, Porto, yank.Offer, "We like it.", Ct);
        Assert.Equal(KernelRefusals.NotAllowed.Code, refused.Refusal!.Code);
        Assert.Null((await Offers.KeepAfterYankAsync(Rui, Porto, yank.Offer, "We like it.", Ct)).Refusal);
        Assert.Null((await Packages.PackageAsync(Rui, Porto, package, null, Ct)).Value.Yank);
    }

    [Fact]
    public async Task Reverting_to_what_HQ_has_leaves_no_field_of_ones_own()
    {
        var package = await AdoptAsync();
        await EditAsync(package, c => c["turnaroundDays"] = 30);
        Assert.True((bool)(await SqlAsync("select is_customised from packages.branch_packages where id = $1", package.Value))!);

        Assert.Equal(3, (await Edits.RevertAsync(Ana, Porto, package, 2, 1, "Back to HQ's.", null, Ct)).Value);

        var view = (await Packages.PackageAsync(Ana, Porto, package, null, Ct)).Value;
        Assert.Equal((RevisionOrigin.Reverted, 1, "Back to HQ's.", "Ana"), (view.Current.Origin, view.Current.OriginNumber, view.Current.Note, view.Current.CreatedBy));
        Assert.Equal(0, view.Standing.OwnCount);
        Assert.False((bool)(await SqlAsync("select is_customised from packages.branch_packages where id = $1", package.Value))!);
    }

    [Fact]
    public async Task Going_back_writes_what_was_looked_at_or_nothing()
    {
        var package = await AdoptAsync();
        await EditAsync(package, c => c["turnaroundDays"] = 30);
        var seen = (await Packages.RevertPreviewAsync(Ana, Porto, package, 1, Ct)).Value.After.Hash();
        Assert.Equal("refuse.kernel.stale_write", (await Edits.RevertAsync(Ana, Porto, package, 2, 1, "Back.", new string('0', seen.Length), Ct)).Refusal?.Code);
        Assert.Equal(2, (await CurrentAsync(package)).Revision);
        Assert.Equal(3, (await Edits.RevertAsync(Ana, Porto, package, 2, 1, "Back.", seen, Ct)).Value);
    }

    [Fact]
    public async Task Only_going_back_before_the_recalled_version_was_taken_answers_the_recall()
    {
        var package = await AdoptAsync();
        await EditAsync(package, c => c["name"] = "Casamento");
        var content = WeddingContent();
        content["turnaroundDays"] = 40;
        await PublishAsync(content);
        Assert.Equal(3, (await AcceptAsync(Ana, Porto)).Value.Revision);
        await EditAsync(package, c => c["description"] = "O dia todo.");
        await Yank.RunAsync(Hq, Wedding, 2, "Wrong number.", Ct);

        // Revision 3 took it, so going back there leaves the question open; revision 6 goes back to 3 and holds it too.
        var view = (await Packages.PackageAsync(Ana, Porto, package, null, Ct)).Value;
        Assert.Equal((3, false, true), (view.Yank!.TakenIn, view.AnswersYank(3), view.AnswersYank(2)));
        Assert.Equal(5, (await Edits.RevertAsync(Ana, Porto, package, 4, 3, "The text was wrong.", null, Ct)).Value);
        Assert.Equal(6, (await Edits.RevertAsync(Ana, Porto, package, 5, 5, "Once more.", null, Ct)).Value);
        Assert.NotNull((await Packages.PackageAsync(Ana, Porto, package, null, Ct)).Value.Yank);

        Assert.Equal(7, (await Edits.RevertAsync(Ana, Porto, package, 6, 2, "HQ called it back.", null, Ct)).Value);
        view = (await Packages.PackageAsync(Ana, Porto, package, null, Ct)).Value;
        Assert.Null(view.Yank);
        Assert.Equal(1, view.StandsOn);
    }

    [Fact]
    public async Task A_revision_between_an_undo_and_the_second_taking_answers_the_recall_too()
    {
        var package = await AdoptAsync();
        var content = WeddingContent();
        content["turnaroundDays"] = 40;
        await PublishAsync(content);
        var offer = await OpenOfferAsync(Porto);
        Assert.Equal(2, (await AcceptAsync(Ana, Porto)).Value.Revision);
        Assert.Equal(3, (await Undoing.RunAsync(Ana, Porto, offer, Ct)).Value.Revision);
        Assert.Equal(4, (await EditAsync(package, c => c["name"] = "Casamento")).Value);
        Assert.Equal(5, (await AcceptAsync(Ana, Porto)).Value.Revision);
        Assert.Null((await Yank.RunAsync(Hq, Wedding, 2, "Wrong number.", Ct)).Refusal);

        var view = (await Packages.PackageAsync(Ana, Porto, package, null, Ct)).Value;
        Assert.Equal(5, view.Yank!.TakenIn);
        Assert.Equal([1, 3, 4], Enumerable.Range(1, 5).Where(view.AnswersYank));
        Assert.Equal(6, (await Edits.RevertAsync(Ana, Porto, package, 5, 4, "HQ called it back.", null, Ct)).Value);
        Assert.Null((await Packages.PackageAsync(Ana, Porto, package, null, Ct)).Value.Yank);
    }

    [Fact]
    public async Task Going_back_keeps_what_HQ_has_locked_or_limited_since()
    {
        var package = await AdoptAsync();
        await EditAsync(package, c => { In(c, "items", "coverage")["unitPrice"] = "1900.00"; c["turnaroundDays"] = 30; });
        var content = WeddingContent();
        In(content, "clauses", "archive")["body"] = "Originals are kept for two years.";
        content["rules"]!.AsArray().Add(System.Text.Json.Nodes.JsonNode.Parse("""{"id":"archive","path":"/clauses/archive/body","mode":"locked","basis":"Tax law"}"""));
        content["rules"]!.AsArray().Add(System.Text.Json.Nodes.JsonNode.Parse("""{"id":"cap","path":"/items/coverage/unitPrice","mode":"bounded","maxPercent":"10","basis":"Brand"}"""));
        await PublishAsync(content);
        Assert.Equal(3, (await AcceptAsync(Ana, Porto)).Value.Revision);
        Assert.Null((await EditAsync(package, c => { In(c, "items", "coverage")["unitPrice"] = "1450.00"; c["turnaroundDays"] = 20; })).Refusal);

        var preview = (await Packages.RevertPreviewAsync(Ana, Porto, package, 2, Ct)).Value;
        Assert.Equal([("/items/coverage/unitPrice", "refuse.package.out_of_bounds"), ("/clauses/archive/body", "refuse.package.field_locked")], preview.Kept.Select(k => (k.Path, k.Refusal.Code)));
        Assert.Equal(5, (await Edits.RevertAsync(Ana, Porto, package, 4, 2, "As before.", null, Ct)).Value);

        var (_, now) = await CurrentAsync(package);
        Assert.Equal(("1450.00", "Originals are kept for two years.", 30), ((string)In(now, "items", "coverage")["unitPrice"]!, (string)In(now, "clauses", "archive")["body"]!, (int)now["turnaroundDays"]!));
        Assert.Equal(now.ToJsonString(), System.Text.Json.Nodes.JsonNode.Parse(preview.After.ToJson())!.ToJsonString());
        Assert.Equal("2", await SqlAsync("select pointers->'fields'->'/clauses/archive/body'->>'synced_from' from packages.branch_packages where id = $1", package.Value));
        Assert.Equal("""["/items/coverage/unitPrice","/clauses/archive/body"]""", await SqlAsync("select replace((payload::jsonb->'kept')::text, ' ', '') from audit.entries where action = 'package.revert' and outcome = 'done'"));

        // A branch whose own word for it is older than the lock keeps that too: nothing is taken from HQ on the way.
        Assert.Equal("refuse.package.field_locked", (await EditAsync(package, c => In(c, "clauses", "archive")["body"] = "Ours.")).Refusal?.Code);
    }

    [Fact]
    public async Task Going_back_is_refused_where_the_rules_hold_all_of_it_and_a_recalled_versions_rules_hold_nothing()
    {
        var package = await AdoptAsync();
        var content = WeddingContent();
        In(content, "clauses", "archive")["body"] = "Originals are kept for two years.";
        content["rules"]!.AsArray().Add(System.Text.Json.Nodes.JsonNode.Parse("""{"id":"archive","path":"/clauses/archive/body","mode":"locked","basis":"Tax law"}"""));
        await PublishAsync(content);
        Assert.Equal(2, (await AcceptAsync(Ana, Porto)).Value.Revision);
        Assert.Equal("refuse.package.field_locked", (await Edits.RevertAsync(Ana, Porto, package, 2, 1, "Back.", null, Ct)).Refusal?.Code);
        Assert.Equal("refuse.package.field_locked", (await Packages.RevertPreviewAsync(Ana, Porto, package, 1, Ct)).Refusal?.Code);

        await Yank.RunAsync(Hq, Wedding, 2, "Counsel says no.", Ct);
        Assert.Equal(3, (await Edits.RevertAsync(Ana, Porto, package, 2, 1, "Back.", null, Ct)).Value);
        Assert.StartsWith("Originals are kept for 365", (string)In((await CurrentAsync(package)).Content, "clauses", "archive")["body"]!, StringComparison.Ordinal);
        Assert.Equal(404, (await Packages.RevertPreviewAsync(BerlinManager, Berlin, package, 1, Ct)).Refusal!.Kind.HttpStatus);
    }

    private static DateOnly Soon => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(200);
}
