using Bunit;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Tests.Support;
using StudioVault.Web.Agreements;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Agreements;

public sealed class ProjectPagesTests(PostgresServer server) : PackagePageTest(server)
{
    private static readonly DateOnly Day = new(2099, 6, 1);

    [Fact]
    public async Task A_quote_from_a_price_that_is_not_the_current_one_any_more_is_refused_and_names_both_revisions()
    {
        var package = await AdoptAsync();
        await EditAsync(package, c => In(c, "items", "coverage")["unitPrice"] = "1500.00");

        var refused = await Projects.QuoteAsync(PortoStaff, Porto, package, 1, "Sousa", Day, Ct);

        Assert.Equal("refuse.project.revision_moved", refused.Refusal!.Code);
        Assert.Contains("revision 2 now, not from revision 1", refused.Refusal.Sentence, StringComparison.Ordinal);
        Assert.Null((await Projects.QuoteAsync(PortoStaff, Porto, package, 2, "Sousa", Day, Ct)).Refusal);
    }

    [Fact]
    public async Task A_quote_keeps_showing_what_it_was_made_from_after_the_package_changed()
    {
        var package = await AdoptAsync();
        var quote = (await Projects.QuoteAsync(PortoStaff, Porto, package, 1, "Sousa", Day, Ct)).Value;
        await EditAsync(package, c => In(c, "items", "coverage")["unitPrice"] = "1500.00");

        var page = Open(quote, "?since=true");

        Shows(page, "Made under revision 1 of");
        Shows(page, "later changes of the package do not touch it.");
        Shows(page, "€1,450.00 without add-ons.");
        Shows(page, "Full-day coverage: price old: €1,450.00 new: €1,500.00");
    }

    [Fact]
    public async Task Booking_asks_first_and_the_loser_of_a_race_sees_what_the_other_did()
    {
        var package = await AdoptAsync();
        var quote = (await Projects.QuoteAsync(PortoStaff, Porto, package, 1, "Sousa", Day, Ct)).Value;
        var page = Open(quote);
        Press(page, "Let lapse");
        Shows(page, "It is not opened again.");
        await Projects.BookAsync(Ana, Porto, quote, Ct);

        Press(page, "Let it lapse");

        Shows(page, "refuse.project.not_open");
        Shows(page, "Booked for");
        Assert.DoesNotContain(page.FindAll("button"), b => Said(b) == "Book");
    }

