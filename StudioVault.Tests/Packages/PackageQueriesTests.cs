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
    public async Task Reverting_to_what_HQ_has_leaves_no_field_of_ones_own_and_a_recall_is_answered_by_it()
    {
        var package = await AdoptAsync();
        await EditAsync(package, c => c["turnaroundDays"] = 30);
        Assert.True((bool)(await SqlAsync("select is_customised from packages.branch_packages where id = $1", package.Value))!);

        Assert.Equal(3, (await Edits.RevertAsync(Ana, Porto, package, 2, 1, "Back to HQ's.", Ct)).Value);

        var view = (await Packages.PackageAsync(Ana, Porto, package, null, Ct)).Value;
        Assert.Equal((RevisionOrigin.Reverted, 1, "Back to HQ's.", "Ana"), (view.Current.Origin, view.Current.OriginNumber, view.Current.Note, view.Current.CreatedBy));
        Assert.Equal(0, view.Standing.OwnCount);
        Assert.False((bool)(await SqlAsync("select is_customised from packages.branch_packages where id = $1", package.Value))!);
    }

    private static DateOnly Soon => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(200);
}
