using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Live;
using StudioVault.Tests.Support;
using StudioVault.Web.Packages;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Packages;

/// <summary>HQ writes a draft; real database, nothing typed is lost.</summary>
public sealed class TemplateEditPageTests(PostgresServer server) : PackagePageTest(server)
{
    private static readonly (string, object) Route = ("Slug", "wedding-classic");
    private const string Address = "/hq/templates/wedding-classic/edit";
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(800);

    [Fact]
    public async Task Saves_by_itself_once_the_typing_rests()
    {
        var page = Edit();
        Type(page, "#f-turnaroundDays", "3");
        Clock.Advance(Rest / 2);
        Type(page, "#f-turnaroundDays", "30");
        Clock.Advance(Rest / 2);
        page.WaitForAssertion(() => Assert.Contains("Not saved yet", Status(page), StringComparison.Ordinal));
        Clock.Advance(Rest / 2);
        await SavedAsync(page, 2);
        Assert.Equal((2, 30), (await RevisionAsync(), (await StoredAsync()).TurnaroundDays));
    }

    [Fact]
    public async Task A_text_that_cannot_be_read_stays_and_the_rest_is_saved_when_it_can()
    {
        var page = Edit(Address + "?field=/items/album/unitPrice");
        Type(page, "#f-items-album-unitPrice-EUR", "5oo");
        Type(page, "#f-turnaroundDays", "30");
        Clock.Advance(Rest);
        page.WaitForAssertion(() => Assert.Contains("Not saved, Album, price in EUR: Write a number", Status(page), StringComparison.Ordinal));
        Assert.Equal("5oo", page.Find("#f-items-album-unitPrice-EUR").GetAttribute("value"));
        Assert.Contains("Write a number", page.Find("#f-items-album-unitPrice-EUR-error").TextContent, StringComparison.Ordinal);
        Assert.Equal(1, await RevisionAsync());

        Type(page, "#f-items-album-unitPrice-EUR", "500");
        Clock.Advance(Rest);
        await SavedAsync(page, 2);
        var stored = await StoredAsync();
        Assert.Equal((500m, 30), (stored.Items[1].UnitPrice["EUR"], stored.TurnaroundDays));
    }