    [Fact]
    public async Task An_overdue_mandatory_update_is_said_before_anything_can_be_typed_with_the_way_to_the_review()
    {
        var package = await AdoptAsync();
        await PublishAsync(Mandatory());
        var offer = await OpenOfferAsync(Porto);

        var page = Open<QuoteNewPage>(PortoStaff, $"/projects/new?package={package}");

        Shows(page, "refuse.package.mandatory_pending");
        Assert.Contains(page.FindAll("a"), a => a.GetAttribute("href") == $"/updates/{offer}");
        Assert.All(page.FindAll("#quote-client, #quote-day"), i => Assert.True(i.HasAttribute("disabled")));
        Assert.Equal("refuse.package.mandatory_pending", (await Projects.QuoteAsync(PortoStaff, Porto, package, 1, "Sousa", Day, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task What_was_typed_stays_when_the_package_moved_and_the_second_try_pins_the_new_price()
    {
        var package = await AdoptAsync();
        var page = Open<QuoteNewPage>(PortoStaff, $"/projects/new?package={package}");
        Shows(page, "€1,450.00 without add-ons");
        Type(page, "#quote-client", "Sousa & Reis");
        Change(page, "#quote-day", "2099-06-01");
        await EditAsync(package, c => In(c, "items", "coverage")["unitPrice"] = "1500.00");

        Submit(page, "form");
        Shows(page, "The package was changed while you were writing");
        Shows(page, "€1,500.00 without add-ons");
        Assert.Equal("Sousa & Reis", page.Find("#quote-client").GetAttribute("value"));

        Submit(page, "form");
        Arrives(page, "/projects/[0-9a-f-]{36}$");
        var row = Assert.Single((await Quotes.ListAsync(PortoStaff, Porto, null, null, null, 1, Ct)).Value.Rows);
        Assert.Equal(("Sousa & Reis", 2, new Money(1500, "EUR")), (row.ClientName, row.Revision, row.Included));
    }

    [Fact]
    public async Task A_refused_field_says_so_beside_the_field()
    {
        var package = await AdoptAsync();
        var page = Open<QuoteNewPage>(PortoStaff, $"/projects/new?package={package}");
        Shows(page, "€1,450.00");
        Type(page, "#quote-client", "Sousa");
        Change(page, "#quote-day", "2020-06-01");
        Submit(page, "form");

        page.WaitForAssertion(() => Assert.StartsWith("The event day lies in the past.", Said(page.Find("#quote-day-error")), StringComparison.Ordinal));
        Assert.Equal("true", page.Find("#quote-day").GetAttribute("aria-invalid"));
    }

    [Fact]
    public async Task The_list_is_narrowed_by_state_package_and_words_in_the_address()
    {
        var package = await AdoptAsync();
        var sousa = (await Projects.QuoteAsync(PortoStaff, Porto, package, 1, "Sousa", Day, Ct)).Value;
        await Projects.QuoteAsync(PortoStaff, Porto, package, 1, "Reis", Day, Ct);
        await Projects.BookAsync(PortoStaff, Porto, sousa, Ct);

        Assert.Equal(["Sousa"], Clients(Open<ProjectsPage>(PortoStaff, "/projects?state=booked")));
        Assert.Equal(["Reis"], Clients(Open<ProjectsPage>(PortoStaff, "/projects?q=rei")));
        Assert.Equal(2, Clients(Open<ProjectsPage>(PortoStaff, $"/projects?package={package}")).Count);
        Shows(Open<ProjectsPage>(PortoStaff, $"/projects?package={BranchPackageId.New()}"), "No quote of this package yet");
    }

    [Fact]
    public async Task An_enquiry_becomes_a_quote_and_gets_its_clients_on_the_page()
    {
        var package = await AdoptAsync();
        var page = Open<QuoteNewPage>(PortoStaff, $"/projects/new?package={package}");
        Shows(page, "€1,450.00");
        Type(page, "#quote-client", "Sousa & Reis");
        Change(page, "#quote-day", "2099-06-01");
        Change(page, "input[type=checkbox]", true);
        Submit(page, "form");
        Arrives(page, "/projects/[0-9a-f-]{36}$");
        var id = Assert.Single((await Quotes.ListAsync(PortoStaff, Porto, ProjectState.Enquiry, null, null, 1, Ct)).Value.Rows).Id;

        var project = Open(id);
        Press(project, "Add the clients");
        Type(project, "#client-0-name", "Marta Sousa");
        Type(project, "#client-0-email", "marta");
        Submit(project, ".clients-form");
        project.WaitForAssertion(() => Assert.StartsWith("This is not an e-mail address", Said(project.Find("#client-0-email-error")), StringComparison.Ordinal));
        Type(project, "#client-0-email", "marta@sousa.example");
        Submit(project, ".clients-form");
        // As it stands on the page, not as it still stands in the form.
        project.WaitForAssertion(() => Assert.Equal("marta@sousa.example", Said(project.Find(".party-mail"))));
        Press(project, "Make it a quote");
        Shows(project, "Open quote");
    }

    [Fact]
    public async Task Another_branchs_project_is_not_there()
    {
        var package = await AdoptAsync();
        var quote = (await Projects.QuoteAsync(PortoStaff, Porto, package, 1, "Sousa", Day, Ct)).Value;

        Assert.Equal(404, (await Quotes.FindAsync(BerlinManager, Berlin, quote, Ct)).Refusal!.Kind.HttpStatus);
        Assert.Equal(404, (await Quotes.FindAsync(BerlinManager, Porto, quote, Ct)).Refusal!.Kind.HttpStatus);
        Assert.Equal(404, (await Projects.BookAsync(BerlinManager, Berlin, quote, Ct)).Refusal!.Kind.HttpStatus);
    }

    private IRenderedComponent<Microsoft.AspNetCore.Components.IComponent> Open(ProjectId id, string query = "") =>
        Open<ProjectDetailPage>(PortoStaff, $"/projects/{id}{query}", null, (nameof(ProjectDetailPage.Id), id.Value));

    private static List<string> Clients(IRenderedComponent<Microsoft.AspNetCore.Components.IComponent> page)
    {
        page.WaitForElement(".row-link");
        return [.. page.FindAll(".row-link").Select(Said)];
    }
}
