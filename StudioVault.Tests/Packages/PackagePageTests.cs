using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Tests.Support;
using StudioVault.Web.Packages.BranchPackages;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Packages;

public sealed class PackagePageTests(PostgresServer server) : PackagePageTest(server)
{
    [Fact]
    public async Task Every_mark_says_whose_the_field_is_what_may_be_done_with_it_and_why()
    {
        var package = await AdoptAsync();
        await EditAsync(package, c => In(c, "items", "album")["unitPrice"] = "520.00");

        var page = Open(PortoStaff, package);

        Shows(page, "Price Yours Bounded HQ has €480.00. At most €576.00 (+20 % of HQ’s price or less): Brand.");
        Shows(page, "Text Locked Consumer law.");
        Shows(page, "Local Yours to set: Each country's own tax.");
        Shows(page, "As HQ’s");
    }

    [Fact]
    public async Task The_filter_in_the_address_shows_only_the_fields_of_that_kind()
    {
        var package = await AdoptAsync();
        await EditAsync(package, c =>
        {
            c["turnaroundDays"] = 30;
            c["items"]!.AsArray().RemoveAt(1);
        });

        var page = Open(PortoStaff, package, "?show=yours");

        page.WaitForAssertion(() => Assert.Equal(["Album", "Turnaround"], page.FindAll(".field-row-name").Select(Said)));
        Shows(page, "Taken out by you");
    }

    [Fact]
    public async Task The_newest_difference_is_open_and_another_one_is_an_address_away()
    {
        var package = await AdoptAsync();
        await EditAsync(package, c => c["turnaroundDays"] = 30);
        await EditAsync(package, c => In(c, "clauses", "archive")["body"] = "Originals are kept for two years after delivery.");

        var page = Open(PortoStaff, package, "?tab=revisions");
        Shows(page, "deleted: 365 days");

        Go(page, package, "?tab=revisions&open=2");
        Shows(page, "Turnaround old: 42 days new: 30 days");
    }

    [Fact]
    public async Task Reverting_asks_for_a_reason_says_what_changes_and_makes_a_new_revision()
    {
        var package = await AdoptAsync();
        await EditAsync(package, c => c["turnaroundDays"] = 30);
        var page = Open(Ana, package, "?tab=revisions");

        Press(page, "Revert to this… revision 1");
        Shows(page, "Revision 3 is made, with the values of revision 1.");
        Shows(page, "1 change from revision 2");
        Press(page, "Revert to revision 1");
        Shows(page, "This needs a reason");
        Assert.Equal(2, (await CurrentAsync(package)).Revision);

        Type(page, ".rz-dialog textarea", "Clients asked for it.");
        Press(page, "Revert to revision 1");
        page.WaitForAssertion(() => Assert.Contains("Went back to revision 1", page.Markup, StringComparison.Ordinal));
        Assert.Equal((3, 42), ((await CurrentAsync(package)).Revision, (int)(await CurrentAsync(package)).Content["turnaroundDays"]!));
    }

    [Fact]
    public async Task Who_reverts_too_late_is_told_who_was_faster_and_nothing_is_written()
    {
        var package = await AdoptAsync();
        await EditAsync(package, c => c["turnaroundDays"] = 30);
        var page = Open(Ana, package, "?tab=revisions");
        Press(page, "Revert to this… revision 1");
        Shows(page, "1 change from revision 2");
        await EditAsync(package, c => c["name"] = "Casamento", Rui);

        Type(page, ".rz-dialog textarea", "Clients asked for it.");
        Press(page, "Revert to revision 1");

        Shows(page, "refuse.kernel.stale_write");
        Shows(page, "See what Rui did");
        Assert.Equal(3, (await CurrentAsync(package)).Revision);
    }

    [Fact]
    public async Task Going_back_behind_a_locked_wording_is_said_to_be_impossible_before_anything_is_sent()
    {
        var package = await AdoptAsync();
        await PublishAsync(Mandatory());
        await AcceptAsync(Ana, Porto, new MergeDecisions(new Dictionary<string, MergeDecision> { ["/clauses/cancellation/body"] = MergeDecision.Of(MergeChoice.Hq) }, new Dictionary<string, MergeChoice>()));
        var page = Open(Ana, package, "?tab=revisions");

        Press(page, "Revert to this… revision 1");

        Shows(page, "Take your change of it back, or ask HQ.");
        Assert.Empty(page.FindAll(".revert-diff"));
        Assert.All(page.FindAll("button").Where(b => Said(b) == "Revert to revision 1"), b => Assert.True(b.HasAttribute("disabled")));
    }

    [Fact]
    public async Task A_recall_is_answered_by_managers_and_only_read_by_staff()
    {
        var package = await AdoptAsync();
        var content = WeddingContent();
        content["turnaroundDays"] = 40;
        await PublishAsync(content);
        await AcceptAsync(Ana, Porto);
        await Yank.RunAsync(Hq, Wedding, 2, "Wrong number.", Ct);

        var staff = Open(PortoStaff, package);
        Shows(staff, "HQ says: “Wrong number.”");
        Shows(staff, "A manager of your branch decides.");
        Assert.DoesNotContain(staff.FindAll("button"), b => Said(b).StartsWith("Keep", StringComparison.Ordinal) || Said(b).StartsWith("Revert", StringComparison.Ordinal));

        var manager = Open(Ana, package);
        Press(manager, "Keep it…");
        Shows(manager, "Why you keep it");
        Type(manager, ".rz-dialog textarea", "It suits us.");
        Press(manager, "Keep what you have");
        manager.WaitForAssertion(() => Assert.DoesNotContain("Wrong number", manager.Markup, StringComparison.Ordinal));
        Assert.Equal(1L, await SqlAsync("select count(*) from packages.update_offers where branch_id = $1 and revert_reviewed_at is not null", Porto.Value));
    }

    [Fact]
    public async Task Another_branchs_package_is_not_there()
    {
        var package = await AdoptAsync();
        var missing = false;
        var page = Open(BerlinManager, package, seen: nav => nav.OnNotFound += (_, _) => missing = true);
        page.WaitForAssertion(() => Assert.True(missing));
        Assert.DoesNotContain("Wedding", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_filters_by_the_address_and_links_the_waiting_update()
    {
        var package = await AdoptAsync();
        var content = WeddingContent();
        content["turnaroundDays"] = 40;
        await PublishAsync(content);
        var offer = await OpenOfferAsync(Porto);

        var page = Open<PackagesPage>(PortoStaff, "/packages?show=update");
        page.WaitForAssertion(() => Assert.Equal($"/updates/{offer}", page.Find(".package-update").GetAttribute("href")));
        Assert.Equal($"/packages/{package}", page.Find(".row-link").GetAttribute("href"));

        Shows(Open<PackagesPage>(PortoStaff, "/packages?show=own"), "No package here: own values");
    }

    [Fact]
    public void A_branch_without_packages_learns_where_they_come_from() =>
        Shows(Open<PackagesPage>(PortoStaff, "/packages"), "HQ writes templates and offers their versions to the branches.");

    private IRenderedComponent<IComponent> Open(Sender who, BranchPackageId package, string query = "", Action<NavigationManager>? seen = null) =>
        Open<PackagePage>(who, $"/packages/{package}{query}", seen, (nameof(PackagePage.Id), package.Value));

    private static void Go(IRenderedComponent<IComponent> page, BranchPackageId package, string query) =>
        page.InvokeAsync(() => page.Services.GetRequiredService<NavigationManager>().NavigateTo($"/packages/{package}{query}"));
}
