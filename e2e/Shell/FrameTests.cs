using Microsoft.Playwright;
using StudioVault.E2E.Support;
using Xunit;

namespace StudioVault.E2E.Shell;

public sealed class FrameTests(Chromium chromium, GalleryVault gallery) : IAsyncLifetime
{
    private readonly List<IBrowserContext> _contexts = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var context in _contexts)
            await context.DisposeAsync();
    }

    [Fact]
    public async Task A_dialog_opens_takes_the_focus_and_gives_it_back()
    {
        var page = await PageAsync(Screen.Desktop);
        await page.OpenAsync("/dev/gallery");
        await page.GetByRole(AriaRole.Button, new() { Name = "Open a dialog" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Yank version 4?" });
        await Assertions.Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Leave it as it is" })).ToBeFocusedAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Yank version 4", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("Yanked")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Open a dialog" })).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Escape_leaves_everything_as_it_is()
    {
        var page = await PageAsync(Screen.Desktop);
        await page.OpenAsync("/dev/gallery");
        await page.GetByRole(AriaRole.Button, new() { Name = "Open a dialog" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Leave it as it is" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.Locator("#answer")).ToHaveTextAsync("Left");
    }

    [Fact]
    public async Task A_broken_page_keeps_the_frame_and_can_be_shown_again()
    {
        var page = await PageAsync(Screen.Desktop);
        await page.OpenAsync("/dev/gallery");
        await page.GetByRole(AriaRole.Button, new() { Name = "Break this page" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This page broke" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Show the page again" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Gallery", Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Arrow_keys_walk_a_choice_and_nothing_is_chosen_beforehand()
    {
        var page = await PageAsync(Screen.Desktop);
        await page.OpenAsync("/dev/gallery/review");
        var bar = page.GetByRole(AriaRole.Region, new() { Name = "Decision" }).GetByRole(AriaRole.Button).First;
        await Assertions.Expect(bar).ToBeDisabledAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "Keep yours" }).FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await Assertions.Expect(bar).ToBeEnabledAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(page.GetByRole(AriaRole.Radio, new() { Name = "Take HQ" })).ToBeCheckedAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(page.GetByLabel("Another price")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Single_letters_press_nothing_outside_a_list_or_while_typing_or_when_switched_off()
    {
        var page = await PageAsync(Screen.Desktop);
        await page.OpenAsync("/dev/gallery/review");
        await page.GetByRole(AriaRole.Radio, new() { Name = "Keep yours" }).CheckAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);

        await page.GetByRole(AriaRole.Link, new() { Name = "Packages" }).FocusAsync();
        await page.Keyboard.PressAsync("a");
        await page.GetByRole(AriaRole.Radio, new() { Name = "Enter another" }).CheckAsync();
        await page.GetByLabel("Another price").FocusAsync();
        await page.Keyboard.PressAsync("a");
        await Assertions.Expect(page.GetByLabel("Another price")).ToHaveValueAsync("a");
        await page.EvaluateAsync("localStorage.setItem('sv-keys', 'off')");
        await page.GetByRole(AriaRole.Radio, new() { Name = "Enter another" }).FocusAsync();
        await page.Keyboard.PressAsync("a");
        await Assertions.Expect(dialog).ToHaveCountAsync(0);

        await page.EvaluateAsync("localStorage.setItem('sv-keys', 'on')");
        await page.Keyboard.PressAsync("a");
        await Assertions.Expect(dialog).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_theme_is_right_from_the_first_paint()
    {
        var page = await PageAsync(Screen.Desktop);
        await page.OpenAsync("/dev/gallery");
        await page.GetByRole(AriaRole.Button, new() { Name = "Dim theme" }).ClickAsync();
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dim");
        await Wait.UntilAsync(async () => (await page.Context.CookiesAsync()).Any(c => c is { Name: "sv-theme", Value: "dim" }), () => "the choice is kept");
        var html = await (await page.Context.APIRequest.GetAsync("/login")).TextAsync();
        Assert.Contains("data-theme=\"dim\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_theme_switch_and_sign_in_work_without_script()
    {
        var context = await chromium.Browser.NewContextAsync(new(Screen.Phone.Options(gallery.Vault.Address)) { JavaScriptEnabled = false });
        _contexts.Add(context);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/login");
        await page.GetByRole(AriaRole.Button, new() { Name = "Dim theme" }).ClickAsync();
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dim");
        await page.GetByLabel("E-mail address").FillAsync("nobody@example.org");
        await page.GetByLabel("Password").FillAsync("wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("do not match");
    }

    [Theory]
    [InlineData("/dev/gallery")]
    [InlineData("/dev/gallery/review")]
    [InlineData("/login")]
    [InlineData("/denied")]
    public async Task The_browser_has_nothing_to_complain_about_and_no_font_of_a_package_is_fetched(string path)
    {
        var page = await PageAsync(Screen.Desktop);
        var complaints = page.Complaints();
        var fonts = new List<string>();
        page.Request += (_, request) =>
        {
            if (request.ResourceType == "font") fonts.Add(new Uri(request.Url).AbsolutePath);
        };
        await page.GotoAsync(path, new() { WaitUntil = WaitUntilState.NetworkIdle });
        Assert.Empty(complaints);
        Assert.All(fonts, font => Assert.StartsWith("/fonts/", font, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_for_visitors_needs_no_circuit_and_little_weight()
    {
        var page = await PageAsync(Screen.Phone);
        var scripts = new List<string>();
        page.Request += (_, request) =>
        {
            if (request.ResourceType is "script" or "websocket") scripts.Add(new Uri(request.Url).AbsolutePath);
        };
        await page.GotoAsync("/login", new() { WaitUntil = WaitUntilState.NetworkIdle });
        // What every page has, and the device's memory of the audit log.
        Assert.Equal(["/js/page", "/js/witness"], scripts.Select(s => s[..s.IndexOf('.', StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
    }

    private async Task<IPage> PageAsync(Screen screen)
    {
        var context = await chromium.Browser.NewContextAsync(screen.Options(gallery.Vault.Address));
        _contexts.Add(context);
        return await context.NewPageAsync();
    }
}
