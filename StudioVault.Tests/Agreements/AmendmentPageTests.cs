using Bunit;
using Microsoft.AspNetCore.Components;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Tests.Support;
using StudioVault.Web.Agreements;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Agreements;

public sealed class AmendmentPageTests(PostgresServer server) : AgreementPageTest(server)
{
    [Fact]
    public async Task The_kind_is_chosen_first_and_each_of_the_eight_has_a_form()
    {
        var id = await ExecutedAsync();
        var page = OpenAmend(id);
        page.WaitForAssertion(() => Assert.Equal(8, page.FindAll("a.kind").Count));

        foreach (var kind in Enum.GetValues<AmendmentKind>())
        {
            var form = OpenAmend(id, kind);
            form.WaitForElement("#f-reason");
            Assert.NotEmpty(form.FindAll("#f-effectiveOn"));
        }
    }

    [Fact]
    public async Task Hours_show_the_redline_and_both_totals_before_anything_is_saved_and_the_payments_follow()
    {
        var id = await ExecutedAsync();
        var before = (await FindAsync(id)).Content!;
        var page = OpenAmend(id, AmendmentKind.Hours);
        page.WaitForElement("#f-reason");
        Type(page, "#f-event-hours", "10");
        Press(page, Said(page.FindAll(".edit-card-open")[0]));
        Type(page, $"#f-items-{before.Items[0].Id}-unitPrice", ContentWords.Money(before.Items[0].UnitPrice + 100));
        Shows(page, "Hours of coverage Changed old: 0 hours new: 10 hours");
        Shows(page, $"total afterwards €{before.Total.Amount + 100:#,0.00}");

        Type(page, "#f-reason", "The dance goes on.");
        Press(page, "Save the draft");

        Shows(page, "Saved; ready to be sent");
        var draft = (await FindAsync(id)).Newest;
        Assert.Null(draft.Problem);
        Assert.Equal(before.Schedule[^1].Amount + 100, PaperReading.Whole(draft)!.Schedule[^1].Amount);
    }

    [Fact]
    public async Task A_saved_amendment_is_sent_after_saying_to_whom()
    {
        var id = await ExecutedAsync();
        var page = OpenAmend(id, AmendmentKind.SubstituteLead);
        page.WaitForElement("#f-event-lead");
        Type(page, "#f-event-lead", "Inês Carvalho");
        Type(page, "#f-reason", "Rui is ill.");
        Press(page, "Save the draft");
        Shows(page, "Saved; ready to be sent");

        Press(page, "Send for signing…");
        Press(page, "Send to Marta Sousa and João Reis");

        Arrives(page, $"/agreements/{id}$");
        Assert.Equal((2, PaperState.Sent), ((await FindAsync(id)).Newest.Version, (await FindAsync(id)).Newest.State));
    }

    [Fact]
    public async Task A_new_day_needs_a_word_about_the_price_and_may_be_still_to_be_found()
    {
        var id = await ExecutedAsync();
        var page = OpenAmend(id, AmendmentKind.Reschedule);
        page.WaitForElement("#f-event-on");
        await page.InvokeAsync(() => page.FindAll("input[type=checkbox]")[0].Change(true));
        Type(page, "#f-reason", "The venue burnt down.");
        Shows(page, "A new date needs a word about the price");

        await page.InvokeAsync(() => page.FindAll(".choice input[type=radio]")[0].Change(true));
        Press(page, "Save the draft");

        Shows(page, "Saved; ready to be sent");
        var draft = (await FindAsync(id)).Newest.Text!.Amendment!;
        Assert.Equal(PriceBasis.Original, draft.PriceBasis);
        Assert.Equal(["/event/on"], draft.Operations.Select(o => o.Path));
    }

    [Fact]
    public async Task Todays_prices_are_put_on_the_lines_that_are_still_sold()
    {
        var id = await ExecutedAsync();
        var package = (await Queries.PackageTodayAsync(PortoStaff, Porto, id, Ct)).Value;
        var packageId = new BranchPackageId((Guid)(await SqlAsync("select package_id from agreements.projects limit 1"))!);
        await EditAsync(packageId, c => In(c, "items", "coverage")["unitPrice"] = "1700.00");
        var page = OpenAmend(id, AmendmentKind.Reschedule);
        page.WaitForElement("#f-event-on");
        Type(page, "#f-event-on", "2099-09-09");
        Type(page, "#f-reason", "Another summer.");

        await page.InvokeAsync(() => page.FindAll(".choice input[type=radio]")[1].Change(true));

        Shows(page, "new: €1,700.00");
        Press(page, "Save the draft");
        Shows(page, "Saved; ready to be sent");
        Assert.NotEqual(1700m, package.Content.Items.First(i => i.Id == "coverage").UnitPrice);
        Assert.Null((await FindAsync(id)).Newest.Problem);
    }

