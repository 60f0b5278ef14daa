using Bunit;
using Microsoft.AspNetCore.Components;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Documents;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Tests.Support;
using StudioVault.Web.Agreements;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Agreements;

public sealed class AgreementPagesTests(PostgresServer server) : AgreementPageTest(server)
{
    [Fact]
    public async Task The_empty_list_teaches_and_leads_to_the_booked_project_that_waits()
    {
        var project = await BookedAsync();

        var page = Open<AgreementsPage>(PortoStaff, "/agreements");

        Shows(page, "No agreements yet");
        Assert.Contains(page.FindAll("a"), a => a.GetAttribute("href") == $"/agreements/new?project={project}" && Said(a) == "Marta & João");
    }

    [Fact]
    public async Task The_list_says_whom_an_agreement_waits_for_and_follows_what_happens()
    {
        var id = await SentAsync();
        var page = Open<AgreementsPage>(PortoStaff, "/agreements");
        Shows(page, "Waiting for signatures, 0 of 2");
        Shows(page, "Waits for Marta Sousa and João Reis");

        await SignAsync(await LinkAsync(id, "p1"), "Marta Sousa");
        Ring(id);

        Shows(page, "João Reis still has to sign");
    }

    [Fact]
    public async Task An_agreement_is_begun_with_the_add_ons_that_are_ticked()
    {
        var project = await BookedAsync();
        var page = Open<AgreementNewPage>(PortoStaff, $"/agreements/new?project={project}");
        Shows(page, "Marta Sousa");
        var start = (await Queries.StartAsync(PortoStaff, Porto, project, Ct)).Value;
        var addOn = start.Content.Items.First(i => i.Inclusion == Inclusion.AddOn);
        await page.InvokeAsync(() => page.Find("fieldset input").Change(true));

        await page.Find("form").SubmitAsync();

        Arrives(page, "/edit$");
        var begun = (await Queries.ListAsync(PortoStaff, Porto, null, false, null, 1, Ct)).Value.Rows.Single();
        Assert.Contains((await FindAsync(begun.Id)).Newest.Text!.First!.Items, i => i.Id == addOn.Id);
    }

    [Fact]
    public async Task Who_opens_and_who_signs_shows_without_a_reload()
    {
        var id = await SentAsync();
        var page = OpenDetail(id);
        Shows(page, "Not opened yet");
        Assert.Contains(page.FindAll("[data-copy]"), b => b.GetAttribute("data-copy")!.StartsWith("https://vault.example/c/", StringComparison.Ordinal));

        var link = await LinkAsync(id, "p2");
        await Signings.OpenAsync(link, Ct);
        Ring(id);
        Shows(page, "Opened, not signed");

        await SignAsync(link, "João Reis");
        Ring(id);
        Shows(page, "1 of 2 have signed version 1");
    }

    [Fact]
    public async Task Sending_says_first_what_goes_to_whom()
    {
        var id = await BegunAsync();
        var page = OpenDetail(id);
        Press(page, "Send for signing…");
        Shows(page, "marta@sousa.example");
        Shows(page, "please read and sign");

        Press(page, "Send to Marta Sousa and João Reis");

        Shows(page, "Waiting for signatures");
        Assert.Equal(PaperState.Sent, (await FindAsync(id)).Newest.State);
    }

    [Fact]
    public async Task Taking_back_asks_for_a_reason_and_makes_it_a_draft_again()
    {
        var id = await SentAsync();
        var page = OpenDetail(id, Ana);
        Press(page, "Recall…");
        Shows(page, "Nobody has signed it yet.");
        Press(page, "A mistake in it");

        await page.Find(".rz-dialog form").SubmitAsync();

        Shows(page, "Being written");
        Assert.Equal(PaperState.Draft, (await FindAsync(id)).Newest.State);
    }

    [Fact]
    public async Task Staff_may_write_and_send_and_only_a_manager_takes_back()
    {
        var id = await SentAsync();

        var page = OpenDetail(id, PortoStaff);

        Shows(page, "Copy client link");
        Assert.DoesNotContain(page.FindAll("button"), b => Said(b) is "Recall…" or "Give up…");
    }

    [Fact]
    public async Task While_the_documents_wait_the_page_says_why_and_that_nothing_is_lost()
    {
        PaperPrinter.Away = DocumentRefusals.PrinterUnavailable;
        var id = await SentWhileThereAsync();
        await SignAsync(id);
        await Seal.RunAsync(Job, Ct);

        var page = OpenDetail(id);

        Shows(page, "Being sealed");
        Shows(page, "Chromium");
        Shows(page, "nothing that was signed is lost");
    }

    [Fact]
    public async Task A_signed_version_offers_an_amendment_and_nothing_that_would_edit_it()
    {
        var id = await ExecutedAsync();

        var page = OpenDetail(id, Ana);

        Shows(page, "Nothing here can edit a signed version");
        Assert.Equal($"/agreements/{id}/amend", page.FindAll("a").Single(a => Said(a) == "Start an amendment").GetAttribute("href"));
        Assert.DoesNotContain(page.FindAll("a,button"), b => Said(b).StartsWith("Write on", StringComparison.Ordinal) || Said(b) == "Recall…");
        var edit = Open<AgreementEditPage>(Ana, $"/agreements/{id}/edit", ("Id", id.Value));
        Shows(edit, "refuse.agreement.sealed");
        Assert.Empty(edit.FindAll("input"));
    }

    [Fact]
    public async Task Verify_in_place_ticks_every_check_with_its_raw_value()
    {
        var id = await ExecutedAsync();
        var seal = (await FindAsync(id)).Signed!.Seal!;

        var page = OpenDetail(id, query: "?tab=verify");

        Shows(page, "The seal holds");
        Shows(page, "The signatures holds");
        Assert.Contains(page.FindAll("[data-copy]"), b => b.GetAttribute("data-copy") == seal.DocumentSha256);
        Assert.Empty(page.FindAll(".tone-removed"));
    }

