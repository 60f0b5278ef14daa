using Bunit;
using Microsoft.AspNetCore.Components;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Tests.Support;
using StudioVault.Web.Packages.BranchPackages;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Packages;

/// <summary>A branch edits its own copy.</summary>
public sealed class PackageEditPageTests(PostgresServer server) : PackagePageTest(server)
{
    private const string Turnaround = "#f-turnaroundDays";

    [Fact]
    public async Task A_locked_field_is_shown_with_its_reason_and_cannot_be_typed_into_or_taken_out()
    {
        var page = Open(Ana, await AdoptAsync(), "?field=/clauses/cancellation/body");

        page.WaitForElement("#f-clauses-cancellation-body");
        Assert.True(page.Find("#f-clauses-cancellation-body").HasAttribute("readonly"));
        Assert.Contains("f-clauses-cancellation-body-mark", page.Find("#f-clauses-cancellation-body").GetAttribute("aria-describedby"), StringComparison.Ordinal);
        Assert.Equal("Locked Consumer law.", Said(page.Find("#f-clauses-cancellation-body-mark")));
        Assert.Empty(page.FindAll("[aria-label='Remove Cancellation']"));
        Assert.Single(page.FindAll("[aria-label='Remove Archive']"));
    }

    [Fact]
    public async Task A_price_outside_its_limits_is_refused_beside_the_field_as_it_is_typed_and_cannot_be_saved()
    {
        var package = await AdoptAsync();
        var page = Open(Ana, package, "?field=/items/album/unitPrice");

        Type(page, "#f-items-album-unitPrice", "600");

        page.WaitForAssertion(() => Assert.Contains("has to be at most 576", page.Find("#f-items-album-unitPrice-error").TextContent, StringComparison.Ordinal));
        Assert.True(Button(page, "Save as revision 2…").HasAttribute("disabled"));
        Type(page, "#f-items-album-unitPrice", "520,50");
        page.WaitForAssertion(() => Assert.False(Button(page, "Save as revision 2…").HasAttribute("disabled")));
        Shows(page, "Use HQ’s, €480.00");
        Assert.Equal("refuse.package.out_of_bounds", (await EditAsync(package, c => In(c, "items", "album")["unitPrice"] = "600.00")).Refusal?.Code);
    }

    [Fact]
    public async Task Saving_shows_the_difference_asks_for_a_reason_and_makes_the_next_revision()
    {
        var package = await AdoptAsync();
        var page = Open(Ana, package);
        Type(page, Turnaround, "30");
        page.WaitForAssertion(() => Assert.Contains("1 change, kept here until you save", Said(page.Find(".decision-status")), StringComparison.Ordinal));

        Press(page, "Save as revision 2…");
        page.WaitForAssertion(() => Assert.Contains("Turnaround old: 42 days new: 30 days", Said(page.Find(".rz-dialog")), StringComparison.Ordinal));
        Press(page, "Save as revision 2");
        Shows(page, "This needs a reason");
        Type(page, ".rz-dialog textarea", "Two editors now.");
        Press(page, "Save as revision 2");

        Arrives(page, $"/packages/{package}$");
        var view = (await Packages.PackageAsync(Ana, Porto, package, null, Ct)).Value;
        Assert.Equal((2, "Two editors now.", 30), (view.CurrentRevision, view.Current.Note, view.Content.TurnaroundDays));
    }

    [Fact]
    public async Task Staff_are_told_which_role_it_takes_before_they_type()
    {
        var page = Open(PortoStaff, await AdoptAsync());
        Shows(page, "it takes a branch manager");
        Assert.Empty(page.FindAll("input"));
    }

    [Fact]
    public async Task Another_branchs_package_cannot_be_opened()
    {
        var missing = false;
        var package = await AdoptAsync();
        var page = Open<PackageEditPage>(BerlinManager, $"/packages/{package}/edit", nav => nav.OnNotFound += (_, _) => missing = true, (nameof(PackageEditPage.Id), package.Value));
        page.WaitForAssertion(() => Assert.True(missing));
    }

    [Fact]
    public async Task Edits_of_two_people_in_different_fields_are_both_kept_and_each_is_named()
    {
        var package = await AdoptAsync();
        var page = Open(Ana, package);
        Type(page, Turnaround, "30");
        Shows(page, "1 change");
        await EditAsync(package, c => c["name"] = "Casamento", Rui);
        Ring(Topics.PackageRevised, package.ToString());

        Shows(page, "Rui saved revision 2 while you were writing: Edited.");
        Shows(page, "“Ours.”");
        Assert.Equal("30", page.Find(Turnaround).GetAttribute("value"));
        Press(page, "Save as revision 3…");
        page.WaitForElement(".rz-dialog textarea");
        page.WaitForAssertion(() => Assert.DoesNotContain("Casamento", Said(page.Find(".rz-dialog")), StringComparison.Ordinal));
        Type(page, ".rz-dialog textarea", "Two editors now.");
        Press(page, "Save as revision 3");

        Arrives(page, $"/packages/{package}$");
        var (revision, content) = await CurrentAsync(package);
        Assert.Equal((3, "Casamento", 30), (revision, (string?)content["name"], (int)content["turnaroundDays"]!));
    }