    [Fact]
    public async Task A_day_that_was_still_to_be_found_can_be_found()
    {
        var id = await ExecutedAsync();
        Assert.Null((await Agreements.AmendAsync(PortoStaff, Porto, id, 0, new(AmendmentKind.Reschedule, new DateOnly(2020, 1, 1), "The venue burnt down.", PriceBasis.Original, [AmendmentOperation.Set("/event/on", "")], new Dictionary<int, Precedence>()), Ct)).Refusal);
        await SignEverybodyAsync(id);
        await Seal.RunAsync(Job, Ct);
        var page = OpenAmend(id, AmendmentKind.Reschedule);
        page.WaitForElement("#f-reason");

        await page.InvokeAsync(() => page.FindAll("input[type=checkbox]")[0].Change(false));
        page.WaitForElement("#f-event-on");
        Type(page, "#f-event-on", "2099-09-09");

        Shows(page, "9 September 2099");
    }

    [Fact]
    public async Task Payments_somebody_wrote_stay_as_written_when_the_draft_is_opened_again()
    {
        var id = await ExecutedAsync();
        var head = (await FindAsync(id)).Content!;
        var lines = head.Items.Select((item, i) => i == 0 ? item with { UnitPrice = item.UnitPrice + 100 } : item).ToList();
        var schedule = head.Schedule.Select((payment, i) => i == 0 ? payment with { Amount = payment.Amount + 100 } : payment).ToList();
        Assert.Null((await Agreements.AmendAsync(PortoStaff, Porto, id, 0, new(AmendmentKind.Hours, new DateOnly(2098, 1, 1), "More.", PriceBasis.None, [.. Amendments.Hours(head, 10, lines), .. Amendments.PaymentPlan(head, schedule)], new Dictionary<int, Precedence>()), Ct)).Refusal);
        var page = OpenAmend(id);
        page.WaitForElement("#f-reason");

        Type(page, "#f-reason", "More of everything.");
        Press(page, "Save the draft");

        Shows(page, "Saved; ready to be sent");
        Assert.Equal(schedule[0].Amount, PaperReading.Whole((await FindAsync(id)).Newest)!.Schedule[0].Amount);
    }

    [Fact]
    public async Task An_amendment_that_goes_ahead_of_a_signed_one_asks_which_of_the_two_holds()
    {
        var id = await ExecutedAsync();
        var head = (await FindAsync(id)).Chain!.First;
        Assert.Null((await Agreements.AmendAsync(PortoStaff, Porto, id, 0, new(AmendmentKind.SubstituteLead, new DateOnly(2098, 6, 1), "From summer on.", PriceBasis.None, Amendments.SubstituteLead(head, "Rui Dias"), new Dictionary<int, Precedence>()), Ct)).Refusal);
        await SignEverybodyAsync(id);
        await Seal.RunAsync(Job, Ct);

        var page = OpenAmend(id, AmendmentKind.SubstituteLead);
        page.WaitForElement("#f-event-lead");
        Type(page, "#f-event-lead", "Inês Carvalho");
        Type(page, "#f-reason", "Until then.");
        Shows(page, "Version 2 takes effect later and changes the same");
        Press(page, "Save the draft");
        Shows(page, "Version 2 is signed and takes effect later");
        page.WaitForAssertion(() => Assert.True(page.FindAll("button").Single(b => Said(b) == "Send for signing…").HasAttribute("disabled")));

        await page.InvokeAsync(() => page.FindAll(".choice input[type=radio]")[0].Change(true));
        Press(page, "Save the draft");

        Shows(page, "Saved; ready to be sent");
        Assert.Equal(Precedence.LaterStands, (await FindAsync(id)).Newest.Text!.Amendment!.Resolutions[2]);
        Assert.Null((await FindAsync(id)).Newest.Problem);
    }

