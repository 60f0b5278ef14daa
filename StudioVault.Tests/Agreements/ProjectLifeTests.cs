using Npgsql;
using StudioVault.Domain.Agreements;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Agreements;

public sealed class ProjectLifeTests(PostgresServer server) : AgreementsTest(server)
{
    [Fact]
    public async Task An_enquiry_is_quoted_under_the_rules_it_was_made_with_and_nobody_can_change_them()
    {
        var package = await AdoptAsync();
        var id = (await Projects.EnquireAsync(PortoStaff, Porto, package, 1, "Marta & João", new DateOnly(2099, 6, 12), Ct)).Value;
        var rules = (string)(await SqlAsync("select rules::text from agreements.projects"))!;
        Assert.Null((await Projects.QuoteEnquiryAsync(PortoStaff, Porto, id, Ct)).Refusal);
        Assert.Equal("Quote", await SqlAsync("select state from agreements.projects"));
        Assert.Equal(rules, await SqlAsync("select rules::text from agreements.projects"));
        Assert.Equal("wedding-classic", RulesSnapshot.Parse(rules).Value.Package.Template);
        var error = await Assert.ThrowsAsync<PostgresException>(() => SqlAsync("update agreements.projects set rules = '{}'"));
        Assert.StartsWith("SV", error.SqlState, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_executed_agreement_asks_for_its_payments_and_an_amendment_moves_day_and_due_days()
    {
        var id = await ExecutedAsync();
        Assert.Equal(2L, await SqlAsync("select count(*) from agreements.invoices where state = 'Open'"));
        Assert.Equal("PORTO-2026-0001/1,PORTO-2026-0001/2", ((string)(await SqlAsync("select string_agg(number, ',' order by number) from agreements.invoices"))!).Replace($"{DateTimeOffset.Parse((string)(await SqlAsync("select now()::text"))!, System.Globalization.CultureInfo.InvariantCulture).Year}", "2026", StringComparison.Ordinal));
        await Agreements.AmendAsync(PortoStaff, Porto, id, 0, Reschedule(new DateOnly(2099, 7, 3)), Ct);
        await SignEverybodyAsync(id);
        Assert.Null((await Seal.RunAsync(Job, Ct)).Refusal);
        Assert.Equal("2099-07-03", await SqlAsync("select event_on::text from agreements.projects"));
        Assert.Equal("2099-06-03", await SqlAsync("select max(due_on)::text from agreements.invoices where state = 'Open'"));
        Assert.Equal("refuse.project.agreement_in_force", (await Projects.PlanAsync(PortoStaff, Porto, await ProjectAsync(), new DateOnly(2099, 8, 1), "", "", Ct)).Refusal!.Code);
        Assert.Equal("refuse.project.agreement_in_force", (await Projects.CancelAsync(Ana, Porto, await ProjectAsync(), "They moved away.", Ct)).Refusal!.Code);
    }

    [Fact]
    public async Task A_project_is_closed_only_when_everything_is_paid_and_the_agreement_is_completed_with_it()
    {
        var id = await ExecutedAsync();
        var project = await ProjectAsync();
        await SqlAsync("set session_replication_role = replica; update agreements.projects set state = 'Delivered'; set session_replication_role = default");
        Assert.Equal("2 of the project's invoices are not paid.", (await Projects.CloseAsync(Ana, Porto, project, Ct)).Refusal!.Sentence);
        Assert.Equal("refuse.kernel.not_allowed", (await Projects.CloseAsync(PortoStaff, Porto, project, Ct)).Refusal!.Code);
        foreach (var invoice in new[] { "1", "2" })
        {
            var row = new InvoiceId((Guid)(await SqlAsync("select id from agreements.invoices where number like '%/' || $1", invoice))!);
            Assert.Equal("refuse.invoice.paid_in_the_future", (await Invoices.PayAsync(PortoStaff, Porto, row, new DateOnly(2099, 1, 1), PaymentMethod.Card, Ct)).Refusal!.Code);
            Assert.Null((await Invoices.PayAsync(PortoStaff, Porto, row, new DateOnly(2026, 11, 1), PaymentMethod.BankTransfer, Ct)).Refusal);
        }

        Assert.Null((await Projects.CloseAsync(Ana, Porto, project, Ct)).Refusal);
        Assert.Equal("Completed", await SqlAsync("select state from agreements.agreements where id = $1", id.Value));
    }

    private async Task<ProjectId> ProjectAsync() => new((Guid)(await SqlAsync("select id from agreements.projects"))!);
}