    [Fact]
    public async Task Comparing_names_both_sides_and_reads_without_colour()
    {
        var id = await ExecutedAsync();
        await AmendHoursAsync(id, 10, new DateOnly(2098, 1, 1));
        await SignEverybodyAsync(id);
        await Seal.RunAsync(Job, Ct);

        var page = OpenDetail(id, query: "?tab=compare");

        Shows(page, "Version 1, signed");
        Shows(page, "Version 2, signed");
        Shows(page, "Hours of coverage Changed old: 0 hours new: 10 hours");
    }

    [Fact]
    public async Task As_amended_shows_the_day_asked_for_and_the_source_of_each_part()
    {
        var id = await ExecutedAsync();
        await AmendHoursAsync(id, 10, new DateOnly(2098, 1, 1));
        await SignEverybodyAsync(id);
        await Seal.RunAsync(Job, Ct);

        Shows(OpenDetail(id, query: "?tab=amended&on=2098-01-01"), "Hours: Version 2, signed");
        var before = OpenDetail(id, query: "?tab=amended&on=2097-12-31");
        Shows(before, "A view, not a paper.");
        Assert.DoesNotContain("10 hours", before.Find(".paper-screen").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_typed_in_the_draft_is_checked_in_place_and_saved_whole()
    {
        var id = await BegunAsync();
        var page = OpenEdit(id);
        Type(page, "#f-event-hours", "eight");
        Shows(page, "Write a number");
        Assert.True(page.FindAll("button").Single(b => Said(b) == "Save the draft").HasAttribute("disabled"));

        Type(page, "#f-event-hours", "8");
        Type(page, "#f-event-venue", "Quinta da Aveleda");
        Press(page, "Save the draft");

        Shows(page, "Saved; ready to be sent");
        var content = (await FindAsync(id)).Newest.Text!.First!;
        Assert.Equal((8m, "Quinta da Aveleda"), (content.Event.Hours, content.Event.Venue));
    }

    [Fact]
    public async Task Payments_that_do_not_come_to_the_total_keep_it_from_being_sent_and_can_be_settled_by_one_press()
    {
        var id = await BegunAsync();
        var page = OpenEdit(id);
        Press(page, Said(page.FindAll(".edit-card-open")[0]));
        var price = page.FindAll("input").First(i => i.Id!.EndsWith("-unitPrice", StringComparison.Ordinal)).Id;
        Type(page, $"#{price}", "2000");
        Shows(page, "to correct before it is sent");
        var last = (await FindAsync(id)).Newest.Text!.First!.Schedule[^1];

        Press(page, $"Put the difference on “{last.Title}”");

        Shows(page, "kept here until you save");
        Press(page, "Save the draft");
        Shows(page, "Saved; ready to be sent");
        Assert.Empty((await FindAsync(id)).Newest.Text!.First!.Problems());
    }

    [Fact]
    public async Task Somebody_elses_saving_is_met_field_by_field_and_nothing_typed_is_lost()
    {
        var id = await BegunAsync();
        var page = OpenEdit(id);
        Type(page, "#f-event-venue", "Quinta da Aveleda");
        Type(page, "#f-event-lead", "Inês Carvalho");
        await WriteAsync(id, c => c with { Event = c.Event with { Venue = "Serralves", StartsAt = "14:00" } });

        Press(page, "Save the draft");

        Shows(page, "Somebody saved this draft while you were writing");
        Shows(page, "Theirs new: Serralves");
        await page.InvokeAsync(() => page.FindAll(".clash input[type=radio]")[0].Change(true));
        Press(page, "Put both together");
        Press(page, "Save the draft");
        Shows(page, "Saved; ready to be sent");
        var happening = (await FindAsync(id)).Newest.Text!.First!.Event;
        Assert.Equal(("Quinta da Aveleda", "Inês Carvalho", "14:00"), (happening.Venue, happening.Lead, happening.StartsAt));
    }

    private IRenderedComponent<IComponent> OpenDetail(AgreementId id, Sender? who = null, string query = "") =>
        Open<AgreementDetailPage>(who ?? Ana, $"/agreements/{id}{query}", ("Id", id.Value));

    private IRenderedComponent<IComponent> OpenEdit(AgreementId id)
    {
        var page = Open<AgreementEditPage>(PortoStaff, $"/agreements/{id}/edit", ("Id", id.Value));
        page.WaitForElement("#f-event-hours");
        return page;
    }

    private async Task<AgreementId> SentWhileThereAsync()
    {
        var away = PaperPrinter.Away;
        PaperPrinter.Away = null;
        var id = await SentAsync();
        PaperPrinter.Away = away;
        return id;
    }

    private async Task WriteAsync(AgreementId id, Func<AgreementContent, AgreementContent> change)
    {
        var paper = (await FindAsync(id)).Newest;
        Assert.Null((await Agreements.WriteAsync(Ana, Porto, id, paper.DraftRevision, change(paper.Text!.First!).ToJson(), Ct)).Refusal);
    }

    private async Task AmendHoursAsync(AgreementId id, decimal hours, DateOnly on)
    {
        var head = (await FindAsync(id)).Chain!.First;
        Assert.Null((await Agreements.AmendAsync(PortoStaff, Porto, id, 0, new(AmendmentKind.Hours, on, "The dance goes on.", PriceBasis.None, Amendments.Hours(head, hours, head.Items), new Dictionary<int, Precedence>()), Ct)).Refusal);
    }
}