    [Fact]
    public async Task The_same_field_changed_by_both_waits_for_a_choice_and_nothing_is_overwritten()
    {
        var package = await AdoptAsync();
        var page = Open(Ana, package);
        Type(page, Turnaround, "30");
        Shows(page, "1 change");
        // Without the bell: only the save finds out.
        await EditAsync(package, c => c["turnaroundDays"] = 21, Rui);

        Press(page, "Save as revision 2…");
        page.WaitForElement(".rz-dialog textarea");
        Type(page, ".rz-dialog textarea", "Two editors now.");
        Press(page, "Save as revision 2");

        Shows(page, "Rui saved revision 2 while you were writing");
        Assert.Equal(21, (int)(await CurrentAsync(package)).Content["turnaroundDays"]!);
        page.WaitForElement(".clash input[value='Keep mine']");
        _ = page.InvokeAsync(() => page.Find(".clash input[value='Keep mine']").Change("Keep mine"));
        Press(page, "Put both together");
        page.WaitForAssertion(() => Assert.Equal("30", page.Find(Turnaround).GetAttribute("value")));
        Shows(page, "Save as revision 3…");
    }

    [Fact]
    public async Task What_was_not_saved_is_back_when_the_page_is_opened_again()
    {
        var package = await AdoptAsync();
        var browser = BrowserOf(Ana);
        var page = Open<PackageEditPage>(browser, $"/packages/{package}/edit", (nameof(PackageEditPage.Id), package.Value));
        Type(page, Turnaround, "thirty");
        Shows(page, "1 thing to correct");
        await browser.DisposeComponentsAsync();

        var again = Open<PackageEditPage>(browser, $"/packages/{package}/edit", (nameof(PackageEditPage.Id), package.Value));
        Shows(again, "What you had not saved is back.");
        Assert.Equal("thirty", again.Find(Turnaround).GetAttribute("value"));
    }

    [Fact]
    public async Task What_the_branch_took_out_can_be_put_back_and_an_own_value_can_go_back_to_HQs()
    {
        var package = await AdoptAsync();
        await EditAsync(package, c =>
        {
            c["items"]!.AsArray().RemoveAt(1);
            c["turnaroundDays"] = 30;
        });
        var page = Open(Ana, package);

        Press(page, "Put back Album");
        Press(page, "Use HQ’s, 42 days for Turnaround");

        page.WaitForAssertion(() => Assert.Equal("480.00", page.Find("#f-items-album-unitPrice").GetAttribute("value")));
        Assert.Equal("42", page.Find(Turnaround).GetAttribute("value"));
        Shows(page, "2 changes, kept here until you save");
    }

    [Fact]
    public async Task An_overdue_wording_that_was_declined_can_be_taken_in_the_editor_and_new_quotes_go_again()
    {
        var package = await AdoptAsync();
        await PublishAsync(Mandatory());
        await AcceptAsync(Ana, Porto, new MergeDecisions(new Dictionary<string, MergeDecision> { ["/clauses/cancellation/body"] = MergeDecision.Of(MergeChoice.Branch) }, new Dictionary<string, MergeChoice>()));
        Assert.Equal("refuse.package.mandatory_pending", (await Projects.QuoteAsync(Ana, Porto, package, 1, "Sousa", new(2099, 6, 1), Ct)).Refusal?.Code);
        var page = Open(Ana, package, "?field=/clauses/cancellation/body");

        Press(page, "Use HQ’s wording for Text");
        Press(page, "Save as revision 2…");
        page.WaitForElement(".rz-dialog textarea");
        Type(page, ".rz-dialog textarea", "The law.");
        Press(page, "Save as revision 2");

        Arrives(page, $"/packages/{package}$");
        Assert.Null((await Projects.QuoteAsync(Ana, Porto, package, 2, "Sousa", new(2099, 6, 1), Ct)).Refusal);
    }

    [Fact]
    public async Task A_new_line_of_ones_own_never_takes_an_id_of_HQs()
    {
        var package = await AdoptAsync();
        await EditAsync(package, c => c["items"]!.AsArray().RemoveAt(1));
        var page = Open(Ana, package);

        Type(page, "#f-items-new", "Album");
        _ = page.InvokeAsync(() => page.Find("#f-items-new").Closest("form")!.Submit());

        page.WaitForElement("#f-items-album-2-unitPrice");
    }

    private IRenderedComponent<IComponent> Open(Sender who, BranchPackageId package, string query = "")
    {
        var page = Open<PackageEditPage>(who, $"/packages/{package}/edit{query}", null, (nameof(PackageEditPage.Id), package.Value));
        return page;
    }

    private static AngleSharp.Dom.IElement Button(IRenderedComponent<IComponent> page, string text) => page.FindAll("button").Single(b => Said(b) == text);
}
