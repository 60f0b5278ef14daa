using System.Net;
using Npgsql;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Documents;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Door;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Agreements;

/// <summary>Withdrawing behind a client's link, by HTTP, with what it leaves in the database.</summary>
public sealed class WithdrawalTests(PostgresServer server) : ClientPagesTest(server)
{
    private static readonly Sender ReceiptJob = Sender.System("agreements.receipts");

    [Fact]
    public async Task Two_steps_lead_from_the_agreement_to_a_receipt_with_date_and_time()
    {
        var id = await ExecutedAsync();
        var (marta, joao) = (await LinkAsync(id, "p1"), await LinkAsync(id, "p2"));
        var page = await PageAsync(AddressOf(marta));
        Assert.Matches($"<a class=\"btn\" href=\"{AddressOf(marta)}/withdraw\">Withdraw from contract here</a>", page);
        page = await PageAsync(AddressOf(marta) + "/withdraw");
        Assert.Contains(">Confirm withdrawal</button>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        using (var nameless = await PressAsync(page, "", ("name", " ")))
        {
            Assert.Equal(HttpStatusCode.BadRequest, nameless.StatusCode);
            Assert.Contains("refuse.signing.name_missing", await nameless.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }

        var told = await SqlAsync("select count(*) from live.outbox where topic = 'AGREEMENT_CHANGED@1.0'");
        using (var confirmed = await PressAsync(page, "", ("name", "Marta Sousa"))) page = await PageAsync(Redirected(confirmed));
        Assert.Contains("Your withdrawal has arrived", page, StringComparison.Ordinal);
        Assert.Contains("The receipt is being made", page, StringComparison.Ordinal);
        Assert.Equal("Withdrawn", await SqlAsync("select state from agreements.agreements"));
        Assert.True((long)(await SqlAsync("select count(*) from live.outbox where topic = 'AGREEMENT_CHANGED@1.0'"))! > (long)told!);
        var letter = (await LastLetterAsync(marta)).Text;
        Assert.Contains("your withdrawal has arrived. It was received on", letter, StringComparison.Ordinal);
        Assert.Contains("Porto time", letter.Replace("Lisbon", "Porto", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("I withdraw from the agreement", letter, StringComparison.Ordinal);
        Assert.Contains("Marta Sousa has withdrawn", (await LastLetterAsync(joao)).Text, StringComparison.Ordinal);

        await Soon.DrainAsync(Ct);
        page = await PageAsync(AddressOf(joao) + "/withdraw");
        Assert.Contains("/receipt.pdf\"", page, StringComparison.Ordinal);
        using var receipt = await Http.GetAsync(AddressOf(marta) + "/receipt.pdf", Ct);
        Assert.Equal("application/pdf", receipt.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("withdrawal-receipt-porto-", receipt.Content.Headers.ContentDisposition?.FileName, StringComparison.Ordinal);
        Assert.Equal(1L, await SqlAsync("select count(*) from documents.fingerprints where kind = 'withdrawal'"));
        // What was agreed can still be read and fetched.
        Assert.Contains("This agreement was withdrawn from.", await PageAsync(AddressOf(marta)), StringComparison.Ordinal);
        using var document = await Http.GetAsync(AddressOf(marta) + "/document.pdf", Ct);
        Assert.Equal(HttpStatusCode.OK, document.StatusCode);
    }

    [Fact]
    public async Task Withdrawing_twice_or_both_at_once_is_one_withdrawal()
    {
        var id = await ExecutedAsync();
        var links = new[] { await LinkAsync(id, "p1"), await LinkAsync(id, "p2") };
        var input = new WithdrawalInput("Marta Sousa", "I withdraw.", "phone, Safari", "192.0.2.0/24");
        var both = await Task.WhenAll(links.SelectMany(l => new[] { l, l }).Select(l => Task.Run(() => Withdrawals.WithdrawAsync(l, input, Ct))));
        Assert.Single(both, r => !r.IsRefused);
        Assert.All(both.Where(r => r.IsRefused), r => Assert.Contains(r.Refusal!.Code, new[] { "refuse.withdrawal.already", "refuse.kernel.stale_write" }));
        Assert.Equal(1L, await SqlAsync("select count(*) from agreements.withdrawals"));
    }

    [Fact]
    public async Task After_its_last_day_and_before_it_is_executed_it_is_not_open_and_says_why()
    {
        var id = await SentAsync();
        var link = await LinkAsync(id, "p1");
        using (var early = await Http.GetAsync(AddressOf(link) + "/withdraw", Ct)) Assert.Equal(HttpStatusCode.Redirect, early.StatusCode);
        await SignAllAsync(id);
        var form = await PageAsync(AddressOf(link) + "/withdraw");
        await SqlAsync("set session_replication_role = replica; update agreements.signatures set signed_at = signed_at - interval '30 days'");
        Assert.DoesNotContain("Withdraw from contract here", await PageAsync(AddressOf(link)), StringComparison.Ordinal);
        Assert.Contains("refuse.withdrawal.too_late", await PageAsync(AddressOf(link) + "/withdraw", HttpStatusCode.Gone), StringComparison.Ordinal);
        using var late = await PressAsync(form, "", ("name", "Marta Sousa"));
        Assert.Equal(HttpStatusCode.Gone, late.StatusCode);
        Assert.Equal("InForce", await SqlAsync("select state from agreements.agreements"));
    }

    [Fact]
    public async Task Who_only_pays_is_not_offered_it()
    {
        var id = await SentAsync(Marta, Joao with { Role = PartyRole.Payer });
        await SignAllAsync(id);
        var payer = await LinkAsync(id, "p2");
        Assert.DoesNotContain("/withdraw\"", await PageAsync(AddressOf(payer)), StringComparison.Ordinal);
        Assert.Equal("refuse.withdrawal.not_a_client", (await Withdrawals.WithdrawAsync(payer, new("João", "I withdraw.", "", ""), Ct)).Refusal!.Code);
    }

    [Fact]
    public async Task Without_Chromium_it_counts_all_the_same_and_the_receipt_follows()
    {
        var id = await ExecutedAsync();
        PaperPrinter.Away = DocumentRefusals.PrinterUnavailable;
        Assert.Null((await Withdrawals.WithdrawAsync(await LinkAsync(id, "p1"), new("Marta Sousa", "I withdraw.", "", ""), Ct)).Refusal);
        await Soon.DrainAsync(Ct);
        Assert.Equal("refuse.document.printer_unavailable", (await Receipts.RunAsync(ReceiptJob, Ct)).Refusal!.Code);
        PaperPrinter.Away = null;
        Assert.True((await Receipts.RunAsync(ReceiptJob, Ct)).Value.DidSomething);
        Assert.False((await Receipts.RunAsync(ReceiptJob, Ct)).Value.DidSomething);
        Assert.Equal(1L, await SqlAsync("select count(*) from documents.files where kind = 'WithdrawalReceipt'"));
    }

    [Fact]
    public async Task A_withdrawal_never_changes_for_no_role_and_what_was_declared_goes_with_the_clients_key()
    {
        var id = await ExecutedAsync();
        var link = await LinkAsync(id, "p1");
        Assert.Null((await Withdrawals.WithdrawAsync(link, new("Marta Sousa", "I withdraw.", "", ""), Ct)).Refusal);
        foreach (var sql in new[] { "update agreements.withdrawals set version = 2", "delete from agreements.withdrawals", "truncate agreements.withdrawals" })
            Assert.Matches("^SV00[12]$", (await Assert.ThrowsAsync<PostgresException>(() => SqlAsync(sql))).SqlState);
        var client = new ClientId((Guid)(await SqlAsync("select client_id from agreements.withdrawals"))!);
        Assert.Null((await Clients.EraseAsync(Ana, Porto, client, "She asked.", Ct)).Refusal);
        var facts = await Door.ReadAsync<WithdrawalFacts>(PortoStaff, Infrastructure.Persistence.TenantScope.Of(Porto), Domain.Organization.Access.MemberOf(Porto), (db, _, ct) => Receipts.FactsAsync(db, id, ct), Ct);
        Assert.Equal("refuse.client.erased", facts.Refusal!.Code);
    }

    private async Task SignAllAsync(AgreementId id)
    {
        foreach (var party in new[] { "p1", "p2" }) Assert.Null((await SignAsync(await LinkAsync(id, party), "Typed name")).Refusal);
        await Soon.DrainAsync(Ct);
    }
}
