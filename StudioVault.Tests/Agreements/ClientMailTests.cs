using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using StudioVault.Web.Mail;
using Xunit;

namespace StudioVault.Tests.Agreements;

/// <summary>Mails that did not arrive, an address corrected, a link sent again; and the demo's mailbox.</summary>
public sealed class ClientMailTests(PostgresServer server) : ClientPagesTest(server)
{
    private MailQueries Queries => new(Door, Mails);

    [Fact]
    public async Task A_bounced_mail_asks_for_another_address_until_it_is_corrected_and_sent_again()
    {
        var id = await SentAsync();
        await BounceAsync("marta@sousa.example");
        var row = Assert.Single((await Queries.AboutAsync(PortoStaff, Porto, id.Value, Ct)).Value, r => r.NeedsAddress);
        Assert.Equal(("Marta Sousa", "p1", MailState.Bounced, "marta@sousa.example"), (row.ClientName, row.PartyId, row.State, row.Email));
        Assert.Contains("550", row.Problem, StringComparison.Ordinal);

        Assert.Equal("refuse.client.email_invalid", (await Clients.CorrectEmailAsync(PortoStaff, Porto, row.ClientId, "marta at sousa", Ct)).Refusal!.Code);
        Assert.Null((await Clients.CorrectEmailAsync(PortoStaff, Porto, row.ClientId, " marta.sousa@mail.example ", Ct)).Refusal);
        Assert.DoesNotContain((await Queries.AboutAsync(PortoStaff, Porto, id.Value, Ct)).Value, r => r.NeedsAddress);
        // The new address never had it, so there is nothing to wait for.
        Assert.Null((await Agreements.RemindAsync(PortoStaff, Porto, id, "p1", Ct)).Refusal);
        var link = await LinkAsync(id, "p1");
        var letter = await LastLetterAsync(link);
        Assert.Equal("marta.sousa@mail.example", letter.To);
        Assert.Contains($"https://vault.example{AddressOf(link)}", letter.Text, StringComparison.Ordinal);
        Assert.Equal("refuse.kernel.not_found", (await Queries.AboutAsync(BerlinManager, Porto, id.Value, Ct)).Refusal!.Code);
    }

    [Fact]
    public async Task A_reminder_goes_out_every_few_minutes_at_most_and_only_to_whoever_has_not_signed()
    {
        var id = await SentAsync();
        Assert.Equal("refuse.signing.reminded_just_now", (await Agreements.RemindAsync(PortoStaff, Porto, id, "p1", Ct)).Refusal!.Code);
        await SqlAsync("set session_replication_role = replica; update mail.messages set queued_at = queued_at - interval '6 minutes'; update agreements.signings set expires_on = expires_on - 30");
        Assert.Null((await Agreements.RemindAsync(PortoStaff, Porto, id, "p1", Ct)).Refusal);
        // Sent again, it takes a signature again.
        Assert.Equal(1, (await SignAsync(await LinkAsync(id, "p1"), "Marta Sousa")).Value);
        Assert.Equal("refuse.signing.party_signed", (await Agreements.RemindAsync(PortoStaff, Porto, id, "p1", Ct)).Refusal!.Code);
        Assert.Equal("refuse.kernel.not_found", (await Agreements.RemindAsync(PortoStaff, Porto, id, "p9", Ct)).Refusal!.Code);
        Assert.Null((await Agreements.RecallAsync(Ana, Porto, id, "The date was wrong.", Ct)).Refusal);
        Assert.Equal("refuse.agreement.not_sent", (await Agreements.RemindAsync(PortoStaff, Porto, id, "p2", Ct)).Refusal!.Code);
    }

    [Fact]
    public async Task A_code_sent_to_the_wrong_address_counts_no_more_once_it_is_corrected()
    {
        var id = await SentAsync();
        var link = await LinkAsync(id, "p1");
        var view = (await Signings.OpenAsync(link, Ct)).Value;
        var code = await CodeAsync(link);
        var client = new ClientId((Guid)(await SqlAsync("select client_id from agreements.signings where id = $1", link.Id))!);
        Assert.Null((await Clients.CorrectEmailAsync(PortoStaff, Porto, client, "marta.sousa@mail.example", Ct)).Refusal);
        Assert.Equal("refuse.signing.code_missing", (await Signings.SignAsync(link, Input(view.ContentHash, "Marta", code), Ct)).Refusal!.Code);
        Assert.DoesNotContain("mail.example", (string)(await SqlAsync("select string_agg(payload::text, ' ') from audit.entries where payload is not null"))!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_shows_its_mails_with_links_that_work_on_the_machine_one_looks_at()
    {
        var id = await SentAsync();
        var link = await LinkAsync(id, "p1");
        await CodeAsync(link);
        var page = await PageAsync("/demo/mail?to=marta@sousa.example");
        Assert.Contains($"href=\"{AddressOf(link)}\"", page, StringComparison.Ordinal);
        Assert.Contains($"<p class=\"digits\">{await MailedCodeAsync(link)}</p>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("joao@reis.example", page, StringComparison.Ordinal);
        Assert.Contains("joao@reis.example", await PageAsync("/demo/mail"), StringComparison.Ordinal);
        Assert.Contains("No mail yet.", await PageAsync("/demo/mail?to=nobody@nowhere.example"), StringComparison.Ordinal);
        _isDemo = false;
        using var outside = await Http.GetAsync("/demo/mail", Ct);
        Assert.Equal(HttpStatusCode.NotFound, outside.StatusCode);
    }

    private bool _isDemo = true;

    protected override void Add(IServiceCollection services) => services.AddSingleton(Queries).AddTransient(_ => new DemoMode(_isDemo));

    protected override void Map(WebApplication app) => app.MapDemoMail();

    // As the job does when the mail server says no for good.
    private async Task BounceAsync(string to)
    {
        var done = await Door.RunAsync<Done>(new Command("mail.send", Sender.System("mail.send"), TenantScope.Of(Porto), Domain.Organization.Access.MemberOf(Porto), "mail", "test"), (context, _) =>
        {
            var client = context.Db.Clients.Single(c => c.Email == to);
            context.Db.Mails.Single(m => m.ClientId == client.Id).Bounced("The mail server refused it for good (550).", context.Now);
            return Task.FromResult<Result<Done>>(Done.It);
        }, Ct);
        Assert.Null(done.Refusal);
    }
}