    [Fact]
    public async Task A_cancellation_leaves_what_is_kept_and_says_what_was_agreed()
    {
        var id = await ExecutedAsync();
        var page = OpenAmend(id, AmendmentKind.Cancellation);
        page.WaitForElement($"#f-items-{AmendmentForm.Kept}-unitPrice");
        Type(page, $"#f-items-{AmendmentForm.Kept}-unitPrice", "500");
        Type(page, "#f-reason", "They part.");
        Press(page, "Save the draft");

        Shows(page, "Saved; ready to be sent");
        var draft = (await FindAsync(id)).Newest;
        Assert.Null(draft.Problem);
        var after = PaperReading.Whole(draft)!;
        Assert.Equal(500m, Assert.Single(after.Items).UnitPrice);
        Assert.Null(after.Event.On);
        Assert.Contains(after.Clauses, c => c.Id == AmendmentForm.Kept);
    }

    [Fact]
    public async Task Whoever_joins_gets_an_id_nobody_had_and_signs()
    {
        var id = await ExecutedAsync();
        var page = OpenAmend(id, AmendmentKind.PartyChange);
        page.WaitForElement("#f-parties-new");
        Type(page, "#f-parties-new", "Ana Reis");
        await page.InvokeAsync(() => page.Find(".edit-add").Submit());
        page.WaitForElement("#f-parties-p3-email");
        Type(page, "#f-parties-p3-email", "ana@reis.example");
        Type(page, "#f-reason", "She pays the film.");
        Press(page, "Save the draft");

        Shows(page, "Saved; ready to be sent");
        Assert.Equal(["Marta Sousa", "João Reis", "Ana Reis"], (await FindAsync(id)).Newest.Signatories.Select(s => s.Name));
    }

    [Fact]
    public async Task While_an_amendment_is_out_no_other_can_be_written()
    {
        var id = await ExecutedAsync();
        var head = (await FindAsync(id)).Chain!.First;
        await Agreements.AmendAsync(PortoStaff, Porto, id, 0, new(AmendmentKind.SubstituteLead, new DateOnly(2098, 6, 1), "Ill.", PriceBasis.None, Amendments.SubstituteLead(head, "Rui Dias"), new Dictionary<int, Precedence>()), Ct);
        Assert.Null((await Agreements.SendAsync(PortoStaff, Porto, id, Ct)).Refusal);

        var page = OpenAmend(id);

        Shows(page, "refuse.agreement.amendment_open");
        Assert.Empty(page.FindAll("a.kind"));
    }

    [Fact]
    public async Task Two_writers_of_one_amendment_notice_each_other_and_nothing_is_overwritten_by_itself()
    {
        var id = await ExecutedAsync();
        var head = (await FindAsync(id)).Chain!.First;
        AmendmentInputOf("Rui Dias", out var theirs);
        var page = OpenAmend(id, AmendmentKind.SubstituteLead);
        page.WaitForElement("#f-event-lead");
        Type(page, "#f-event-lead", "Inês Carvalho");
        Type(page, "#f-reason", "Mine.");
        Assert.Null((await Agreements.AmendAsync(Ana, Porto, id, 0, theirs, Ct)).Refusal);

        Press(page, "Save the draft");

        Shows(page, "Somebody else saved this amendment while you were writing.");
        Assert.Equal("Rui Dias", PaperReading.Whole((await FindAsync(id)).Newest)!.Event.Lead);
        Press(page, "Keep mine, on top of theirs");
        Press(page, "Save the draft");
        Shows(page, "Saved; ready to be sent");
        Assert.Equal("Inês Carvalho", PaperReading.Whole((await FindAsync(id)).Newest)!.Event.Lead);

        void AmendmentInputOf(string lead, out AmendmentInput input) =>
            input = new(AmendmentKind.SubstituteLead, new DateOnly(2098, 6, 1), "Theirs.", PriceBasis.None, Amendments.SubstituteLead(head, lead), new Dictionary<int, Precedence>());
    }

    private IRenderedComponent<IComponent> OpenAmend(AgreementId id, AmendmentKind? kind = null) =>
        Open<AgreementAmendPage>(PortoStaff, $"/agreements/{id}/amend{(kind is { } k ? $"?kind={ContentWords.Of(k)}" : "")}", ("Id", id.Value));
}