    [Fact]
    public void A_deposit_plan_that_is_not_whole_says_by_how_much()
    {
        var page = Edit(Address + "?field=/depositPlan/balance/percent");
        Type(page, "#f-depositPlan-balance-percent", "60");
        page.WaitForAssertion(() => Assert.EndsWith("Adds up to 90 %, 10 % missing", Words(page.Find(".plan-sum")), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_two_people_wrote_in_different_fields_is_kept_of_both()
    {
        var (mine, theirs) = (Edit(), Edit());
        Type(theirs, "#f-description", "Theirs.");
        Clock.Advance(Rest);
        await SavedAsync(theirs, 2);
        Type(mine, "#f-turnaroundDays", "30");
        Clock.Advance(Rest);
        await SavedAsync(mine, 3);
        var stored = await StoredAsync();
        Assert.Equal(("Theirs.", 30), (stored.Description, stored.TurnaroundDays));
        Assert.Equal("Theirs.", mine.Find("#f-description").GetAttribute("value"));
    }

    [Fact]
    public async Task The_same_field_written_by_two_waits_for_a_choice_and_overwrites_nothing()
    {
        var (mine, theirs) = (Edit(), Edit());
        Type(theirs, "#f-turnaroundDays", "21");
        Clock.Advance(Rest);
        await SavedAsync(theirs, 2);
        Type(mine, "#f-turnaroundDays", "30");
        Clock.Advance(Rest);
        mine.WaitForAssertion(() => Assert.Contains("Helena saved this draft while you were writing", mine.Find(".clash").TextContent, StringComparison.Ordinal), TimeSpan.FromSeconds(10));
        Assert.Equal(21, (await StoredAsync()).TurnaroundDays);
        Assert.True(mine.Find(".clash .btn-primary").HasAttribute("disabled"));

        await mine.Find(".clash input[value='Keep mine']").ChangeAsync(new ChangeEventArgs { Value = "Keep mine" });
        await mine.Find(".clash .btn-primary").ClickAsync(new());
        await SavedAsync(mine, 3);
        Assert.Equal(30, (await StoredAsync()).TurnaroundDays);
    }

    [Fact]
    public async Task A_form_left_unsaved_is_there_again_on_return()
    {
        var browser = BrowserOf(Hq);
        var page = Open<TemplateEditPage>(browser, Address, Route);
        page.WaitForElement("#f-turnaroundDays", TimeSpan.FromSeconds(10));
        Type(page, "#f-turnaroundDays", "six weeks");
        await browser.DisposeComponentsAsync();
        var again = Open<TemplateEditPage>(browser, Address, Route);
        Assert.Equal("six weeks", again.WaitForElement("#f-turnaroundDays", TimeSpan.FromSeconds(10)).GetAttribute("value"));
    }

    [Fact]
    public async Task The_way_to_publishing_is_closed_while_a_text_cannot_be_read_and_names_the_field()
    {
        var page = Edit(Address + "?field=/items/album/quantity");
        Assert.Equal("A", page.FindAll(".decision-bar .btn-primary").Single().TagName);
        Type(page, "#f-items-album-quantity", "49O");
        page.WaitForAssertion(() => Assert.True(page.Find(".decision-bar button.btn-primary").HasAttribute("disabled")));
        Assert.Contains("what you typed cannot be read, so it is not saved. Go to Album", Status(page), StringComparison.Ordinal);
        Assert.Contains("field=%2Fitems%2Falbum%2Fquantity", page.Find("#publish-hindrance a").GetAttribute("href"), StringComparison.Ordinal);

        // Nor by the address.
        Clock.Advance(Rest);
        Go(page, "/hq/templates/wedding-classic/publish");
        Assert.DoesNotContain("/publish", AddressOf(page), StringComparison.Ordinal);

        Type(page, "#f-items-album-quantity", "49");
        page.WaitForAssertion(() => Assert.Equal("A", page.FindAll(".decision-bar .btn-primary").Single().TagName));
        GoOnToPublish(page);
        Assert.Equal(49, (await StoredAsync()).Items[1].Quantity);
    }

    [Fact]
    public async Task Going_on_to_publish_waits_for_the_save_under_way_and_saves_what_was_typed_since()
    {
        var page = Edit();
        Type(page, "#f-turnaroundDays", "30");
        Clock.Advance(Rest);
        Type(page, "#f-turnaroundDays", "31");
        Type(page, "#f-description", "Typed last.");
        GoOnToPublish(page);
        var stored = await StoredAsync();
        Assert.Equal((31, "Typed last."), (stored.TurnaroundDays, stored.Description));
    }

    [Fact]
    public async Task What_cannot_be_saved_outlives_the_circuit_and_is_forgotten_once_it_is()
    {
        var before = BrowserOf(Hq);
        var page = Edit(before);
        Type(page, "#f-turnaroundDays", "six weeks");
        Clock.Advance(Rest);
        page.WaitForAssertion(() => Assert.NotEmpty(StorageOf(before)));

        var after = BrowserOf(Hq);
        TakeOver(after, before);
        var again = Edit(after);
        again.WaitForAssertion(() => Assert.Equal("six weeks", again.Find("#f-turnaroundDays").GetAttribute("value")));
        Shows(again, "What you had not saved is back.");
        Type(again, "#f-turnaroundDays", "42");
        Type(again, "#f-description", "Now it can be read.");
        Clock.Advance(Rest);
        await SavedAsync(again, 2);
        again.WaitForAssertion(() => Assert.Contains(after.JSInterop.Invocations, i => i.Identifier == "localStorage.removeItem"));
        again.WaitForAssertion(() => Assert.Empty(StorageOf(after)));
        Assert.DoesNotContain("had not saved", again.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_back_after_somebody_else_saved_meets_their_edit_and_overwrites_nothing()
    {
        var before = BrowserOf(Hq);
        var page = Edit(before);
        Type(page, "#f-turnaroundDays", "six weeks");
        Clock.Advance(Rest);
        page.WaitForAssertion(() => Assert.NotEmpty(StorageOf(before)));
        var theirs = (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value;
        var content = WeddingContent();
        (content["turnaroundDays"], content["description"]) = (21, "Theirs.");
        Assert.Null((await Drafts.SaveAsync(Hq, Wedding, theirs.Revision, content.ToJsonString(), "", Ct)).Refusal);

        var after = BrowserOf(Hq);
        TakeOver(after, before);
        var again = Edit(after);
        again.WaitForAssertion(() => Assert.Equal("six weeks", again.Find("#f-turnaroundDays").GetAttribute("value")));
        Assert.Equal("Theirs.", again.Find("#f-description").GetAttribute("value"));
        Type(again, "#f-turnaroundDays", "35");
        Clock.Advance(Rest);
        again.WaitForElement(".clash");
        Assert.Equal(21, (await StoredAsync()).TurnaroundDays);
    }

    [Fact]
    public async Task Discarding_what_came_back_shows_the_draft_as_it_is_stored()
    {
        var before = BrowserOf(Hq);
        var page = Edit(before);
        Type(page, "#f-turnaroundDays", "six weeks");
        Clock.Advance(Rest);
        page.WaitForAssertion(() => Assert.NotEmpty(StorageOf(before)));
        var after = BrowserOf(Hq);
        TakeOver(after, before);
        var again = Edit(after);
        Press(again, "Discard…");
        Press(again, "Discard");
        again.WaitForAssertion(() => Assert.Equal("42", again.Find("#f-turnaroundDays").GetAttribute("value")));
        Assert.Equal("A", again.FindAll(".decision-bar .btn-primary").Single().TagName);
        await Eventually.True(() => StorageOf(after).Count == 0, "nothing is kept any more");
    }

    [Fact]
    public async Task Whoever_writes_in_a_field_is_named_at_it_and_at_its_closed_line_while_they_are_there()
    {
        var browser = BrowserOf(Hq);
        var page = Edit(browser);
        var board = browser.Services.GetRequiredService<PresenceBoard>();
        string Part(string path) => PresenceBoard.PartOf($"template:{Wedding}", path);
        async Task ArriveAsync(string path)
        {
            await board.ArriveAsync(Part(path), Rui.PersonId!.Value, "Rui", null, Ct);
            board.Heard(Part(path));
        }

        await ArriveAsync("/turnaroundDays");
        page.WaitForAssertion(() => Assert.Equal("Rui is here", Said(page.Find(".edit-field:has(#f-turnaroundDays) .field-here"))));
        await ArriveAsync("/items/album/title");
        page.WaitForAssertion(() => Assert.Equal("Rui is here", Said(page.FindAll(".edit-card-head").Single(c => Said(c).Contains("Album", StringComparison.Ordinal)).QuerySelector(".field-here")!)));
        await board.LeaveAsync(Part("/turnaroundDays"), Rui.PersonId!.Value, null, Ct);
        board.Heard(Part("/turnaroundDays"));
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".edit-field:has(#f-turnaroundDays) .field-here")));
    }

    [Fact]
    public async Task The_field_one_rests_in_is_told_to_the_others_and_no_longer_once_one_leaves_it()
    {
        var browser = BrowserOf(Hq);
        var page = Edit(browser);
        async Task<string?> HereAsync() => await SqlAsync("select string_agg(substr(place, strpos(place, '#') + 1), ',') from live.presence where strpos(place, '#') > 0") as string;
        await page.InvokeAsync(() => page.Find("#f-name").FocusIn());
        await page.InvokeAsync(() => page.Find("#f-name").FocusOut());
        await page.InvokeAsync(() => page.Find("#f-turnaroundDays").FocusIn());
        Assert.Null(await HereAsync());
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Eventually.True(async () => await HereAsync() == "/turnaroundDays", "the field is told");
        await page.InvokeAsync(() => page.Find("#f-name").FocusIn());
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Eventually.True(async () => await HereAsync() == "/name", "the next field is told, the one before no more");
        await browser.DisposeComponentsAsync();
        await Eventually.True(async () => await HereAsync() is null, "nobody is there any more");
    }

    [Fact]
    public async Task A_removed_line_comes_back_with_its_rules()
    {
        var browser = BrowserOf(Hq);
        var page = Open<TemplateEditPage>(browser, Address, Route);
        page.WaitForElement("#f-turnaroundDays", TimeSpan.FromSeconds(10));
        page.WaitForElement(".edit[data-typed='']");
        await page.InvokeAsync(() => page.Find("button[aria-label='Remove Album']").Click());
        Assert.DoesNotContain("Album", page.Find(".edit-list").TextContent, StringComparison.Ordinal);
        var toast = Assert.Single(browser.Services.GetRequiredService<Web.Ui.Toasts>().Shown);
        Assert.Equal("Album removed, with 1 rule on it", toast.Text);
        await page.InvokeAsync(toast.Undo!);
        Assert.Contains("Album", page.Find(".edit-list").TextContent, StringComparison.Ordinal);
        Assert.Contains("Bounded", page.Find(".rule-list").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_change_list_and_its_class_build_themselves_against_the_newest_version()
    {
        await PublishAsync(WeddingContent());
        var page = Edit(Address + "?view=changes");
        Assert.Contains("The draft says the same as version 1", page.Find(".changes").TextContent, StringComparison.Ordinal);
        Type(page, "#f-turnaroundDays", "60");
        page.WaitForAssertion(() => Assert.Contains("The turnaround: 42 before, 60 now.", page.Find(".reasons").TextContent, StringComparison.Ordinal));
        Assert.Contains("MAJOR, 1 change", Status(page), StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_line_gets_its_id_from_its_title()
    {
        var page = Edit();
        page.FindAll(".edit-add input")[0].Input("Second album");
        page.FindAll(".edit-add")[0].Submit();
        page.WaitForAssertion(() => Assert.Equal("second-album", page.Find(".edit-id code").TextContent));
        Assert.Contains("There is no price in any currency.", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Branch_people_are_refused_and_see_no_draft()
    {
        var page = Open<TemplateEditPage>(BrowserOf(Ana), Address, Route);
        page.WaitForAssertion(() => Assert.Contains("refuse.kernel.not_allowed", page.Markup, StringComparison.Ordinal), TimeSpan.FromSeconds(10));
        Assert.Empty(page.FindAll("#f-name"));
    }

    private static void GoOnToPublish(IRenderedComponent<IComponent> page)
    {
        Go(page, "/hq/templates/wedding-classic/publish");
        Arrives(page, "/publish$");
    }

    private IRenderedComponent<IComponent> Edit(string address = Address) => Edit(BrowserOf(Hq), address);

    private static IRenderedComponent<IComponent> Edit(BunitContext browser, string address = Address)
    {
        var page = Open<TemplateEditPage>(browser, address, Route);
        // What may be kept in the browser is back, or there is nothing.
        page.WaitForElement(".edit[data-typed='']");
        return page;
    }

    private async Task SavedAsync(IRenderedComponent<IComponent> page, int revision) =>
        await Eventually.True(async () => await RevisionAsync() == revision && page.Find(".saved").TextContent.Contains("Saved", StringComparison.Ordinal), $"revision {revision} is saved and shown");

    private async Task<int> RevisionAsync() => (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value.Revision;

    private async Task<TemplateContent> StoredAsync() => TemplateContent.Parse((await Drafts.OpenAsync(Hq, Wedding, Ct)).Value.Content).Value;

    private static string Status(IRenderedComponent<IComponent> page) => Words(page.Find(".decision-status"));

    private static string Words(IElement element) => string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
